// mm/buddy_private.h - between buddy.c and buddy_check.c
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/buddy.h>

static inline u32 buddy_frame_of(const struct buddy *b, const struct page *page)
{
    return (u32)(page - b->mem_map);
}

static inline bool buddy_in_range(const struct buddy *b, u32 frame)
{
    return frame - b->base < b->frames; // wraps below base: not less either
}

// The first frame of a free block, or a hot one.
static inline bool buddy_page_is_free(const struct page *page)
{
    return page->flags & (1u << PG_BUDDY | 1u << PG_HOT);
}

static inline bool buddy_is_free_block(const struct page *page, u32 order)
{
    return page_test(page, PG_BUDDY) && page->private == order;
}
