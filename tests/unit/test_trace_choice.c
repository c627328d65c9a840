// tests/unit/test_trace_choice.c - what is traced, in words
// SPDX-License-Identifier: MIT
// sources: kernel/trace_choice.c lib/fmt.c lib/string.c

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <kernel/trace.h>
#include <kernel/trace_choice.h>
#include <mm/fault_cause.h>

#define GROUP(name) (1u << TRACE_GROUP_##name)

static struct trace_choice after(u32 groups, const char *text)
{
    struct trace_choice choice = {.groups = groups};

    CHECK_EQ(trace_choice_parse(&choice, text), 0);
    return choice;
}

static const char *shown(const struct trace_choice *choice)
{
    static char text[400];

    trace_choice_print_groups(choice->groups, text, 200);
    strcat(text, " ");
    trace_choice_print_filters(choice, text + strlen(text), 200);
    return text;
}

static void check_shown(const char *written, const char *read)
{
    struct trace_choice choice = after(0, written);
    const char *text = shown(&choice);

    if (strcmp(text, read) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s, not %s", written, text, read);
}

TEST(groups)
{
    u32 much = GROUP(page) | GROUP(switch) | GROUP(irq) | GROUP(syscall);
    u32 all = ((1u << TRACE_GROUPS) - 1) & ~much;

    CHECK_EQ(after(GROUP(map), "fault,swap\n").groups,
             GROUP(fault) | GROUP(swap));
    CHECK_EQ(after(GROUP(map), "+cache").groups, GROUP(map) | GROUP(cache));
    CHECK_EQ(after(GROUP(map), "+cache,page").groups,
             GROUP(map) | GROUP(cache) | GROUP(page));
    CHECK_EQ(after(GROUP(map) | GROUP(page), "-page,map").groups, 0);
    CHECK_EQ(after(GROUP(page), "-page,+map,disk\n").groups,
             GROUP(map) | GROUP(disk));
    CHECK_EQ(after(GROUP(irq), "all").groups, all);
    CHECK_EQ(after(GROUP(irq), "+all").groups, all | GROUP(irq));
    CHECK_EQ(after(0, "all,-swap").groups, all & ~GROUP(swap));
    CHECK_EQ(after(~0u, "none").groups, 0);
    // Word by word, from the left.
    CHECK_EQ(after(0, " none  +irq\tfault +swap ").groups,
             GROUP(fault) | GROUP(swap));
}

TEST(filters)
{
    check_shown("pid=12,13+", "none pid=12,13+");
    check_shown("swap cause=9,10,9", "swap cause=9,10");
    check_shown("cause=0,17", "none cause=0,17");
    check_shown("address=0x08048000-0xa000000",
                "none address=0x08048000-0x0a000000");
    check_shown("pid=1 cause=2 address=0x0-0xffffffff fault",
                "fault pid=1 cause=2 address=0x00000000-0xffffffff");
    check_shown("pid=1 cause=2 pid=", "none cause=2");
    check_shown("pid=1 pid=2", "none pid=2");
    check_shown("pid=1 cause=2 address=0x1-0x2 address= cause= pid=",
                "none none");
}

TEST(refused_and_nothing_changed)
{
    static const char *const texts[] = {
        "",
        " \n",
        "faults",
        "fault,",
        ",fault",
        "fault,,swap",
        "fault, swap",
        "+",
        "+none",
        "none,fault",
        "nonefault",
        "fault pid",
        "pid=x",
        "pid=-1",
        "pid=1,",
        "pid=1+2",
        "pid=16777216",
        "pid=1,2,3,4,5,6,7,8,9",
        "cause=18",
        "cause=1-3",
        "cause=,",
        "address=0x1000",
        "address=0x1000-",
        "address=0x2000-0x1000",
        "address=0x1000-0x1000",
        "address=1000-2000",
        "address=0x0-0x100000000",
        "swap cause=1 pid=2 bogus",
        "Fault",
    };
    struct trace_choice before = after(0, "map pid=3+ cause=4");

    for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
        struct trace_choice choice = before;

        if (trace_choice_parse(&choice, texts[i]) != -EINVAL)
            test_fail(__FILE__, __LINE__, "taken: %s", texts[i]);
        CHECK(memcmp(&choice, &before, sizeof(choice)) == 0);
    }
}

static bool fault_passes(const struct trace_choice *choice, u32 address,
                         u32 cause)
{
    // Bits above the cause do not count.
    return trace_choice_passes(choice, TRACE_FAULT, address, 0,
                               cause | 0xffffffe0u);
}

TEST(what_passes)
{
    struct trace_choice choice = after(0, "cause=5,9 address=0x1000-0x3000");

    CHECK(fault_passes(&choice, 0x1000, 5));
    CHECK(fault_passes(&choice, 0x2fff, 9));
    CHECK(!fault_passes(&choice, 0x2000, 4));
    CHECK(!fault_passes(&choice, 0xfff, 5));
    CHECK(!fault_passes(&choice, 0x3000, 5));
    CHECK(trace_choice_passes(&choice, TRACE_SAMPLE, 0x2000, 0, 0));
    CHECK(!trace_choice_passes(&choice, TRACE_SAMPLE, 0x4000, 0, 0));
    CHECK(trace_choice_passes(&choice, TRACE_MAP, 0, 0x1001, 0));
    CHECK(!trace_choice_passes(&choice, TRACE_MAP, 0, 0x1000, 0));
    CHECK(trace_choice_passes(&choice, TRACE_MAP, 0x2000, 0x9000, 0));
    CHECK(!trace_choice_passes(&choice, TRACE_MAP, 0x3000, 0x9000, 0));
    CHECK(trace_choice_passes(&choice, TRACE_SWAP_IN, 0x9000, 0, 4));
    choice = after(0, "pid=1");
    CHECK(fault_passes(&choice, 0, 0));
}

TEST(pids)
{
    struct trace_choice choice = after(0, "pid=5,7+,7");
    bool children;

    CHECK(trace_choice_has_pid(&choice, 5, 5, &children) && !children);
    CHECK(trace_choice_has_pid(&choice, 6, 5, &children) && !children);
    CHECK(trace_choice_has_pid(&choice, 7, 7, &children) && children);
    CHECK(!trace_choice_has_pid(&choice, 6, 6, &children) && !children);
}

// What is shown, when it is written, makes what there was.
TEST(shown_is_written)
{
    for (u32 round = 0; round < TEST_ROUNDS / 10; round++) {
        struct trace_choice made = {.groups = test_random() &
                                              ((1u << TRACE_GROUPS) - 1)};
        struct trace_choice read = {.groups = test_random()};
        char text[400], *filters;

        made.filters = test_random_below(8);
        made.causes = test_random_below((1u << FAULT_CAUSES) - 1) + 1;
        made.start = test_random() / 2;
        made.end = made.start + 1 + test_random_below(1u << 30);
        made.pid_count = 1 + test_random_below(TRACE_CHOICE_PIDS);
        for (u32 i = 0; i < made.pid_count; i++) {
            made.pids[i].pid = (s32)test_random_below(TRACE_PID_MAX + 1);
            made.pids[i].children = test_random_below(2);
        }
        strcpy(text, shown(&made));
        // No filter at all is no word.
        filters = strstr(text, " none");
        if (filters)
            *filters = '\0';
        CHECK_EQ(trace_choice_parse(&read, text), 0);
        if (filters)
            *filters = ' ';
        CHECK(strcmp(shown(&read), text) == 0);
    }
}
