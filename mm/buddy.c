// mm/buddy.c - the buddy allocator [P]: blocks of 2^order frames
// SPDX-License-Identifier: MIT
//
// The buddy of a block is the one it makes a block of the next order with:
// its frame number with bit `order` inverted. Whether the buddy is free, and
// as a whole, its own first struct page says (PG_BUDDY and the order in
// private): two loads, and no memory beside mem_map.
//
// Free blocks are taken from the front of their list and put there, so that a
// frame just freed, still in the CPU's cache, is the next one used.
//
// When there is no block of the type asked for, another type gives its largest
// one, in the order of `fallbacks`:
//   - a whole pageblock changes its type;
//   - a movable pageblock of which a part is free changes its type for kernel
//     data, with its other free blocks, so that the next request falls into
//     the same pageblock. That costs a walk over the pageblock, once: it
//     becomes movable again only after all of it was free;
//   - else the block alone is lent. When it is freed it goes back, since the
//     list is the pageblock's, not the request's.
//
// Rejected: lists that need not agree with the pageblock's type (Linux): no
// invariant to check. One xor bit for each pair of blocks (cannot be verified,
// needs memory for each order, fails at holes); delayed merging of larger
// blocks (they do not alternate so); hot frames that do not count as free
// (Linux): the marks and the books would have to know.

#include <mm/buddy.h>

#include <base/assert.h>
#include <base/bits.h>

#include "buddy_private.h"

enum migrate_type buddy_block_type(const struct buddy *b, u32 frame)
{
    return (enum migrate_type)b->types[frame >> BUDDY_BLOCK_ORDER];
}

// A block comes onto a list, that of its pageblock's type.
static void link_block(struct buddy *b, struct page *page, u32 order, u32 type)
{
    page->private = order;
    page_set(page, PG_BUDDY);
    list_add(&page->lru, &b->free[order][type]);
    b->free_blocks[order]++;
}

static void unlink_block(struct buddy *b, struct page *page, u32 order)
{
    page_clear(page, PG_BUDDY);
    list_del(&page->lru);
    b->free_blocks[order]--;
}

void buddy_init(struct buddy *b, struct page *mem_map, u8 *types, u32 base,
                u32 frames)
{
    *b = (struct buddy){
        .mem_map = mem_map, .types = types, .base = base, .frames = frames};
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        for (u32 type = 0; type < MIGRATE_TYPES; type++)
            list_init(&b->free[order][type]);
    for (u32 type = 0; type < MIGRATE_TYPES; type++)
        list_init(&b->hot[type]);
}

static void set_block_type(struct buddy *b, u32 frame, enum migrate_type type)
{
    b->types[frame >> BUDDY_BLOCK_ORDER] = (u8)type;
}

void buddy_group(struct buddy *b)
{
    ASSERT(b->type_mask == 0);
    (void)buddy_merge_hot(b, b->hot_frames);
    b->type_mask = ~0u;
    for (u32 i = 0; i < b->frames; i += BUDDY_BLOCK_FRAMES)
        set_block_type(b, b->base + i, MIGRATE_MOVABLE);
    if (b->frames) // the last, which the steps may have passed over
        set_block_type(b, b->base + b->frames - 1, MIGRATE_MOVABLE);
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        list_splice_tail(&b->free[order][MIGRATE_UNMOVABLE],
                         &b->free[order][MIGRATE_MOVABLE]);
}

// The pageblock of a free block changes its type, and with it the lists of all
// its free blocks. O(frames of a pageblock) unless it is free as a whole.
static void claim_pageblock(struct buddy *b, u32 frame, enum migrate_type type)
{
    u32 first = ALIGN_DOWN(frame, BUDDY_BLOCK_FRAMES);
    u32 end = min(first + BUDDY_BLOCK_FRAMES, b->base + b->frames);

    set_block_type(b, frame, type);
    for (u32 n = max(first, b->base); n < end;) {
        struct page *page = &b->mem_map[n];

        if (!page_test(page, PG_BUDDY)) {
            n++;
            continue;
        }
        n += 1u << page->private;
        list_del(&page->lru);
        list_add(&page->lru, &b->free[page->private][type]);
    }
}

// Who gives when a type has nothing, the first first.
static const u8 fallbacks[MIGRATE_TYPES][MIGRATE_TYPES - 1] = {
    [MIGRATE_UNMOVABLE] = {MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE},
    [MIGRATE_MOVABLE] = {MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE},
    [MIGRATE_RECLAIMABLE] = {MIGRATE_MOVABLE, MIGRATE_UNMOVABLE},
};

// Take a block of order @have off its list, and give back what is too much.
static __always_inline struct page *
take_block(struct buddy *b, struct page *page, u32 have, u32 order, u32 type)
{
    unlink_block(b, page, have);
    while (have > order) {
        have--;
        link_block(b, page + (1u << have), have, type);
    }
    b->free_frames -= 1u << order;
    return page;
}

// The largest free block of another type, of at least @order. NULL: none.
static __noinline struct page *fall_back(struct buddy *b, u32 order,
                                         enum migrate_type type)
{
    if (!b->type_mask)
        return NULL;
    for (u32 have = BUDDY_ORDERS; have-- > order;) {
        for (u32 i = 0; i < MIGRATE_TYPES - 1; i++) {
            enum migrate_type from = (enum migrate_type)fallbacks[type][i];
            struct page *page;

            if (list_empty(&b->free[have][from]))
                continue;
            page = list_first_entry(&b->free[have][from], struct page, lru);
            if (have == BUDDY_BLOCK_ORDER || from == MIGRATE_MOVABLE) {
                claim_pageblock(b, buddy_frame_of(b, page), type);
                from = type;
            }
            return take_block(b, page, have, order, from);
        }
    }
    return NULL;
}

struct page *buddy_alloc(struct buddy *b, u32 order, enum migrate_type type)
{
    u32 own = type & b->type_mask;

    do {
        for (u32 have = order; have < BUDDY_ORDERS; have++) {
            struct list_head *list = &b->free[have][own];

            if (!list_empty(list))
                return take_block(b, list_first_entry(list, struct page, lru),
                                  have, order, own);
        }
    } while (buddy_merge_hot(b, b->hot_frames));
    return fall_back(b, order, type);
}

// Whether any frame of the block belongs to a free block: one that begins in
// it, or a larger one that it lies in.
static bool overlaps_free(const struct buddy *b, u32 frame, u32 order)
{
    for (u32 i = 0; i < 1u << order; i++) {
        if (buddy_page_is_free(&b->mem_map[frame + i]))
            return true;
    }
    for (u32 above = order + 1; above < BUDDY_ORDERS; above++) {
        u32 first = ALIGN_DOWN(frame, 1u << above);

        if (buddy_in_range(b, first) &&
            page_test(&b->mem_map[first], PG_BUDDY) &&
            b->mem_map[first].private >= above)
            return true;
    }
    return false;
}

void buddy_check_freed(const struct buddy *b, u32 frame, u32 order)
{
    ASSERT(!overlaps_free(b, frame, order));
}

// Whether the buddy of the block of @order at @frame, of @zone, is free as a
// whole.
static bool merges(const struct buddy *b, u32 frame, u32 order, u32 zone)
{
    u32 other = frame ^ 1u << order;
    const struct page *buddy = &b->mem_map[other];

    return buddy_in_range(b, other) && buddy_is_free_block(buddy, order) &&
           page_zone_id(buddy) == zone;
}

// Merge a block that is free, but on no list and not counted as a block.
static void merge(struct buddy *b, u32 frame, u32 order)
{
    u32 zone = page_zone_id(&b->mem_map[frame]);

    while (order < BUDDY_ORDERS - 1 && merges(b, frame, order, zone)) {
        unlink_block(b, &b->mem_map[frame ^ 1u << order], order);
        frame &= ~(1u << order);
        order++;
    }
    link_block(b, &b->mem_map[frame], order, buddy_block_type(b, frame));
}

void buddy_free(struct buddy *b, struct page *page, u32 order)
{
    u32 frame = buddy_frame_of(b, page);

    ASSERT(order < BUDDY_ORDERS && IS_ALIGNED(frame, 1u << order));
    ASSERT(buddy_in_range(b, frame) &&
           buddy_in_range(b, frame + (1u << order) - 1));
    ASSERT(!buddy_page_is_free(page));
    if (FAULTLINE_DEBUG)
        buddy_check_freed(b, frame, order);
    b->free_frames += 1u << order;
    merge(b, frame, order);
}

u32 buddy_merge_hot(struct buddy *b, u32 most)
{
    u32 merged = 0;

    for (u32 type = 0; type < MIGRATE_TYPES; type++) {
        for (u32 n = 0; n < most && !list_empty(&b->hot[type]); n++) {
            struct page *page =
                list_last_entry(&b->hot[type], struct page, lru);

            buddy_cool(b, page);
            merge(b, buddy_frame_of(b, page), 0);
            merged++;
        }
    }
    return merged;
}

void buddy_add_range(struct buddy *b, u32 first, u32 end)
{
    while (first < end) {
        u32 order = min(ilog2(end - first), BUDDY_ORDERS - 1);

        if (first)
            order = min(order, (u32)__builtin_ctz(first));
        buddy_free(b, &b->mem_map[first], order);
        first += 1u << order;
    }
}
