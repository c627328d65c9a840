// mm/inject_rule.c - which allocations are to fail [P]
// SPDX-License-Identifier: MIT

#include <mm/inject_rule.h>

#include <base/errno.h>
#include <lib/fmt.h>
#include <lib/string.h>

#define PERMILLE     1000u
#define SEED_DEFAULT 1u
#define WORD_BYTES   32u
#define PAUSE_MAX_MS 60000u

static const struct {
    const char *name;
    u32 classes;
} class_words[] = {
    {"page", INJECT_PAGE},
    {"user", INJECT_USER},
    {"table", INJECT_TABLE},
    {"slab", INJECT_SLAB},
    {"all", INJECT_PAGE | INJECT_SLAB},
};

static bool parse_class(const char *word, struct inject_rule *rule)
{
    for (u32 i = 0; i < ARRAY_SIZE(class_words); i++) {
        if (strcmp(word, class_words[i].name) == 0) {
            rule->classes |= class_words[i].classes;
            return true;
        }
    }
    return false;
}

// `name=number` with @min <= number <= @max.
static bool parse_number(const char *word, const char *name, u32 min, u32 max,
                         u32 *out)
{
    const char *digits = str_starts(word, name), *end;
    u64 number;

    if (!digits || *digits != '=' ||
        str_to_u64(digits + 1, 10, &number, &end) || *end || number < min ||
        number > max)
        return false;
    *out = (u32)number;
    return true;
}

static bool parse_word(const char *word, struct inject_rule *rule)
{
    u32 pid;

    if (parse_number(word, "pid", 1, 0x7fffffffu, &pid)) {
        rule->pid = (s32)pid;
        return true;
    }
    if (strcmp(word, "atomic") == 0) {
        rule->atomic = true;
        return true;
    }
    return parse_class(word, rule) ||
           parse_number(word, "nth", 1, ~0u, &rule->nth) ||
           parse_number(word, "every", 1, ~0u, &rule->every) ||
           parse_number(word, "permille", 1, PERMILLE, &rule->permille) ||
           parse_number(word, "seed", 1, ~0u, &rule->seed) ||
           parse_number(word, "times", 1, ~0u, &rule->times) ||
           parse_number(word, "pause", 1, PAUSE_MAX_MS, &rule->pause_ms);
}

// The next word of @text, or "" at the end. Return: what follows it; NULL: it
// is too long for any that we know.
static const char *next_word(const char *text, char *word)
{
    u32 length = 0;

    while (*text == ' ' || *text == '\n' || *text == '\t')
        text++;
    while (*text && *text != ' ' && *text != '\n' && *text != '\t') {
        if (length == WORD_BYTES - 1)
            return NULL;
        word[length++] = *text++;
    }
    word[length] = '\0';
    return text;
}

int inject_parse(const char *text, struct inject_rule *rule)
{
    char word[WORD_BYTES];
    bool off = false, any = false;

    *rule = (struct inject_rule){.seed = SEED_DEFAULT};
    for (;;) {
        text = next_word(text, word);
        if (!text)
            return -EINVAL;
        if (!word[0])
            break;
        if (any && off)
            return -EINVAL;
        off = strcmp(word, "off") == 0;
        if ((off && any) || (!off && !parse_word(word, rule)))
            return -EINVAL;
        any = true;
    }
    if (off)
        return 0;
    if (!rule->classes || !!rule->nth + !!rule->every + !!rule->permille > 1)
        return -EINVAL;
    if (rule->atomic && rule->pause_ms)
        return -EINVAL;
    if (rule->nth && !rule->times)
        rule->times = 1;
    rule->random = rule->seed;
    return 0;
}

// Xorshift, period 2^32 - 1. Source: Marsaglia, J. Stat. Software 8 (2003).
static u32 next_random(struct inject_rule *rule)
{
    u32 x = rule->random;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    rule->random = x;
    return x;
}

static bool chosen(struct inject_rule *rule)
{
    if (rule->nth)
        return rule->seen >= rule->nth;
    if (rule->every)
        return rule->seen % rule->every == 0;
    if (rule->permille)
        return next_random(rule) % PERMILLE < rule->permille;
    return true;
}

bool inject_decide(struct inject_rule *rule)
{
    rule->seen++;
    if (rule->times && rule->hits >= rule->times)
        return false;
    if (!chosen(rule))
        return false;
    rule->hits++;
    return true;
}

static void add(char *buf, size_t size, const char *name, u32 number)
{
    size_t used = strlen(buf);

    if (number)
        fmt_print(buf + used, size - used, " %s=%u", name, number);
}

void inject_print(const struct inject_rule *rule, char *buf, size_t size)
{
    size_t used = 0;

    buf[0] = '\0';
    if (!rule->classes) {
        str_copy(buf, "off", size);
        return;
    }
    for (u32 i = 0; i + 1 < ARRAY_SIZE(class_words); i++) {
        if (!(rule->classes & class_words[i].classes))
            continue;
        fmt_print(buf + used, size - used, "%s%s", used ? " " : "",
                  class_words[i].name);
        used = strlen(buf);
    }
    add(buf, size, "nth", rule->nth);
    add(buf, size, "every", rule->every);
    add(buf, size, "permille", rule->permille);
    if (rule->permille)
        add(buf, size, "seed", rule->seed);
    add(buf, size, "times", rule->times);
    add(buf, size, "pid", (u32)rule->pid);
    add(buf, size, "pause", rule->pause_ms);
    used = strlen(buf);
    if (rule->atomic)
        fmt_print(buf + used, size - used, " atomic");
}
