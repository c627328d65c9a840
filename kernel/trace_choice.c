// kernel/trace_choice.c - what is traced, in words [P]
// SPDX-License-Identifier: MIT

#include <kernel/trace_choice.h>

#include <base/errno.h>
#include <kernel/trace.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/fault_cause.h>

#define ALL_GROUPS ((1u << TRACE_GROUPS) - 1)
#define MUCH                                                                   \
    (1u << TRACE_GROUP_page | 1u << TRACE_GROUP_switch |                       \
     1u << TRACE_GROUP_irq | 1u << TRACE_GROUP_syscall)
#define CAUSE_MASK ((1u << (TRACE_FAULT_ACCESS_SHIFT)) - 1)

static_assert(TRACE_GROUPS < 32 && FAULT_CAUSES <= CAUSE_MASK + 1, "bits");

static const char *const names[TRACE_GROUPS] = {
#define X(name) #name,
    TRACE_GROUP_LIST(X)
#undef X
};

static const char *const filter_words[] = {
    [TRACE_FILTER_PID] = "pid=",
    [TRACE_FILTER_CAUSE] = "cause=",
    [TRACE_FILTER_ADDRESS] = "address=",
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_end(char c)
{
    return c == '\0' || is_blank(c);
}

// ---- groups -----------------------------------------------------------------

// The groups that the @bytes bytes at @text name. Return: 0: none does.
static u32 groups_named(const char *text, u32 bytes)
{
    if (bytes == 3 && memcmp(text, "all", 3) == 0)
        return ALL_GROUPS & ~MUCH;
    for (u32 i = 0; i < TRACE_GROUPS; i++)
        if (strlen(names[i]) == bytes && memcmp(text, names[i], bytes) == 0)
            return 1u << i;
    return 0;
}

static bool is_none(const char *text)
{
    const char *end = str_starts(text, "none");

    return end && is_end(*end);
}

// parse_groups - the word at *@text, which moves behind it.
static int parse_groups(const char **text, struct trace_choice *choice)
{
    const char *at = *text;
    char sign = *at;

    if (sign != '+' && sign != '-')
        choice->groups = 0;
    if (is_none(at)) {
        *text = at + strlen("none");
        return 0;
    }
    for (;; at++) { // over the comma
        u32 bytes = 0, found;

        if (*at == '+' || *at == '-')
            sign = *at++;
        while (!is_end(at[bytes]) && at[bytes] != ',')
            bytes++;
        found = groups_named(at, bytes);
        if (!found)
            return -EINVAL;
        if (sign == '-')
            choice->groups &= ~found;
        else
            choice->groups |= found;
        at += bytes;
        if (is_end(*at))
            break;
    }
    *text = at;
    return 0;
}

// ---- filters ----------------------------------------------------------------

// parse_number - of up to @max at *@text, which moves behind it.
static int parse_number(const char **text, u32 base, u32 max, u32 *out)
{
    u64 number;

    if (str_to_u64(*text, base, &number, text) || number > max)
        return -EINVAL;
    *out = (u32)number;
    return 0;
}

static int parse_pids(const char **text, struct trace_choice *choice)
{
    for (u32 i = 0;; (*text)++) {
        u32 pid;

        if (i == TRACE_CHOICE_PIDS ||
            parse_number(text, 10, TRACE_PID_MAX, &pid))
            return -EINVAL;
        choice->pids[i].pid = (s32)pid;
        choice->pids[i].children = **text == '+';
        *text += choice->pids[i].children;
        choice->pid_count = ++i;
        if (**text != ',')
            return 0;
    }
}

static int parse_causes(const char **text, struct trace_choice *choice)
{
    choice->causes = 0;
    for (;; (*text)++) {
        u32 cause;

        if (parse_number(text, 10, FAULT_CAUSES - 1, &cause))
            return -EINVAL;
        choice->causes |= 1u << cause;
        if (**text != ',')
            return 0;
    }
}

static int parse_address(const char **text, u32 *out)
{
    const char *digits = str_starts(*text, "0x");

    if (!digits)
        return -EINVAL;
    *text = digits;
    return parse_number(text, 16, 0xffffffffu, out);
}

static int parse_range(const char **text, struct trace_choice *choice)
{
    if (parse_address(text, &choice->start) || **text != '-')
        return -EINVAL;
    (*text)++;
    return parse_address(text, &choice->end) || choice->start >= choice->end
               ? -EINVAL
               : 0;
}

// parse_filter - what is behind `pid=` and its like.
static int parse_filter(const char **text, enum trace_filter filter,
                        struct trace_choice *choice)
{
    choice->filters &= ~(1u << filter);
    if (is_end(**text))
        return 0;
    choice->filters |= 1u << filter;
    switch (filter) {
    case TRACE_FILTER_PID: return parse_pids(text, choice);
    case TRACE_FILTER_CAUSE: return parse_causes(text, choice);
    case TRACE_FILTER_ADDRESS: return parse_range(text, choice);
    }
    return -EINVAL;
}

static int parse_word(const char **text, struct trace_choice *choice)
{
    for (u32 i = 0; i < ARRAY_SIZE(filter_words); i++) {
        const char *behind = str_starts(*text, filter_words[i]);

        if (!behind)
            continue;
        *text = behind;
        return parse_filter(text, (enum trace_filter)i, choice);
    }
    return parse_groups(text, choice);
}

int trace_choice_parse(struct trace_choice *choice, const char *text)
{
    struct trace_choice changed = *choice;
    u32 words = 0;

    for (;; words++) {
        while (is_blank(*text))
            text++;
        if (!*text)
            break;
        if (parse_word(&text, &changed) || !is_end(*text))
            return -EINVAL;
    }
    if (!words)
        return -EINVAL;
    *choice = changed;
    return 0;
}

// ---- shown ------------------------------------------------------------------

struct words {
    char *buf;
    size_t size, used;
};

static __printf(2, 3) void put(struct words *to, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    to->used += (size_t)fmt_vprint(to->buf + to->used, to->size - to->used,
                                   format, args);
    va_end(args);
    if (to->used >= to->size) // cut off
        to->used = to->size - 1;
}

void trace_choice_print_groups(u32 groups, char *buf, size_t size)
{
    struct words to = {buf, size, 0};

    if (!(groups & ALL_GROUPS))
        put(&to, "none");
    for (u32 i = 0; i < TRACE_GROUPS; i++)
        if (groups & 1u << i)
            put(&to, "%s%s", to.used ? "," : "", names[i]);
}

static void put_pids(struct words *to, const struct trace_choice *choice)
{
    for (u32 i = 0; i < choice->pid_count; i++)
        put(to, "%s%d%s", i ? "," : "", choice->pids[i].pid,
            choice->pids[i].children ? "+" : "");
}

static void put_causes(struct words *to, u32 causes)
{
    const char *comma = "";

    for (u32 i = 0; i < FAULT_CAUSES; i++) {
        if (!(causes & 1u << i))
            continue;
        put(to, "%s%u", comma, i);
        comma = ",";
    }
}

void trace_choice_print_filters(const struct trace_choice *choice, char *buf,
                                size_t size)
{
    struct words to = {buf, size, 0};

    if (!choice->filters)
        put(&to, "none");
    for (u32 i = 0; i < ARRAY_SIZE(filter_words); i++) {
        if (!(choice->filters & 1u << i))
            continue;
        put(&to, "%s%s", to.used ? " " : "", filter_words[i]);
        switch ((enum trace_filter)i) {
        case TRACE_FILTER_PID: put_pids(&to, choice); break;
        case TRACE_FILTER_CAUSE: put_causes(&to, choice->causes); break;
        case TRACE_FILTER_ADDRESS:
            put(&to, "0x%08x-0x%08x", choice->start, choice->end);
            break;
        }
    }
}

// ---- asked ------------------------------------------------------------------

static bool has(const struct trace_choice *choice, enum trace_filter filter)
{
    return choice->filters & 1u << filter;
}

bool trace_choice_passes(const struct trace_choice *choice,
                         enum trace_type type, u32 a, u32 b, u32 e)
{
    bool has_address = type == TRACE_FAULT || type == TRACE_SAMPLE;

    if (has(choice, TRACE_FILTER_CAUSE) && type == TRACE_FAULT &&
        !(choice->causes & 1u << (e & CAUSE_MASK)))
        return false;
    if (!has(choice, TRACE_FILTER_ADDRESS))
        return true;
    if (type == TRACE_MAP) // from a to b
        return a < choice->end && b > choice->start;
    return !has_address || (a >= choice->start && a < choice->end);
}

bool trace_choice_has_pid(const struct trace_choice *choice, s32 pid, s32 tgid,
                          bool *children)
{
    bool found = false;

    *children = false;
    for (u32 i = 0; i < choice->pid_count; i++) {
        if (choice->pids[i].pid != pid && choice->pids[i].pid != tgid)
            continue;
        found = true;
        *children |= choice->pids[i].children;
    }
    return found;
}
