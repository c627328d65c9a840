// tests/unit/test_lock_range.c - fs/lock_range.c against an array of bytes
// sources: fs/lock_range.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <fs/lock_range.h>

#define BYTES  40u
#define OWNERS 4u
#define RANGES 200u

static LIST_HEAD(held);
static LIST_HEAD(spare);
static struct lock_range storage[RANGES];
static enum lock_mode model[OWNERS][BYTES];
static const char owners[OWNERS];

static void reset(void)
{
    list_init(&held);
    list_init(&spare);
    for (u32 i = 0; i < RANGES; i++)
        list_add_tail(&storage[i].link, &spare);
    for (u32 owner = 0; owner < OWNERS; owner++)
        for (u32 byte = 0; byte < BYTES; byte++)
            model[owner][byte] = LOCK_MODE_NONE;
}

static u32 length(const struct list_head *list)
{
    struct list_head *pos;
    u32 count = 0;

    list_for_each (pos, list)
        count++;
    return count;
}

static struct lock_range range(u32 owner, enum lock_mode mode, u32 start,
                               u32 last)
{
    return (struct lock_range){
        .owner = &owners[owner], .mode = mode, .start = start, .last = last};
}

static bool model_conflict(const struct lock_range *want)
{
    for (u32 owner = 0; owner < OWNERS; owner++)
        for (u64 byte = want->start; byte <= want->last; byte++)
            if (&owners[owner] != want->owner && model[owner][byte] &&
                (model[owner][byte] == LOCK_MODE_EXCLUSIVE ||
                 want->mode == LOCK_MODE_EXCLUSIVE))
                return true;
    return false;
}

static bool set(u32 owner, enum lock_mode mode, u32 start, u32 last)
{
    struct lock_range want = range(owner, mode, start, last);
    u32 before = length(&held);
    bool gave_up, expected = false;

    for (u32 byte = start; byte <= last; byte++) {
        expected |= mode < model[owner][byte];
        model[owner][byte] = mode;
    }
    gave_up = lock_range_set(&held, &want, &spare);
    CHECK_EQ(gave_up, expected);
    CHECK(length(&held) <= before + LOCK_RANGE_SPARES);
    CHECK_EQ(length(&held) + length(&spare), RANGES);
    return gave_up;
}

static enum lock_mode mode_at(u32 owner, u32 byte)
{
    struct lock_range *r;

    list_for_each_entry (r, &held, link)
        if (r->owner == &owners[owner] && r->start <= byte && byte <= r->last)
            return r->mode;
    return LOCK_MODE_NONE;
}

static void check_all(void)
{
    CHECK(lock_range_check(&held));
    for (u32 owner = 0; owner < OWNERS; owner++)
        for (u32 byte = 0; byte < BYTES; byte++)
            CHECK_EQ(mode_at(owner, byte), model[owner][byte]);
}

TEST(splits_and_merges)
{
    reset();
    set(0, LOCK_MODE_SHARED, 10, 29);
    CHECK_EQ(length(&held), 1);
    set(0, LOCK_MODE_EXCLUSIVE, 15, 19);
    CHECK_EQ(length(&held), 3);
    check_all();
    set(0, LOCK_MODE_SHARED, 15, 19);
    CHECK_EQ(length(&held), 1);
    set(0, LOCK_MODE_NONE, 20, 20);
    CHECK_EQ(length(&held), 2);
    set(0, LOCK_MODE_SHARED, 30, 39); // next to the second
    CHECK_EQ(length(&held), 2);
    check_all();
    set(0, LOCK_MODE_NONE, 0, BYTES - 1);
    CHECK(list_empty(&held));
}

TEST(conflicts)
{
    struct lock_range want = range(1, LOCK_MODE_SHARED, 5, 9);

    reset();
    set(0, LOCK_MODE_SHARED, 0, 5);
    CHECK(!lock_range_conflict(&held, &want));
    want.mode = LOCK_MODE_EXCLUSIVE;
    CHECK(lock_range_conflict(&held, &want)->owner == &owners[0]);
    want.start = 6;
    CHECK(!lock_range_conflict(&held, &want));
    want.mode = LOCK_MODE_NONE;
    want.start = 0;
    CHECK(!lock_range_conflict(&held, &want));
}

TEST(the_last_byte)
{
    struct lock_range all = {
        .owner = owners, .mode = LOCK_MODE_EXCLUSIVE, .last = LOCK_RANGE_END};
    struct lock_range end = all;

    reset();
    lock_range_set(&held, &all, &spare);
    end.start = LOCK_RANGE_END;
    end.mode = LOCK_MODE_NONE;
    CHECK(lock_range_set(&held, &end, &spare));
    CHECK_EQ(list_first_entry(&held, struct lock_range, link)->last,
             LOCK_RANGE_END - 1);
    CHECK_EQ(length(&held), 1);
}

TEST(random_operations)
{
    reset();
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 owner = test_random_below(OWNERS);
        u32 start = test_random_below(BYTES);
        u32 last = start + test_random_below(BYTES - start);
        struct lock_range want =
            range(owner, (enum lock_mode)test_random_below(3), start, last);
        struct lock_range *found = lock_range_conflict(&held, &want);

        CHECK_EQ(found != NULL,
                 want.mode != LOCK_MODE_NONE && model_conflict(&want));
        if (!found)
            set(owner, want.mode, start, last);
        check_all();
    }
}
