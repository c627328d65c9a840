// tests/unit/test_ext2_bitmap.c - fs/ext2/bitmap.c
// sources: fs/ext2/bitmap.c
// SPDX-License-Identifier: MIT
//
// The bitmap has exactly the bytes that its bits need, so that the sanitizer
// sees reads beyond.

#include "harness.h"

#include <string.h>

#include <base/bits.h>

#include "../../fs/ext2/bitmap.h"

#define BITS_MAX 4096u

static u8 *map;
static u32 bits;
static bool model[BITS_MAX];

static void start(u32 count)
{
    free(map);
    bits = count;
    map = calloc(1, (bits + 7) / 8);
    CHECK(map);
    memset(model, 0, sizeof(model));
}

static void set(u32 from, u32 count)
{
    CHECK_EQ(ext2_bitmap_set(map, from, count), 0);
    memset(model + from, true, count);
}

TEST(goal_first)
{
    u32 at;

    start(256);
    CHECK_EQ(ext2_bitmap_find(map, bits, 100, 8, &at), 8);
    CHECK_EQ(at, 100);
    set(100, 3);
    CHECK_EQ(ext2_bitmap_find(map, bits, 100, 1, &at), 1);
    CHECK_EQ(at, 103); // just behind it
}

TEST(room_to_grow)
{
    u32 at;

    start(1024);
    set(0, 200);
    set(201, 16); // a lonely bit at 200, far behind the goal
    CHECK_EQ(ext2_bitmap_find(map, bits, 100, 4, &at), 4);
    CHECK_EQ(at, 224);
}

TEST(wraps_and_fills)
{
    u32 at;

    start(77);
    set(10, 67);
    CHECK_EQ(ext2_bitmap_find(map, bits, 50, 20, &at), 10);
    CHECK_EQ(at, 0);
    set(0, 10);
    CHECK_EQ(ext2_bitmap_find(map, bits, 76, 1, &at), 0);
    CHECK_EQ(ext2_bitmap_find(map, bits, 0, 1, &at), 0);
}

TEST(wrong_is_counted)
{
    start(64);
    set(8, 8);
    CHECK_EQ(ext2_bitmap_set(map, 4, 8), 4);
    CHECK_EQ(ext2_bitmap_clear(map, 0, 16), 4);
}

static u32 clear_in_model(void)
{
    u32 count = 0, i;

    for (i = 0; i < bits; i++)
        count += !model[i];
    return count;
}

TEST(against_a_model)
{
    u32 round, at, count, want, i;

    for (round = 0; round < TEST_ROUNDS; round++) {
        if (round % 5000 == 0)
            start(1 + test_random_below(BITS_MAX));
        want = 1 + test_random_below(16);
        if (test_random_one_in(3)) {
            at = test_random_below(bits);
            count = min(want, bits - at);
            for (i = at; i < at + count && model[i]; i++)
                ;
            count = i - at;
            CHECK_EQ(ext2_bitmap_clear(map, at, count), 0);
            memset(model + at, false, count);
            continue;
        }
        i = test_random_below(bits);
        count = ext2_bitmap_find(map, bits, i, want, &at);
        CHECK(count <= want);
        CHECK((count != 0) == (clear_in_model() != 0));
        if (!count)
            continue;
        CHECK(at + count <= bits);
        if (!model[i])
            CHECK_EQ(at, i);
        for (i = at; i < at + count; i++)
            CHECK(!model[i]);
        if (count < want)
            CHECK(i == bits || model[i]);
        set(at, count);
    }
    free(map);
    map = NULL;
}
