// kernel/trace_groups.c - which trace points are on: trace=, /proc
// SPDX-License-Identifier: MIT
//
//   trace=fault,swap    at boot
//   trace=all           all but those that are much: switch, irq, syscall
//   trace=none

#include <kernel/trace.h>

#include <base/errno.h>
#include <kernel/cmdline.h>
#include <lib/string.h>

#define LOG_NAME "trace"
#include <kernel/log.h>

#define TEXT_BYTES 128u
#define MUCH                                                                   \
    (1u << TRACE_GROUP_switch | 1u << TRACE_GROUP_irq |                        \
     1u << TRACE_GROUP_syscall)

static const char *const names[TRACE_GROUPS] = {
#define X(name) #name,
    TRACE_GROUP_LIST(X)
#undef X
};

static bool is_word(const char *text, u32 bytes, const char *word)
{
    return strlen(word) == bytes && memcmp(text, word, bytes) == 0;
}

// parse_word - the groups that @bytes bytes of @text name. Return: 0; -EINVAL.
static int parse_word(const char *text, u32 bytes, u32 *groups)
{
    if (bytes == 0 || is_word(text, bytes, "none"))
        return 0;
    if (is_word(text, bytes, "all")) {
        *groups |= ((1u << TRACE_GROUPS) - 1) & ~MUCH;
        return 0;
    }
    for (u32 i = 0; i < TRACE_GROUPS; i++) {
        if (is_word(text, bytes, names[i])) {
            *groups |= 1u << i;
            return 0;
        }
    }
    return -EINVAL;
}

int trace_parse_groups(const char *text, u32 *out)
{
    u32 groups = 0, start = 0;

    for (u32 i = 0;; i++) {
        if (text[i] != ',' && text[i] != '\n' && text[i] != '\0')
            continue;
        if (parse_word(text + start, i - start, &groups))
            return -EINVAL;
        if (!text[i])
            break;
        start = i + 1;
    }
    *out = groups;
    return 0;
}

void trace_init(void)
{
    char text[TEXT_BYTES];
    u32 groups;
    int err;

    if (!cmdline_get("trace", text, sizeof(text)))
        return;
    err = trace_parse_groups(text, &groups);
    if (!err)
        err = trace_set(groups);
    if (err)
        log_err("trace=%s: error=%d", text, err);
    else
        log_info("groups=%s", text);
}
