// include/mm/buddy.h - the buddy allocator [P]: blocks of 2^order frames
// SPDX-License-Identifier: MIT
//
// A free block of order o starts at a frame number that is a multiple of 2^o;
// its first struct page has PG_BUDDY and the order in private, no other frame
// of it has PG_BUDDY. No two free buddies of one order exist: free merges as
// far as it can. Allocation and freeing take O(orders).
//
// Single frames come and go far more often than blocks, and mostly alternately.
// So up to BUDDY_HOT_MAX of them, those freed last, do not merge yet: they have
// PG_HOT instead of PG_BUDDY and are on lists of their own. They count as free
// blocks of order 0. When a request finds no block, or too many are hot, they
// merge as if they had been freed only then.
//
// One struct buddy serves one zone: the frames [base, base + frames) of
// mem_map. Frames outside, or of another zone id, are never merged with.
//
// Blocks are kept apart by what is done with them (enum migrate_type), in units
// of BUDDY_BLOCK_FRAMES: every pageblock has a type, every free block is on the
// list of its pageblock's type. What cannot be moved or reclaimed then gathers
// in few pageblocks, and the others become free as a whole again. On a machine
// with few pageblocks all types are one (type_mask 0) until buddy_group.
//
// Locking: interrupts off around every call (the caller's business; a pure
// module). Source of the idea: Knowlton 1965; state in the page instead of a
// bitmap, so that it can be checked and holes cost nothing.
#pragma once

#include <base/list.h>
#include <mm/page.h>

#define BUDDY_HOT_MAX   128u // a zone's; how many of them merge when reached:
#define BUDDY_HOT_BATCH 32u

#define BUDDY_ORDERS 11u // 0 to 10: 4 KiB to 4 MiB

// A pageblock: the largest block, so that merging never joins two.
#define BUDDY_BLOCK_ORDER  (BUDDY_ORDERS - 1)
#define BUDDY_BLOCK_FRAMES (1u << BUDDY_BLOCK_ORDER)

enum migrate_type {
    MIGRATE_UNMOVABLE,   // kernel data: stays where it is until freed
    MIGRATE_MOVABLE,     // reached through page tables or the page cache only
    MIGRATE_RECLAIMABLE, // kernel data that a shrinker can free
    MIGRATE_TYPES
};

struct buddy {
    struct page *mem_map;          // of frame 0 (indexed by frame number)
    u32 base;                      // first frame number
    u32 frames;                    // how many; base + frames is the end
    u32 free_frames;               // in all orders
    u32 free_blocks[BUDDY_ORDERS]; // of all types
    u8 *types;     // of pageblocks (indexed by frame number / their size)
    u32 type_mask; // of requests: 0 while all types are one
    struct list_head free[BUDDY_ORDERS][MIGRATE_TYPES];
    u32 hot_frames;                      // of free_frames
    struct list_head hot[MIGRATE_TYPES]; // last freed first
};

// buddy_init - an allocator over [base, base + frames) with nothing free and
// types not kept apart. @types: storage for the type of each pageblock that the
// range touches, set to MIGRATE_UNMOVABLE.
void buddy_init(struct buddy *b, struct page *mem_map, u8 *types, u32 base,
                u32 frames);

// buddy_group - keep types apart from now on; all pageblocks become movable.
// O(pageblocks); once, while nothing is allocated or it is all the same.
void buddy_group(struct buddy *b);

// Off the hot lists; one that merges, or is taken. For the functions below.
static inline void buddy_cool(struct buddy *b, struct page *page)
{
    page_clear(page, PG_HOT);
    list_del(&page->lru);
    b->free_blocks[0]--;
    b->hot_frames--;
}

// buddy_alloc - take a block; the lower half of a split one is used, the upper
// queued. Its pages have PG_BUDDY clear; state and refcount are the caller's.
// When there is none of @type, other types give (see buddy.c). O(orders), but
// for a pageblock that changes its type with the block.
// Return: the first frame's page; NULL: no block of this order or above.
__must_check struct page *buddy_alloc(struct buddy *b, u32 order,
                                      enum migrate_type type);

// buddy_alloc_frame - buddy_alloc of order 0, inline for when one is hot.
__must_check static inline struct page *
buddy_alloc_frame(struct buddy *b, enum migrate_type type)
{
    struct list_head *list = &b->hot[type & b->type_mask];
    struct page *page = list_first_entry(list, struct page, lru);

    if (unlikely(list_empty(list)))
        return buddy_alloc(b, 0, type);
    buddy_cool(b, page);
    b->free_frames--;
    return page;
}

// buddy_free - give a block back and merge. @page is the first of a block of
// @order that was allocated (in whole or as part of a larger one); asserted:
// alignment, range, no frame of it free (first frame always, all in DEBUG=1).
void buddy_free(struct buddy *b, struct page *page, u32 order);

// buddy_merge_hot - merge the @most oldest hot frames of each type. O(those).
// Return: how many.
u32 buddy_merge_hot(struct buddy *b, u32 most);

// buddy_check_freed - assert that no frame of a block is free. DEBUG=1.
void buddy_check_freed(const struct buddy *b, u32 frame, u32 order);

// buddy_free_frame - buddy_free of order 0, which may merge later. That @page
// is not free, the caller has seen.
static inline void buddy_free_frame(struct buddy *b, struct page *page)
{
    u32 frame = (u32)(page - b->mem_map);

    ASSERT(frame - b->base < b->frames);
    if (FAULTLINE_DEBUG)
        buddy_check_freed(b, frame, 0);
    page->private = 0;
    page_set(page, PG_HOT);
    list_add(&page->lru, &b->hot[b->types[frame >> BUDDY_BLOCK_ORDER]]);
    b->free_blocks[0]++;
    b->free_frames++;
    if (unlikely(++b->hot_frames > BUDDY_HOT_MAX))
        buddy_merge_hot(b, BUDDY_HOT_BATCH);
}

// buddy_add_range - free frames [first, end) in the largest aligned blocks.
void buddy_add_range(struct buddy *b, u32 first, u32 end);

// buddy_block_type - of the pageblock that @frame, in range, lies in.
enum migrate_type buddy_block_type(const struct buddy *b, u32 frame);

// buddy_count - free blocks of an order and a type. O(of them).
u32 buddy_count(const struct buddy *b, u32 order, enum migrate_type type);

// buddy_check - recount and verify all invariants. O(frames).
bool buddy_check(const struct buddy *b);
