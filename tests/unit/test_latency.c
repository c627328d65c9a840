// tests/unit/test_latency.c - buckets of powers of two
// SPDX-License-Identifier: MIT
// sources: mm/latency.c

#include "harness.h"

#include <string.h>

#include <mm/latency.h>

#define TIMES_MAX 400u

static u32 buckets[LATENCY_BUCKETS];

static int compare(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;

    return x < y ? -1 : x > y;
}

// Any length, and any number of bits equally often.
static u64 random_time(void)
{
    u64 time = (u64)test_random() << 32 | test_random();

    time >>= test_random_below(63);
    return time > 1 ? time : 2;
}

TEST(each_power_begins_one)
{
    for (u32 n = 0; n < LATENCY_BUCKETS; n++) {
        u64 begin = 1ull << n;

        CHECK_EQ(latency_bucket(begin), n);
        CHECK_EQ(latency_bucket(begin | (begin - 1)), n);
        CHECK(latency_end(n) - 1 >= begin);
    }
    CHECK_EQ(latency_bucket(0), 0);
    CHECK_EQ(latency_end(0), 2);
    CHECK_EQ(latency_end(LATENCY_BUCKETS - 1), ~0ull);
}

// By comparing, one after the other.
static u32 bucket_of(u64 time)
{
    u32 n = 0;

    while (n < LATENCY_BUCKETS - 1 && time >= latency_end(n))
        n++;
    return n;
}

TEST(as_a_simple_model)
{
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        u64 time = random_time();

        CHECK_EQ(latency_bucket(time), bucket_of(time));
    }
}

// Sorted, the one that so many of 1000 are not longer than.
static u64 percentile_of(u64 *times, u32 count, u32 permille)
{
    u32 rank = (u32)(((u64)count * permille + 999) / 1000);

    qsort(times, count, sizeof(*times), compare);
    return times[rank ? rank - 1 : 0];
}

TEST(percentiles)
{
    static u64 times[TIMES_MAX];
    static const u32 asked[] = {1, 10, 500, 900, 990, 999, 1000};

    for (u32 round = 0; round < TEST_ROUNDS / 100; round++) {
        u32 count = 1 + test_random_below(TIMES_MAX);

        memset(buckets, 0, sizeof(buckets));
        for (u32 i = 0; i < count; i++) {
            times[i] = random_time();
            buckets[latency_bucket(times[i])]++;
        }
        buckets[0] = test_random_below(10); // not timed: of no weight
        for (u32 i = 0; i < ARRAY_SIZE(asked); i++) {
            u64 time = percentile_of(times, count, asked[i]);

            CHECK_EQ(latency_percentile(buckets, asked[i]),
                     latency_end(bucket_of(time)));
        }
        CHECK_EQ(latency_count(buckets), count + buckets[0]);
    }
}

TEST(nothing_was_timed)
{
    memset(buckets, 0, sizeof(buckets));
    CHECK_EQ(latency_count(buckets), 0);
    CHECK_EQ(latency_percentile(buckets, 500), 0);
    buckets[0] = 7;
    CHECK_EQ(latency_count(buckets), 7);
    CHECK_EQ(latency_percentile(buckets, 500), 0);
}

TEST(counts_go_round)
{
    memset(buckets, 0, sizeof(buckets));
    buckets[5] = buckets[6] = 0xffffffff;
    CHECK_EQ(latency_count(buckets), 0xfffffffe);
    CHECK_EQ(latency_percentile(buckets, 500), latency_end(5));
    CHECK_EQ(latency_percentile(buckets, 501), latency_end(6));
}
