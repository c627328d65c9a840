// tests/unit/test_timers.c - which timer ticks, which measurement is believed
// sources: arch/x86/tick_choose.c arch/x86/tsc_choose.c arch/x86/ioapic_entry.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include "../../arch/x86/ioapic.h"
#include "../../arch/x86/ioapic_regs.h"
#include "../../arch/x86/timers.h"

TEST(ticks_of_known_machines)
{
    static const struct {
        struct tick_facts facts;
        enum tick_source first, then; // then: where the first does not come
    } cases[] = {
        // a PC of 2005; without time stamps; without anything but that
        {{.pic = 1,
          .local_apic = 1,
          .tsc = 1,
          .pit_pending = 1,
          .pit_counts = 1,
          .hpet = 1},
         TICK_PIT_PIC,
         TICK_LOCAL_APIC},
        {{.pic = 1}, TICK_PIT_PIC, TICK_NONE},
        {{.pic = 1, .tsc = 1, .pit_pending = 1, .pit_counts = 1},
         TICK_PIT_PIC,
         TICK_NONE},
        // a gated 8254; the same with the local APIC off
        {{.pic = 1, .local_apic = 1, .tsc = 1, .hpet = 1},
         TICK_LOCAL_APIC,
         TICK_HPET_PIC},
        {{.pic = 1, .tsc = 1, .hpet = 1}, TICK_HPET_PIC, TICK_NONE},
        // legacy-free; with an 8254 all the same; hardware-reduced
        {{.io_apic = 1, .local_apic = 1, .tsc = 1}, TICK_LOCAL_APIC, TICK_NONE},
        {{.io_apic = 1, .local_apic = 1, .tsc = 1, .pit_counts = 1, .hpet = 1},
         TICK_LOCAL_APIC,
         TICK_PIT_IO_APIC},
        {{.local_apic = 1, .tsc = 1}, TICK_LOCAL_APIC, TICK_NONE},
        // no time stamps and no 8259
        {{.io_apic = 1, .local_apic = 1, .hpet = 1},
         TICK_PIT_IO_APIC,
         TICK_HPET_IO_APIC},
        {{.local_apic = 1}, TICK_NONE, TICK_NONE},
        {{.tsc = 1, .pit_counts = 1, .hpet = 1}, TICK_NONE, TICK_NONE},
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        struct tick_facts facts = cases[i].facts;

        CHECK_EQ(tick_choose(&facts), cases[i].first);
        facts.failed = 1u << cases[i].first;
        CHECK_EQ(tick_choose(&facts), cases[i].then);
    }
}

// Whatever the facts: no source twice, and the search ends.
TEST(ticks_end)
{
    for (u32 bits = 0; bits < 128; bits++) {
        struct tick_facts facts = {
            .pic = bits & 1,
            .io_apic = bits & 2,
            .local_apic = bits & 4,
            .tsc = bits & 8,
            .pit_pending = bits & 16,
            .pit_counts = bits & 32,
            .hpet = bits & 64,
        };
        u32 steps = 0;

        for (;;) {
            enum tick_source source = tick_choose(&facts);

            if (source == TICK_NONE)
                break;
            CHECK(!(facts.failed & 1u << source));
            facts.failed |= 1u << source;
            CHECK(++steps < TICK_SOURCES);
        }
    }
}

static struct tsc_choice choose(u64 a, u64 b, u64 c)
{
    struct tsc_reference refs[] = {{"a", a}, {"b", b}, {"c", c}};
    struct tsc_choice choice;

    tsc_choose(refs, ARRAY_SIZE(refs), &choice);
    return choice;
}

static bool by(const struct tsc_choice *choice, const char *who,
               const char *check)
{
    if (!choice->by || strcmp(choice->by, who))
        return false;
    return check ? choice->check && !strcmp(choice->check, check)
                 : !choice->check;
}

TEST(tsc_examples)
{
    struct tsc_choice choice = choose(2000000000, 2000002000, 1999999000);

    CHECK(by(&choice, "a", "c")); // the nearest
    CHECK_EQ(choice.deviation_ppm, 0);
    choice = choose(2000000000, 2010000000, 0);
    CHECK(by(&choice, "a", "b"));
    CHECK_EQ(choice.deviation_ppm, 5000);
    choice = choose(1000000000, 2000000000, 2001000000); // a is wrong
    CHECK(by(&choice, "b", "c"));
    CHECK_EQ(choice.hz, 2000000000);
    choice = choose(1000000000, 2000000000, 3000000000); // nobody knows
    CHECK(by(&choice, "a", NULL));
    choice = choose(0, 0, 2000000000);
    CHECK(by(&choice, "c", NULL));
    choice = choose(0, 0, 0);
    CHECK(!choice.by && !choice.hz);
    choice = choose(~0ull, 999999, 100000000001ull); // nothing to believe
    CHECK(!choice.by && !choice.hz);
    choice = choose(1000000, 1000000, 0);
    CHECK(by(&choice, "a", "b"));
}

// By a model that compares all pairs in floating point.
TEST(tsc_random)
{
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        struct tsc_reference refs[5];
        struct tsc_choice choice;
        u64 base = 10000000ull * (1 + test_random_below(500));
        int expected = -1;

        for (u32 i = 0; i < 5; i++) {
            refs[i].name = "x";
            refs[i].hz = base + base / 1000 * test_random_below(40);
            if (test_random_below(4) == 0)
                refs[i].hz = 0;
        }
        for (int i = 0; i < 5 && expected < 0; i++)
            for (int j = 0; j < 5; j++) {
                double a = (double)refs[i].hz, b = (double)refs[j].hz;

                if (i != j && a && b &&
                    (a > b ? a - b : b - a) * 1e6 / a < TSC_AGREE_PPM + 1)
                    expected = i;
            }
        tsc_choose(refs, 5, &choice);
        CHECK_EQ(choice.check != NULL, expected >= 0);
        if (expected >= 0)
            CHECK_EQ(choice.hz, refs[expected].hz);
    }
}

TEST(io_apic_entries)
{
    enum {
        LOW = IOAPIC_ACTIVE_LOW,
        LEVEL = IOAPIC_LEVEL
    };
    static const struct {
        u8 polarity, trigger;
        bool elcr;
        u32 expected;
    } cases[] = {
        {PLATFORM_POLARITY_BUS, PLATFORM_TRIGGER_BUS, false, 0},
        {PLATFORM_POLARITY_BUS, PLATFORM_TRIGGER_BUS, true, LOW | LEVEL},
        {PLATFORM_ACTIVE_HIGH, PLATFORM_TRIGGER_BUS, true, LEVEL},
        {PLATFORM_ACTIVE_HIGH, PLATFORM_LEVEL, false, LEVEL},
        {PLATFORM_ACTIVE_LOW, PLATFORM_LEVEL, false, LOW | LEVEL},
        {PLATFORM_POLARITY_BUS, PLATFORM_LEVEL, false, LOW | LEVEL},
        {PLATFORM_ACTIVE_LOW, PLATFORM_EDGE, true, LOW},
        {PLATFORM_POLARITY_BUS, PLATFORM_EDGE, true, 0},
        {2, 2, false, 0}, // reserved
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        struct platform_irq line = {.polarity = cases[i].polarity,
                                    .trigger = cases[i].trigger};

        CHECK_EQ(ioapic_entry(&line, cases[i].elcr, 0x29),
                 cases[i].expected | 0x29);
    }
}
