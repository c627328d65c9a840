// kernel/cmdline.c - words of the kernel command line
// SPDX-License-Identifier: MIT
//
// The text stays as the boot loader gave it, in boot_info; each question walks
// it. Words are separated by blanks; of two with one name the last counts, so
// that what is appended overrides what is configured.

#include <kernel/cmdline.h>

#include <arch/init.h>
#include <base/bits.h>
#include <lib/string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *cmdline_text(void)
{
    return boot_info.cmdline;
}

#define LAST 0xffffffffu // as index

// find - the @index-th word called @name, or the last. *@out_bytes: of its
// value.
static const char *find_nth(const char *name, u32 index, size_t *out_bytes)
{
    const char *found = NULL;
    const char *word = boot_info.cmdline;

    for (;;) {
        const char *end;
        const char *rest;

        while (is_blank(*word))
            word++;
        if (!*word)
            return index == LAST ? found : NULL;
        for (end = word; *end && !is_blank(*end);)
            end++;
        rest = str_starts(word, name);
        if (rest && (rest == end || *rest == '=')) {
            found = rest == end ? rest : rest + 1;
            *out_bytes = (size_t)(end - found);
            if (index != LAST && index-- == 0)
                return found;
        }
        word = end;
    }
}

static const char *find(const char *name, size_t *out_bytes)
{
    return find_nth(name, LAST, out_bytes);
}

bool cmdline_get_nth(const char *name, u32 index, char *buf, size_t size)
{
    size_t bytes = 0;
    const char *value = find_nth(name, index, &bytes);

    bytes = min(bytes, size - 1);
    if (value)
        memcpy(buf, value, bytes);
    buf[value ? bytes : 0] = '\0';
    return value != NULL;
}

bool cmdline_get(const char *name, char *buf, size_t size)
{
    return cmdline_get_nth(name, LAST, buf, size);
}

bool cmdline_has(const char *name)
{
    size_t bytes;

    return find(name, &bytes) != NULL;
}

const char *cmdline_last_of(const char *one, const char *other)
{
    size_t bytes;
    const char *first = find(one, &bytes);
    const char *second = find(other, &bytes);

    if (first && second)
        return first > second ? one : other;
    if (first)
        return one;
    return second ? other : NULL;
}
