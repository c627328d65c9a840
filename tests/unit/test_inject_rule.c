// tests/unit/test_inject_rule.c - mm/inject_rule.c
// sources: mm/inject_rule.c lib/fmt.c lib/string.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <mm/inject_rule.h>

static struct inject_rule parsed(const char *text)
{
    struct inject_rule rule;

    CHECK_EQ(inject_parse(text, &rule), 0);
    return rule;
}

TEST(words)
{
    struct inject_rule rule = parsed("page nth=5 pid=123 times=2\n");

    CHECK_EQ(rule.classes, INJECT_PAGE);
    CHECK(rule.nth == 5 && rule.pid == 123 && rule.times == 2 && !rule.atomic);
    rule = parsed("  slab table\tevery=3 atomic ");
    CHECK_EQ(rule.classes, INJECT_SLAB | INJECT_TABLE);
    CHECK(rule.every == 3 && rule.times == 0 && rule.atomic);
    rule = parsed("all nth=1");
    CHECK_EQ(rule.classes, INJECT_PAGE | INJECT_SLAB);
    CHECK_EQ(rule.times, 1);
    CHECK_EQ(parsed("page nth=1 pause=20").pause_ms, 20);
    CHECK_EQ(parsed("off\n").classes, 0);
}

TEST(refused)
{
    static const char *const texts[] = {
        "",
        "nth=5",
        "page nth=0",
        "page nth=x",
        "page nth=5x",
        "page nth=",
        "page nth=4294967296",
        "page nth=1 every=2",
        "page permille=1001",
        "page seed=0",
        "page pid=-1",
        "pages",
        "off page",
        "page off",
        "page times=0",
        "page pause=0",
        "page pause=60001",
        "page pause=5 atomic",
        "page aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    struct inject_rule rule;

    for (u32 i = 0; i < ARRAY_SIZE(texts); i++)
        if (inject_parse(texts[i], &rule) != -EINVAL)
            test_fail(__FILE__, __LINE__, "taken: %s", texts[i]);
}

// The numbers of those of the first @count that fail, as bits.
static u32 failing(struct inject_rule *rule, u32 count)
{
    u32 bits = 0;

    for (u32 i = 0; i < count; i++)
        bits |= (u32)inject_decide(rule) << i;
    return bits;
}

TEST(which)
{
    struct inject_rule rule = parsed("page nth=3");

    CHECK_EQ(failing(&rule, 10), 1u << 2);
    CHECK(rule.seen == 10 && rule.hits == 1);
    rule = parsed("page nth=3 times=2");
    CHECK_EQ(failing(&rule, 10), 3u << 2);
    rule = parsed("page every=4");
    CHECK_EQ(failing(&rule, 12), 0x888);
    rule = parsed("page every=4 times=1");
    CHECK_EQ(failing(&rule, 12), 0x8);
    rule = parsed("page times=2");
    CHECK_EQ(failing(&rule, 12), 3);
    rule = parsed("page permille=1000");
    CHECK_EQ(failing(&rule, 12), 0xfff);
}

TEST(fraction)
{
    for (u32 permille = 1; permille <= 1000; permille += 111) {
        struct inject_rule rule = parsed("slab permille=1"), again;
        u32 expected = permille * 100;

        rule.permille = permille;
        rule.random = rule.seed = test_random() | 1;
        again = rule;
        for (u32 i = 0; i < TEST_ROUNDS; i++)
            CHECK_EQ(inject_decide(&rule), inject_decide(&again));
        // Within six standard deviations.
        CHECK(rule.hits < expected + 6 * 160 && rule.hits + 6 * 160 > expected);
    }
}

TEST(printed_and_parsed)
{
    static const char *const texts[] = {
        "off",
        "page nth=5 times=1 pid=123",
        "user table slab every=7",
        "page slab permille=10 seed=99 times=3 atomic",
    };
    struct inject_rule rule;
    char buf[128];

    for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
        rule = parsed(texts[i]);
        inject_print(&rule, buf, sizeof(buf));
        if (strcmp(buf, texts[i]) != 0)
            test_fail(__FILE__, __LINE__, "%s became %s", texts[i], buf);
    }
}
