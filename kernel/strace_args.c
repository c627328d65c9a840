// kernel/strace_args.c - arguments of a call, as text
// SPDX-License-Identifier: MIT
//
// Letters of a row in kernel/syscall.c, one an argument:
//
//   d  a number                    x  flags           o  a mode
//   f  a descriptor                s  a signal        p  a string
//   w  bytes, the next argument says how many         a  strings
//   m  a set of signals            t, j  a time of 32, 64 bits
//   P  any other address
//
// and what the call writes, shown when it has: r bytes, as many as it returned;
// i a number; 2 two numbers.

#include <asm/posix_types.h>
#include <kernel/uaccess.h>
#include <linux/fcntl.h>
#include <linux/time.h>

#include "strace_internal.h"

#define SHOWN_BYTES   32u // of a string or buffer
#define SHOWN_STRINGS 4u

static const void __user *user_at(u32 address)
{
    return (const void __user *)(uintptr_t)address;
}

static void put_char(struct strace_call *trace, u8 c)
{
    if (c == '\n')
        strace_put(trace, "\\n");
    else if (c == '"' || c == '\\')
        strace_put(trace, "\\%c", c);
    else if (c < ' ' || c > '~')
        strace_put(trace, "\\x%02x", c);
    else
        strace_put(trace, "%c", c);
}

// put_bytes - up to @bytes of them; of a string, up to its NUL.
static void put_bytes(struct strace_call *trace, u32 address, u32 bytes,
                      bool is_string)
{
    u32 shown = min(bytes, SHOWN_BYTES), i;
    u8 c = 0;

    if (copy_from_user(&c, user_at(address), 1)) {
        strace_put(trace, "%#x", address);
        return;
    }
    strace_put(trace, "\"");
    for (i = 0; i < shown; i++) {
        if (copy_from_user(&c, user_at(address + i), 1) || (is_string && !c))
            break;
        put_char(trace, c);
    }
    strace_put(trace, i == shown && bytes > shown ? "\"..." : "\"");
}

static void put_strings(struct strace_call *trace, u32 address)
{
    u32 string = 0, i;

    if (copy_from_user(&string, user_at(address), sizeof(string))) {
        strace_put(trace, "%#x", address);
        return;
    }
    strace_put(trace, "[");
    for (i = 0; i < SHOWN_STRINGS && string; i++) {
        strace_put(trace, i ? ", " : "");
        put_bytes(trace, string, SHOWN_BYTES + 1, true);
        address += sizeof(string);
        if (copy_from_user(&string, user_at(address), sizeof(string)))
            break;
    }
    strace_put(trace, string ? ", ...]" : "]");
}

static void put_time(struct strace_call *trace, u32 address, bool is_64)
{
    s32 words[4] = {0};

    if (!address ||
        copy_from_user(words, user_at(address), is_64 ? sizeof(words) : 8))
        strace_put(trace, "%#x", address);
    else
        strace_put(trace, "{%d s, %d ns}", words[0], words[is_64 ? 2 : 1]);
}

// As many numbers of 32 bits, in hexadecimal when they are a set.
static void put_words(struct strace_call *trace, u32 address, u32 count,
                      bool is_set)
{
    u32 words[2];

    if (!address || copy_from_user(words, user_at(address), count * 4))
        strace_put(trace, "%#x", address);
    else if (is_set)
        strace_put(trace, "{%08x%08x}", words[1], words[0]);
    else if (count == 2)
        strace_put(trace, "[%d, %d]", (s32)words[0], (s32)words[1]);
    else
        strace_put(trace, "[%d]", (s32)words[0]);
}

static bool is_written(char kind)
{
    return kind == 'r' || kind == 'i' || kind == '2';
}

static void put_written(struct strace_call *trace, char kind, u32 value,
                        s32 result)
{
    if (result < 0 || !value)
        strace_put(trace, "%#x", value);
    else if (kind == 'r')
        put_bytes(trace, value, (u32)result, false);
    else
        put_words(trace, value, kind == '2' ? 2 : 1, false);
}

static void put_given(struct strace_call *trace, char kind, u32 value)
{
    u32 next = trace->next + 1;

    switch (kind) {
    case 'd': strace_put(trace, "%d", (s32)value); return;
    case 'o': strace_put(trace, "0%o", value); return;
    case 'f':
        if (value == (u32)AT_FDCWD)
            strace_put(trace, "AT_FDCWD");
        else
            strace_put(trace, "%d", (s32)value);
        return;
    case 's': strace_put_signal(trace, value); return;
    case 'p': put_bytes(trace, value, SHOWN_BYTES + 1, true); return;
    case 'w':
        put_bytes(trace, value, next < STRACE_ARGS ? trace->args[next] : 0,
                  false);
        return;
    case 'a': put_strings(trace, value); return;
    case 'm': put_words(trace, value, 2, true); return;
    case 't':
    case 'j': put_time(trace, value, kind == 'j'); return;
    default: strace_put(trace, "%#x", value); return;
    }
}

void strace_put_arguments(struct strace_call *trace, const s32 *result)
{
    for (; *trace->kinds && trace->next < STRACE_ARGS; trace->kinds++) {
        char kind = *trace->kinds;
        u32 value = trace->args[trace->next];

        if (is_written(kind) && !result)
            return;
        if (trace->next)
            strace_put(trace, ", ");
        if (is_written(kind))
            put_written(trace, kind, value, *result);
        else
            put_given(trace, kind, value);
        trace->next++;
    }
}
