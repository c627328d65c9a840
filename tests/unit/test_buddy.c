// tests/unit/test_buddy.c - mm/buddy.c against a map of free frames
// sources: mm/buddy.c mm/buddy_check.c
// SPDX-License-Identifier: MIT
//
// Since merging is eager, which blocks there are follows from which frames are
// free: the largest aligned ones that are free as a whole. The model is one
// flag for each frame, and hot frames are blocks by themselves until they
// merge. Which pageblock may change its type, and when, follows from that and
// from the types before.

#include "harness.h"

#include <string.h>

#include <base/bits.h>
#include <mm/buddy.h>

#define FRAMES 6000u // of mem_map; the zone is a part of it
#define BASE   5u
#define END    5500u

static struct page mem_map[FRAMES];
static bool is_free[FRAMES];
static u8 types[FRAMES / BUDDY_BLOCK_FRAMES + 1];
static struct buddy buddy;

static void reset(u32 base, u32 end)
{
    memset(mem_map, 0, sizeof(mem_map));
    memset(is_free, 0, sizeof(is_free));
    memset(types, MIGRATE_UNMOVABLE, sizeof(types));
    buddy_init(&buddy, mem_map, types, base, end - base);
}

static u32 frame_of(const struct page *page)
{
    return (u32)(page - mem_map);
}

static void add_range(u32 first, u32 end)
{
    buddy_add_range(&buddy, first, end);
    memset(is_free + first, true, end - first);
}

// Whether the block of @order at @frame is free as a whole.
static bool block_is_free(u32 frame, u32 order)
{
    for (u32 i = 0; i < 1u << order; i++) {
        if (frame + i >= FRAMES || !is_free[frame + i])
            return false;
    }
    return true;
}

// ... and in one piece: no frame of it is hot.
static bool block_is_whole(u32 frame, u32 order)
{
    if (!block_is_free(frame, order))
        return false;
    for (u32 i = 0; order && i < 1u << order; i++) {
        if (page_test(&mem_map[frame + i], PG_HOT))
            return false;
    }
    return true;
}

// The model's count of blocks of each order.
static void count_blocks(u32 blocks[BUDDY_ORDERS])
{
    u32 frame = 0;

    memset(blocks, 0, BUDDY_ORDERS * sizeof(blocks[0]));
    while (frame < FRAMES) {
        u32 order = BUDDY_ORDERS - 1;

        if (!is_free[frame]) {
            frame++;
            continue;
        }
        while (frame % (1u << order) || !block_is_whole(frame, order))
            order--;
        blocks[order]++;
        frame += 1u << order;
    }
}

static void check_all(void)
{
    u32 blocks[BUDDY_ORDERS], free_frames = 0;

    CHECK(buddy_check(&buddy));
    count_blocks(blocks);
    for (u32 order = 0; order < BUDDY_ORDERS; order++) {
        CHECK_EQ(buddy.free_blocks[order], blocks[order]);
        free_frames += blocks[order] << order;
    }
    CHECK(buddy.hot_frames <= BUDDY_HOT_MAX);
    CHECK_EQ(buddy.free_frames, free_frames);
}

// The largest free block of @type; BUDDY_ORDERS: none.
static u32 largest_of(u32 type)
{
    for (u32 order = BUDDY_ORDERS; order-- > 0;)
        if (!list_empty(&buddy.free[order][type]))
            return order;
    return BUDDY_ORDERS;
}

static bool has(u32 type, u32 order)
{
    u32 largest = largest_of(type);

    return largest < BUDDY_ORDERS && largest >= order;
}

// A block was taken for a request of @type, when @before were the types.
static void check_type(u32 frame, u32 type, bool had_own, const u8 *before,
                       u32 largest_other)
{
    u32 block = frame / BUDDY_BLOCK_FRAMES;
    bool changes = !had_own && (largest_other == BUDDY_BLOCK_ORDER ||
                                before[block] == MIGRATE_MOVABLE);

    for (u32 i = 0; i < sizeof(types); i++)
        CHECK_EQ(types[i], i == block && changes ? type : before[i]);
    if (had_own)
        CHECK_EQ(before[block], type);
}

// Whether a request finds a block only after all hot frames have merged.
static bool needs_merge(u32 order, enum migrate_type type)
{
    u32 own = type & buddy.type_mask;

    if (!buddy.hot_frames || (order == 0 && !list_empty(&buddy.hot[own])))
        return false;
    for (; order < BUDDY_ORDERS; order++)
        if (!list_empty(&buddy.free[order][own]))
            return false;
    return true;
}

static struct page *alloc_typed(u32 order, enum migrate_type type)
{
    bool grouped = buddy.type_mask, merging = needs_merge(order, type);
    bool had_own =
        has(type, order) || (order == 0 && !list_empty(&buddy.hot[type]));
    u8 before[sizeof(types)];
    u32 largest = 0;
    struct page *page;

    for (u32 t = 0; t < MIGRATE_TYPES; t++)
        if (t != type && has(t, order))
            largest = largest_of(t) > largest ? largest_of(t) : largest;
    memcpy(before, types, sizeof(types));
    page = order ? buddy_alloc(&buddy, order, type)
                 : buddy_alloc_frame(&buddy, type);
    if (merging)
        CHECK_EQ(buddy.hot_frames, 0);
    if (!page)
        return NULL;
    if (grouped && !merging)
        check_type(frame_of(page), type, had_own, before, largest);
    CHECK(frame_of(page) % (1u << order) == 0);
    CHECK(block_is_free(frame_of(page), order));
    for (u32 i = 0; i < 1u << order; i++)
        CHECK(!page_test(&page[i], PG_BUDDY) && !page_test(&page[i], PG_HOT));
    memset(is_free + frame_of(page), false, 1u << order);
    return page;
}

static struct page *alloc(u32 order)
{
    return alloc_typed(order, MIGRATE_MOVABLE);
}

static void give_back(u32 frame, u32 order)
{
    buddy_free(&buddy, &mem_map[frame], order);
    memset(is_free + frame, true, 1u << order);
}

// The same, and single frames are hot at first.
static void give_back_lazily(u32 frame, u32 order)
{
    if (order) {
        give_back(frame, order);
        return;
    }
    buddy_free_frame(&buddy, &mem_map[frame]);
    is_free[frame] = true;
}

// Row 90 of the map of mechanisms, fig. 3.4 of the text it comes from: a
// request of 2 pages takes frames 4 and 5 of the free block 4 to 7, and queues
// 6 and 7 with the blocks of 2.
TEST(figure_3_4)
{
    reset(0, 64);
    add_range(0, 1);
    add_range(4, 8);
    CHECK_EQ(frame_of(alloc(1)), 4);
    CHECK_EQ(buddy.free_blocks[0], 1);
    CHECK_EQ(buddy.free_blocks[1], 1);
    CHECK_EQ(buddy.free_blocks[2], 0);
    CHECK(list_first_entry(&buddy.free[1][0], struct page, lru) == &mem_map[6]);
    CHECK(page_test(&mem_map[6], PG_BUDDY) && mem_map[6].private == 1);
    check_all();
}

// Row 91: frames 0 and 1 are buddies, 1 and 2 are not.
TEST(who_is_a_buddy)
{
    reset(0, 64);
    give_back(1, 0);
    give_back(2, 0);
    CHECK_EQ(buddy.free_blocks[0], 2);
    give_back(0, 0);
    CHECK_EQ(buddy.free_blocks[0], 1);
    CHECK_EQ(buddy.free_blocks[1], 1);
    give_back(3, 0); // 2 and 3 merge, and then with 0 and 1
    CHECK_EQ(buddy.free_blocks[2], 1);
    check_all();
}

TEST(range_in_largest_blocks)
{
    reset(BASE, END);
    add_range(BASE, END);
    check_all();
    CHECK_EQ(buddy.free_frames, END - BASE);
    CHECK_EQ(buddy.free_blocks[10], 4); // 1024 to 5120
}

TEST(not_beyond_the_zone)
{
    reset(6, 10);
    add_range(6, 10);
    CHECK_EQ(buddy.free_blocks[1], 2); // 6-7 and 8-9: no buddies
    // What lies outside may look free; it is not ours.
    page_set(&mem_map[4], PG_BUDDY);
    mem_map[4].private = 1;
    CHECK_EQ(frame_of(alloc(1)), 8);
    CHECK_EQ(frame_of(alloc(1)), 6);
    give_back(6, 1);
    CHECK_EQ(buddy.free_blocks[1], 1);
    check_all();
}

TEST(not_with_another_zone)
{
    reset(0, 64);
    mem_map[1].flags |= 1u << PAGE_ZONE_SHIFT;
    give_back(0, 0);
    give_back(1, 0);
    CHECK_EQ(buddy.free_blocks[0], 2);
    CHECK(buddy_check(&buddy));
}

TEST(exhaustion)
{
    u32 taken = 0;

    reset(BASE, END);
    CHECK(!alloc(0));
    add_range(BASE, END);
    CHECK(!buddy_alloc(&buddy, BUDDY_ORDERS, MIGRATE_UNMOVABLE));
    while (alloc(0))
        taken++;
    CHECK_EQ(taken, END - BASE);
    CHECK_EQ(buddy.free_frames, 0);
    CHECK(buddy_check(&buddy));
    for (u32 frame = BASE; frame < END; frame++)
        give_back(frame, 0);
    CHECK_EQ(buddy.free_blocks[10], 4); // all as at the start
    check_all();
}

TEST(wrong_frees_are_caught)
{
    reset(0, 64);
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[1], 1));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[64], 0));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[0], 7));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[0], BUDDY_ORDERS));
    give_back(0, 3);
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[0], 0));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[0], 3));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[5], 0)); // inside, DEBUG only
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[0], 4)); // around, DEBUG only
    CHECK_ASSERTS(buddy_free_frame(&buddy, &mem_map[64]));
    CHECK_ASSERTS(buddy_free_frame(&buddy, &mem_map[5]));
    give_back_lazily(20, 0);
    CHECK_ASSERTS(buddy_free_frame(&buddy, &mem_map[20]));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[20], 0));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[20], 1));
    CHECK_ASSERTS(buddy_free(&buddy, &mem_map[16], 3)); // around
    check_all();
}

TEST(check_finds_damage)
{
    reset(0, 64);
    add_range(0, 40);
    CHECK(buddy_check(&buddy));
    page_set(&mem_map[3], PG_BUDDY); // in the middle of a block
    CHECK(!buddy_check(&buddy));
    page_clear(&mem_map[3], PG_BUDDY);
    page_set(&mem_map[50], PG_BUDDY); // on no list
    CHECK(!buddy_check(&buddy));
    page_clear(&mem_map[50], PG_BUDDY);
    buddy.free_frames++;
    CHECK(!buddy_check(&buddy));
    buddy.free_frames--;
    mem_map[32].private = 2;
    CHECK(!buddy_check(&buddy));
    mem_map[32].private = 3;
    CHECK(buddy_check(&buddy));
    give_back_lazily(50, 0);
    CHECK(buddy_check(&buddy));
    buddy.hot_frames++;
    CHECK(!buddy_check(&buddy));
    buddy.hot_frames--;
    page_set(&mem_map[52], PG_HOT); // on no list
    CHECK(!buddy_check(&buddy));
    page_clear(&mem_map[52], PG_HOT);
    page_set(&mem_map[50], PG_BUDDY); // both
    CHECK(!buddy_check(&buddy));
}

// Frames freed one by one: taken again last first; more than may be hot merge,
// the oldest first; a block is made of them when there is no other.
TEST(hot_frames)
{
    reset(0, 2 * BUDDY_HOT_MAX);
    give_back_lazily(1, 0);
    give_back_lazily(0, 0);
    CHECK_EQ(buddy.hot_frames, 2);
    CHECK_EQ(buddy.free_frames, 2);
    CHECK_EQ(buddy_count(&buddy, 0, MIGRATE_UNMOVABLE), 2);
    check_all();
    CHECK_EQ(frame_of(alloc(0)), 0);
    give_back_lazily(0, 0);
    CHECK_EQ(frame_of(alloc(1)), 0); // merged for it
    CHECK_EQ(buddy.hot_frames, 0);
    CHECK(!alloc(0));
    for (u32 i = 0; i <= BUDDY_HOT_MAX; i++)
        give_back_lazily(i, 0);
    CHECK_EQ(buddy.hot_frames, BUDDY_HOT_MAX + 1 - BUDDY_HOT_BATCH);
    CHECK(buddy.free_blocks[ilog2(BUDDY_HOT_BATCH)] == 1);
    check_all();
    CHECK_EQ(buddy_merge_hot(&buddy, ~0u), BUDDY_HOT_MAX + 1 - BUDDY_HOT_BATCH);
    CHECK_EQ(buddy.free_blocks[ilog2(BUDDY_HOT_MAX)], 1);
    CHECK_EQ(buddy.free_blocks[0], 1);
    check_all();
}

#define HELD_MAX 3000u

static struct {
    u32 frame, order;
} held[HELD_MAX];

#define OPERATIONS (10 * TEST_ROUNDS)

// Mostly single frames, as in life.
static u32 random_order(void)
{
    return test_random_one_in(2) ? 0 : test_random_below(BUDDY_ORDERS);
}

static void free_held(u32 victim, u32 *count)
{
    // Part of a block may be given back, in any order.
    if (held[victim].order && test_random_one_in(4)) {
        held[victim].order--;
        give_back_lazily(held[victim].frame + (1u << held[victim].order),
                         held[victim].order);
        return;
    }
    if (test_random_one_in(8))
        give_back(held[victim].frame, held[victim].order);
    else
        give_back_lazily(held[victim].frame, held[victim].order);
    held[victim] = held[--*count];
}

static void random_run(void)
{
    u32 count = 0, bias = 4;

    for (u32 i = 0; i < OPERATIONS; i++) {
        u32 order = random_order();

        if (i % 3000 == 0)
            bias = 2 + test_random_below(5);
        if (test_random_below(8) < bias && count < HELD_MAX) {
            struct page *page =
                alloc_typed(order, test_random_below(MIGRATE_TYPES));

            if (!page) { // then there really was none
                for (; order < BUDDY_ORDERS; order++)
                    CHECK_EQ(buddy.free_blocks[order], 0);
                continue;
            }
            held[count].frame = frame_of(page);
            held[count++].order = order;
        } else if (count) {
            free_held(test_random_below(count), &count);
        }
        if (i % 256 == 0)
            check_all();
    }
    while (count--)
        give_back(held[count].frame, held[count].order);
    check_all();
    CHECK_EQ(buddy.free_frames, END - BASE - 1 - 100);
}

static void add_ranges_with_holes(void)
{
    reset(BASE, END);
    add_range(BASE, 3000);
    add_range(3001, 4000); // a hole of one frame, and a larger one
    add_range(4100, END);
}

TEST(random_run_ungrouped)
{
    add_ranges_with_holes();
    random_run();
}

TEST(random_run_grouped)
{
    add_ranges_with_holes();
    buddy_group(&buddy);
    check_all();
    random_run();
}

// ---- migrate types ---------------------------------------------------------

#define BLOCK BUDDY_BLOCK_FRAMES

static void reset_grouped(u32 blocks)
{
    reset(0, blocks * BLOCK);
    add_range(0, blocks * BLOCK);
    buddy_group(&buddy);
    for (u32 i = 0; i < blocks; i++)
        CHECK_EQ(buddy_block_type(&buddy, i * BLOCK), MIGRATE_MOVABLE);
}

static u32 blocks_of_type(u32 blocks, u32 type)
{
    u32 count = 0;

    for (u32 i = 0; i < blocks; i++)
        count += types[i] == type;
    return count;
}

// What the types are for: kernel frames among user frames do not break up the
// memory that is left when the user frames go.
TEST(unmovable_frames_gather)
{
    u32 frames[4 * BLOCK], movable = 0;

    reset_grouped(5);
    for (u32 i = 0; i < 4 * BLOCK - 100; i++) {
        if (i % 32 == 0)
            CHECK(alloc_typed(0, MIGRATE_UNMOVABLE));
        else if (i % 32 == 1)
            CHECK(alloc_typed(0, MIGRATE_RECLAIMABLE));
        else
            frames[movable++] = frame_of(alloc_typed(0, MIGRATE_MOVABLE));
    }
    CHECK_EQ(blocks_of_type(5, MIGRATE_UNMOVABLE), 1);
    CHECK_EQ(blocks_of_type(5, MIGRATE_RECLAIMABLE), 1);
    while (movable)
        give_back(frames[--movable], 0);
    CHECK_EQ(buddy.free_blocks[BUDDY_BLOCK_ORDER], 3);
    check_all();
}

TEST(whole_pageblock_changes_its_type)
{
    u32 frame;

    reset_grouped(2);
    frame = frame_of(alloc_typed(0, MIGRATE_UNMOVABLE));
    CHECK_EQ(buddy_block_type(&buddy, frame), MIGRATE_UNMOVABLE);
    CHECK_EQ(buddy_count(&buddy, 9, MIGRATE_UNMOVABLE), 1);
    give_back(frame, 0);
    CHECK_EQ(buddy_count(&buddy, 10, MIGRATE_UNMOVABLE), 1);
    // Movable requests take the movable one first, then this.
    CHECK(alloc_typed(10, MIGRATE_MOVABLE));
    CHECK(alloc_typed(10, MIGRATE_MOVABLE));
    CHECK_EQ(blocks_of_type(2, MIGRATE_MOVABLE), 2);
    check_all();
}

TEST(part_of_a_movable_pageblock_is_claimed)
{
    reset_grouped(1);
    CHECK(alloc_typed(9, MIGRATE_MOVABLE));
    CHECK(alloc_typed(7, MIGRATE_MOVABLE));
    CHECK(alloc_typed(0, MIGRATE_UNMOVABLE));
    CHECK_EQ(types[0], MIGRATE_UNMOVABLE);
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        CHECK_EQ(buddy_count(&buddy, order, MIGRATE_MOVABLE), 0);
    check_all();
}

TEST(part_of_an_unmovable_pageblock_is_lent)
{
    u32 frame;

    reset_grouped(1);
    CHECK(alloc_typed(9, MIGRATE_UNMOVABLE));
    frame = frame_of(alloc_typed(3, MIGRATE_MOVABLE));
    CHECK_EQ(types[0], MIGRATE_UNMOVABLE);
    give_back(frame, 3);
    CHECK_EQ(buddy_count(&buddy, 9, MIGRATE_UNMOVABLE), 1);
    check_all();
}

TEST(check_finds_a_block_on_the_wrong_list)
{
    reset_grouped(2);
    types[1] = MIGRATE_RECLAIMABLE;
    CHECK(!buddy_check(&buddy));
    types[1] = MIGRATE_MOVABLE;
    CHECK(buddy_check(&buddy));
}

TEST(grouped_memory_is_used_to_the_last_frame)
{
    for (u32 type = 0; type < MIGRATE_TYPES; type++) {
        reset_grouped(4);
        CHECK(alloc_typed(0, (enum migrate_type)((type + 1) % MIGRATE_TYPES)));
        for (u32 i = 1; i < 4 * BLOCK; i++)
            CHECK(alloc_typed(0, (enum migrate_type)type));
        CHECK(!alloc_typed(0, MIGRATE_MOVABLE));
        check_all();
    }
}
