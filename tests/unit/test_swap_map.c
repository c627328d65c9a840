// tests/unit/test_swap_map.c - mm/swap_map.c against arrays of counters
// sources: mm/swap_map.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <base/bits.h>
#include <mm/swap_map.h>

#define SLOTS_MAX 2100u // nine clusters, the last one short

static u16 counts[SLOTS_MAX];
static struct swap_cluster
    clusters[DIV_ROUND_UP(SLOTS_MAX, SWAP_CLUSTER_SLOTS)];
static struct swap_map m;

static struct {
    u32 count;
    bool cache, bad;
} model[SLOTS_MAX];

static void reset(u32 slots)
{
    memset(counts, 0xff, sizeof(counts)); // dirty storage
    memset(clusters, 0xff, sizeof(clusters));
    swap_map_init(&m, slots, counts, clusters);
    memset(model, 0, sizeof(model));
    model[0].bad = true;
}

static u16 model_value(u32 slot)
{
    return (u16)(model[slot].count | (model[slot].cache ? SWAP_HAS_CACHE : 0) |
                 (model[slot].bad ? SWAP_BAD : 0));
}

static u32 alloc(void)
{
    u32 slot;

    CHECK_EQ(swap_map_alloc(&m, &slot), 0);
    CHECK(slot < m.slots && model_value(slot) == 0);
    model[slot].cache = true;
    return slot;
}

static void check_all(void)
{
    u32 free_slots = 0, used = 0;

    CHECK(swap_map_check(&m));
    for (u32 slot = 0; slot < m.slots; slot++) {
        CHECK_EQ(counts[slot], model_value(slot));
        free_slots += model_value(slot) == 0;
        used += model[slot].count || model[slot].cache;
    }
    CHECK_EQ(m.free_slots, free_slots);
    CHECK_EQ(swap_map_used(&m), used); // bad slots that are held, too
}

TEST(one_slot_from_birth_to_death)
{
    u32 slot;

    reset(1000);
    check_all();
    CHECK_EQ(m.free_slots, 999);
    CHECK_EQ(swap_map_alloc(&m, &slot), 0);
    CHECK(slot != 0);
    CHECK_EQ(swap_map_count(&m, slot), 0);
    CHECK_EQ(swap_map_get(&m, slot), 0);
    CHECK_EQ(swap_map_get(&m, slot), 0);
    CHECK_EQ(swap_map_count(&m, slot), 2);
    CHECK_EQ(swap_map_cache_get(&m, slot), -EEXIST);
    CHECK_EQ(swap_map_cache_put(&m, slot), 2);
    CHECK_EQ(swap_map_put(&m, slot), 1);
    CHECK_EQ(swap_map_cache_get(&m, slot), 0);
    CHECK_EQ(swap_map_put(&m, slot), SWAP_HAS_CACHE);
    CHECK_EQ(swap_map_cache_put(&m, slot), 0);
    CHECK_EQ(m.free_slots, 999);
    CHECK_EQ(swap_map_get(&m, slot), -ENOENT);
    CHECK_EQ(swap_map_cache_get(&m, slot), -ENOENT);
    CHECK(swap_map_check(&m));
}

TEST(stale_and_wrong_slots)
{
    reset(1000);
    CHECK_EQ(swap_map_get(&m, 0), -ENOENT);
    CHECK_EQ(swap_map_get(&m, 1000), -ENOENT);
    CHECK_EQ(swap_map_get(&m, ~0u), -ENOENT);
    CHECK_EQ(swap_map_cache_get(&m, 1000), -ENOENT);
    CHECK_EQ(swap_map_count(&m, ~0u), 0);
    CHECK_EQ(swap_map_mark_bad(&m, 1000), -EINVAL);
    CHECK_EQ(swap_map_mark_bad(&m, 0), 0);
    CHECK_ASSERTS(swap_map_put(&m, 5));
    CHECK_ASSERTS(swap_map_put(&m, 1000));
    CHECK_ASSERTS(swap_map_cache_put(&m, 5));
    check_all();
}

TEST(count_never_overflows)
{
    u32 slot;

    reset(300);
    slot = alloc();
    for (u32 i = 0; i < SWAP_COUNT_MAX; i++)
        CHECK_EQ(swap_map_get(&m, slot), 0);
    CHECK_EQ(swap_map_get(&m, slot), -EOVERFLOW);
    CHECK_EQ(swap_map_count(&m, slot), SWAP_COUNT_MAX);
    model[slot].count = SWAP_COUNT_MAX;
    check_all();
    // Neither flag has been touched; one holder less, and there is room again.
    CHECK_EQ(swap_map_cache_get(&m, slot), -EEXIST);
    CHECK_EQ(swap_map_put(&m, slot), SWAP_HAS_CACHE | (SWAP_COUNT_MAX - 1));
    CHECK_EQ(swap_map_get(&m, slot), 0);
    CHECK_EQ(swap_map_get(&m, slot), -EOVERFLOW);
    for (u32 i = 0; i < SWAP_COUNT_MAX; i++)
        CHECK_EQ(swap_map_put(&m, slot),
                 SWAP_HAS_CACHE | (SWAP_COUNT_MAX - 1 - i));
    CHECK_EQ(swap_map_cache_put(&m, slot), 0);
}

TEST(slots_follow_each_other)
{
    u32 slot, last;

    reset(SLOTS_MAX);
    last = alloc();
    for (u32 i = 1; i < SWAP_CLUSTER_SLOTS - 1; i++) {
        slot = alloc();
        CHECK_EQ(slot, last + 1);
        last = slot;
    }
    // Then a whole new cluster, although slots before are free again.
    CHECK_EQ(swap_map_cache_put(&m, last), 0);
    model[last].cache = false;
    CHECK_EQ(alloc() % SWAP_CLUSTER_SLOTS, 0);
    check_all();
}

// The current cluster may be used up and all free again.
TEST(one_slot_at_a_time)
{
    reset(SLOTS_MAX);
    for (u32 i = 0; i < 3 * SLOTS_MAX; i++) {
        u32 slot = alloc();

        CHECK_EQ(swap_map_cache_put(&m, slot), 0);
        model[slot].cache = false;
        CHECK(swap_map_check(&m));
    }
}

TEST(bad_slots_stay_away)
{
    u32 slot, used;

    reset(600);
    for (slot = 256; slot < 512; slot += 3) {
        CHECK_EQ(swap_map_mark_bad(&m, slot), 0);
        model[slot].bad = true;
    }
    check_all();
    used = alloc();
    CHECK_EQ(swap_map_mark_bad(&m, used), 0);
    CHECK_EQ(swap_map_mark_bad(&m, used), 0); // again: no change
    model[used].bad = true;
    check_all();
    CHECK_EQ(swap_map_get(&m, used), 0); // still held: fork may share it
    CHECK_EQ(swap_map_cache_put(&m, used), SWAP_BAD | 1);
    CHECK_EQ(swap_map_put(&m, used), SWAP_BAD);
    model[used].cache = false;
    CHECK_EQ(swap_map_get(&m, used), -ENOENT);
    check_all();
    while (swap_map_alloc(&m, &slot) == 0) {
        CHECK(model_value(slot) == 0);
        model[slot].cache = true;
    }
    check_all();
}

TEST(exhaustion_for_every_size)
{
    u32 slot;

    for (u32 slots = 1; slots < 600; slots += 1 + slots / 20) {
        reset(slots);
        for (u32 i = 1; i < slots; i++)
            alloc();
        CHECK_EQ(swap_map_alloc(&m, &slot), -ENOSPC);
        check_all();
        for (slot = 1; slot < slots; slot++) {
            CHECK_EQ(swap_map_cache_put(&m, slot), 0);
            model[slot].cache = false;
        }
        check_all();
        for (u32 i = 1; i < slots; i++)
            alloc();
    }
    CHECK_ASSERTS(swap_map_init(&m, 0, counts, clusters));
}

static void random_op(u32 slot)
{
    bool is_held = model[slot].count || model[slot].cache;

    switch (test_random_below(8)) {
    case 0:
    case 1:
        CHECK_EQ(swap_map_get(&m, slot), is_held ? 0 : -ENOENT);
        model[slot].count += is_held;
        break;
    case 2:
        CHECK_EQ(swap_map_cache_get(&m, slot), model[slot].cache ? -EEXIST
                                               : is_held         ? 0
                                                                 : -ENOENT);
        model[slot].cache |= is_held;
        break;
    case 3:
        if (test_random_one_in(100)) {
            CHECK_EQ(swap_map_mark_bad(&m, slot), 0);
            model[slot].bad = true;
        }
        break;
    case 4:
        if (!model[slot].cache)
            break;
        model[slot].cache = false;
        CHECK_EQ(swap_map_cache_put(&m, slot), model_value(slot));
        break;
    default:
        if (model[slot].count == 0)
            break;
        model[slot].count--;
        CHECK_EQ(swap_map_put(&m, slot), model_value(slot));
        break;
    }
    CHECK_EQ(swap_map_count(&m, slot), model[slot].count);
}

TEST(random_run)
{
    u32 bias = 0, slot;

    reset(2 + test_random_below(SLOTS_MAX - 2));
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        if (i % 4000 == 0) // phases that fill and phases that empty
            bias = test_random_below(6);
        if (test_random_below(8) < bias) {
            if (m.free_slots)
                alloc();
            else
                CHECK_EQ(swap_map_alloc(&m, &slot), -ENOSPC);
        } else {
            random_op(test_random_below(m.slots));
        }
        if (i % 16 == 0)
            check_all();
    }
    check_all();
}

TEST(check_finds_damage)
{
    reset(1000);
    m.free_slots--;
    CHECK(!swap_map_check(&m));
    m.free_slots++;
    clusters[2].used++;
    CHECK(!swap_map_check(&m));
    clusters[2].used--;
    clusters[3].next = 1; // a cycle
    CHECK(!swap_map_check(&m));
    clusters[3].next = SWAP_CLUSTER_NONE;
    CHECK(swap_map_check(&m));
    counts[999] = 1;
    CHECK(!swap_map_check(&m));
}
