// tests/unit/test_clock_scale.c - the sum that kernel and vDSO do of the time
// sources: kernel/clock_scale.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <base/bits.h>
#include <kernel/clock_scale.h>
#include <kernel/vdso_data.h>

#define NS_PER_SEC 1000000000ull

// Up to here mult is rounded down.
#define ROUNDED_DOWN_KHZ 0x80000000u

static const u32 speeds_khz[] = {
    1,           1000,       33333,       66000,      999999,  1000000,
    1000001,     2400000,    4294967,     4294968,    9999999, ROUNDED_DOWN_KHZ,
    2147483649u, 2147488000, 4000000000u, 0xffffffffu};

static void check_a_minute(u32 khz)
{
    // The longest that is looked at in one step.
    u64 minute_ns = 60 * NS_PER_SEC, ns;
    u32 mult, shift;

    clock_scale_choose(khz, &mult, &shift);
    CHECK(shift < 32);
    ns = clock_scale_ns((u64)khz * 60000, mult, shift);
    CHECK(ns >= minute_ns - minute_ns / 1000000);
    CHECK(ns <= minute_ns + (khz > ROUNDED_DOWN_KHZ ? minute_ns / 1000000 : 0));
}

// random_speed - of any size.
static u32 random_speed(void)
{
    u32 khz = test_random() >> test_random_below(32);

    return khz ? khz : 1;
}

TEST(right_to_one_part_in_a_million)
{
    for (u32 i = 0; i < ARRAY_SIZE(speeds_khz); i++)
        check_a_minute(speeds_khz[i]);
    for (u32 round = 0; round < TEST_ROUNDS; round++)
        check_a_minute(random_speed());
}

TEST(the_programs_sum_is_the_kernels)
{
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        u32 khz = random_speed(), mult, shift;
        u32 most = khz < 4294967 ? khz * 1000 : 4294967000u;
        u32 cycles = test_random_below(most);

        clock_scale_choose(khz, &mult, &shift);
        CHECK_EQ(vdso_cycles_ns(cycles, mult, shift),
                 clock_scale_ns(cycles, mult, shift));
        CHECK(vdso_cycles_ns(most - 1, mult, shift) < NS_PER_SEC);
    }
}

TEST(seconds_are_carried)
{
    struct vdso_time t = {.seconds = 0xffffffffu, .nanoseconds = 999999999};

    vdso_time_add(&t, 1);
    CHECK_EQ(t.seconds, 0);
    CHECK_EQ(t.seconds_high, 1);
    CHECK_EQ(t.nanoseconds, 0);
    vdso_time_add(&t, 3 * NS_PER_SEC - 1);
    CHECK_EQ(t.seconds, 2);
    CHECK_EQ(t.nanoseconds, 999999999);
    vdso_time_add(&t, 0);
    CHECK_EQ(t.seconds, 2);
}

struct clock {
    u32 mult, shift;
    u64 base_cycles, base_ns; // the kernel's
    struct vdso_time vdso;    // the programs'
};

static u64 by_kernel(const struct clock *c, u64 now)
{
    return c->base_ns + clock_scale_ns(now - c->base_cycles, c->mult, c->shift);
}

static u64 by_program(const struct clock *c, u64 now)
{
    u64 seconds = (u64)c->vdso.seconds_high << 32 | c->vdso.seconds;
    u32 cycles = (u32)(now - c->base_cycles);

    return seconds * NS_PER_SEC + c->vdso.nanoseconds +
           vdso_cycles_ns(cycles, c->mult, c->shift);
}

// Ticks at any moment, also two at once, and readers before and behind. What a
// tick cuts off does not add up: time is that of one long sum, to 1 ns, which
// is what stamps are made times of (time_stamp_ns).
TEST(time_never_goes_back_and_is_the_same_for_all)
{
    for (u32 i = 0; i < ARRAY_SIZE(speeds_khz); i++) {
        struct clock c = {.base_ns = 0};
        u32 tick = min(speeds_khz[i], 4294967u) * 20; // cycles of 20 ms
        u64 now = 0, last = 0;

        clock_scale_choose(speeds_khz[i], &c.mult, &c.shift);
        for (u32 round = 0; round < TEST_ROUNDS; round++) {
            u64 ns;

            now += test_random_below(test_random_one_in(2) ? 5 : tick);
            ns = by_program(&c, now);
            CHECK_EQ(ns, by_kernel(&c, now));
            CHECK(ns >= last);
            CHECK(clock_scale_ns(now, c.mult, c.shift) - ns <= 1);
            last = ns;
            if (now - c.base_cycles > tick || test_random_one_in(3)) {
                ns = clock_scale_ns(now, c.mult, c.shift) - c.base_ns;
                c.base_ns += ns;
                vdso_time_add(&c.vdso, ns);
                c.base_cycles = now;
            }
        }
    }
}
