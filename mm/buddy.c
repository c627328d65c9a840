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
// Rejected: one xor bit for each pair of blocks (cannot be verified, needs
// memory for each order, fails at holes); delayed merging (a zone that is all
// free must offer its largest blocks).

#include <mm/buddy.h>

#include <base/assert.h>
#include <base/bits.h>

static u32 frame_of(const struct buddy *b, const struct page *page)
{
    return (u32)(page - b->mem_map);
}

static bool in_range(const struct buddy *b, u32 frame)
{
    return frame - b->base < b->frames; // wraps below base: not less either
}

static void push_block(struct buddy *b, struct page *page, u32 order)
{
    page->private = order;
    page_set(page, PG_BUDDY);
    list_add(&page->lru, &b->free[order]);
    b->free_blocks[order]++;
}

static void remove_block(struct buddy *b, struct page *page, u32 order)
{
    page_clear(page, PG_BUDDY);
    list_del(&page->lru);
    b->free_blocks[order]--;
}

static bool is_free_block(const struct page *page, u32 order)
{
    return page_test(page, PG_BUDDY) && page->private == order;
}

void buddy_init(struct buddy *b, struct page *mem_map, u32 base, u32 frames)
{
    *b = (struct buddy){.mem_map = mem_map, .base = base, .frames = frames};
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        list_init(&b->free[order]);
}

struct page *buddy_alloc(struct buddy *b, u32 order)
{
    struct page *page;
    u32 have = order;

    while (have < BUDDY_ORDERS && list_empty(&b->free[have]))
        have++;
    if (have >= BUDDY_ORDERS)
        return NULL;
    page = list_first_entry(&b->free[have], struct page, lru);
    remove_block(b, page, have);
    while (have > order) {
        have--;
        push_block(b, page + (1u << have), have);
    }
    b->free_frames -= 1u << order;
    return page;
}

#if FAULTLINE_DEBUG
// Whether any frame of the block belongs to a free block: one that begins in
// it, or a larger one that it lies in.
static bool overlaps_free(const struct buddy *b, u32 frame, u32 order)
{
    for (u32 i = 0; i < 1u << order; i++) {
        if (page_test(&b->mem_map[frame + i], PG_BUDDY))
            return true;
    }
    for (u32 above = order + 1; above < BUDDY_ORDERS; above++) {
        u32 first = ALIGN_DOWN(frame, 1u << above);

        if (in_range(b, first) && page_test(&b->mem_map[first], PG_BUDDY) &&
            b->mem_map[first].private >= above)
            return true;
    }
    return false;
}
#endif

void buddy_free(struct buddy *b, struct page *page, u32 order)
{
    u32 frame = frame_of(b, page);
    u32 zone = page_zone_id(page);

    ASSERT(order < BUDDY_ORDERS && IS_ALIGNED(frame, 1u << order));
    ASSERT(in_range(b, frame) && in_range(b, frame + (1u << order) - 1));
    ASSERT(!page_test(page, PG_BUDDY));
#if FAULTLINE_DEBUG
    ASSERT(!overlaps_free(b, frame, order));
#endif
    b->free_frames += 1u << order;
    for (; order < BUDDY_ORDERS - 1; order++) {
        u32 other = frame ^ 1u << order;
        struct page *buddy = &b->mem_map[other];

        if (!in_range(b, other) || !is_free_block(buddy, order) ||
            page_zone_id(buddy) != zone)
            break;
        remove_block(b, buddy, order);
        frame = min(frame, other);
    }
    push_block(b, &b->mem_map[frame], order);
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

// One free block: marked, aligned, in range, alone, and not with its buddy.
static bool check_block(const struct buddy *b, const struct page *page,
                        u32 order)
{
    u32 frame = frame_of(b, page), other = frame ^ 1u << order;

    if (!is_free_block(page, order) || !IS_ALIGNED(frame, 1u << order) ||
        !in_range(b, frame) || !in_range(b, frame + (1u << order) - 1))
        return false;
    for (u32 i = 1; i < 1u << order; i++) {
        if (page_test(&page[i], PG_BUDDY) ||
            page_zone_id(&page[i]) != page_zone_id(page))
            return false;
    }
    return order == BUDDY_ORDERS - 1 || !in_range(b, other) ||
           !is_free_block(&b->mem_map[other], order) ||
           page_zone_id(&b->mem_map[other]) != page_zone_id(page);
}

bool buddy_check(const struct buddy *b)
{
    u32 free_frames = 0, blocks = 0, marked = 0;

    for (u32 order = 0; order < BUDDY_ORDERS; order++) {
        const struct page *page;
        u32 count = 0;

        list_for_each_entry (page, &b->free[order], lru) {
            if (++count > b->free_blocks[order] || !check_block(b, page, order))
                return false;
        }
        if (count != b->free_blocks[order])
            return false;
        free_frames += count << order;
        blocks += count;
    }
    for (u32 i = 0; i < b->frames; i++)
        marked += page_test(&b->mem_map[b->base + i], PG_BUDDY);
    return free_frames == b->free_frames && blocks == marked;
}
