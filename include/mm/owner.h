// include/mm/owner.h - the books of those who hold frames in state KERNEL
// SPDX-License-Identifier: MIT
//
// The page allocator tags a frame with its owner (GFP_OWNER). Each owner keeps
// a book of its own beside that: it notes what it takes and gives back, by its
// own reckoning, in the function that does so. The census compares the two.
#pragma once

#include <mm/page_alloc.h>

// owner_take, owner_give - @owner has so many frames more, or less. Any
// context.
void owner_take(enum page_owner owner, u32 frames);
void owner_give(enum page_owner owner, u32 frames);

// owner_frames - how many it believes to have. OWNER_OTHER never has any:
// frames without a tag become tables, slabs or pages of users before their new
// holder sleeps, or are in motion.
u32 owner_frames(enum page_owner owner);
