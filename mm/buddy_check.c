// mm/buddy_check.c - the buddy allocator [P]: counting and verifying
// SPDX-License-Identifier: MIT

#include <mm/buddy.h>

#include <base/bits.h>

#include "buddy_private.h"

u32 buddy_count(const struct buddy *b, u32 order, enum migrate_type type)
{
    const struct page *page;
    u32 count = 0;

    list_for_each_entry (page, &b->free[order][type], lru)
        count++;
    if (order == 0)
        list_for_each_entry (page, &b->hot[type], lru)
            count++;
    return count;
}

// One free block: marked, aligned, in range, alone, not with its buddy, and on
// the list of its pageblock's type.
static bool check_block(const struct buddy *b, const struct page *page,
                        u32 order, enum migrate_type type)
{
    u32 frame = buddy_frame_of(b, page), other = frame ^ 1u << order;

    if (!buddy_is_free_block(page, order) || !IS_ALIGNED(frame, 1u << order) ||
        buddy_block_type(b, frame) != type || !buddy_in_range(b, frame) ||
        !buddy_in_range(b, frame + (1u << order) - 1))
        return false;
    for (u32 i = 1; i < 1u << order; i++) {
        if (buddy_page_is_free(&page[i]) ||
            page_zone_id(&page[i]) != page_zone_id(page))
            return false;
    }
    return order == BUDDY_ORDERS - 1 || !buddy_in_range(b, other) ||
           !buddy_is_free_block(&b->mem_map[other], order) ||
           page_zone_id(&b->mem_map[other]) != page_zone_id(page);
}

// The hot frames: marked as such, in range, and on the list of their type.
static bool check_hot(const struct buddy *b)
{
    u32 count = 0, marked = 0;

    for (u32 type = 0; type < MIGRATE_TYPES; type++) {
        const struct page *page;

        list_for_each_entry (page, &b->hot[type], lru) {
            u32 frame = buddy_frame_of(b, page);

            if (++count > b->hot_frames || !buddy_in_range(b, frame) ||
                page->private || page_test(page, PG_BUDDY) ||
                !page_test(page, PG_HOT) || buddy_block_type(b, frame) != type)
                return false;
        }
    }
    for (u32 i = 0; i < b->frames; i++)
        marked += page_test(&b->mem_map[b->base + i], PG_HOT);
    return count == b->hot_frames && marked == count;
}

bool buddy_check(const struct buddy *b)
{
    u32 free_frames = b->hot_frames, blocks = 0, marked = 0;

    if (!check_hot(b))
        return false;

    for (u32 order = 0; order < BUDDY_ORDERS; order++) {
        u32 count = order == 0 ? b->hot_frames : 0, hot = count;

        for (u32 type = 0; type < MIGRATE_TYPES; type++) {
            const struct page *page;

            list_for_each_entry (page, &b->free[order][type], lru) {
                if (++count > b->free_blocks[order] ||
                    !check_block(b, page, order, (enum migrate_type)type))
                    return false;
            }
        }
        if (count != b->free_blocks[order])
            return false;
        free_frames += (count - hot) << order;
        blocks += count - hot;
    }
    for (u32 i = 0; i < b->frames; i++)
        marked += page_test(&b->mem_map[b->base + i], PG_BUDDY);
    return free_frames == b->free_frames && blocks == marked;
}
