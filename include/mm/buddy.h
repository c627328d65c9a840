// include/mm/buddy.h - the buddy allocator [P]: blocks of 2^order frames
// SPDX-License-Identifier: MIT
//
// A free block of order o starts at a frame number that is a multiple of 2^o;
// its first struct page has PG_BUDDY and the order in private, no other frame
// of it has PG_BUDDY. No two free buddies of one order exist: free merges as
// far as it can. Allocation and freeing take O(orders).
//
// One struct buddy serves one zone: the frames [base, base + frames) of
// mem_map. Frames outside, or of another zone id, are never merged with.
//
// Locking: interrupts off around every call (the caller's business; a pure
// module). Source of the idea: Knowlton 1965; state in the page instead of a
// bitmap, so that it can be checked and holes cost nothing.
#pragma once

#include <base/list.h>
#include <mm/page.h>

#define BUDDY_ORDERS 11u // 0 to 10: 4 KiB to 4 MiB

struct buddy {
    struct page *mem_map; // of frame 0 (indexed by frame number)
    u32 base;             // first frame number
    u32 frames;           // how many; base + frames is the end
    u32 free_frames;      // in all orders
    u32 free_blocks[BUDDY_ORDERS];
    struct list_head free[BUDDY_ORDERS];
};

// buddy_init - an allocator over [base, base + frames) with nothing free.
void buddy_init(struct buddy *b, struct page *mem_map, u32 base, u32 frames);

// buddy_alloc - take a block; the lower half of a split one is used, the upper
// queued. Its pages have PG_BUDDY clear; state and refcount are the caller's.
// Return: the first frame's page; NULL: no block of this order or above.
__must_check struct page *buddy_alloc(struct buddy *b, u32 order);

// buddy_free - give a block back and merge. @page is the first of a block of
// @order that was allocated (in whole or as part of a larger one); asserted:
// alignment, range, no frame of it free (first frame always, all in DEBUG=1).
void buddy_free(struct buddy *b, struct page *page, u32 order);

// buddy_add_range - free frames [first, end) in the largest aligned blocks.
void buddy_add_range(struct buddy *b, u32 first, u32 end);

// buddy_check - recount and verify all invariants. O(frames).
bool buddy_check(const struct buddy *b);
