// include/mm/swap_map.h - reference counts of the slots of a swap area [P]
// SPDX-License-Identifier: MIT
//
// One u16 a slot:
//   bits 0-13  how many PTEs (and other holders) name the slot
//   bit 14     SWAP_HAS_CACHE: the swap cache has a page for it
//   bit 15     SWAP_BAD: never to be used (slot 0, mkswap's bad pages, slots
//              whose writing failed)
// A slot is free when all bits are 0. Slots are given out from a current
// cluster of SWAP_CLUSTER_SLOTS consecutive ones, so that pages that leave
// together lie together; when it is used up, the next wholly free cluster is
// taken from a list, and when there is none, the next free slot after the last.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define SWAP_COUNT_MAX     0x3fffu
#define SWAP_HAS_CACHE     0x4000u
#define SWAP_BAD           0x8000u
#define SWAP_CLUSTER_SLOTS 256u
#define SWAP_CLUSTER_NONE  0xffffffffu

struct swap_cluster {
    u16 used; // slots not free (bad ones count)
    u32 next; // next in the list of free clusters; SWAP_CLUSTER_NONE: last
};

struct swap_map {
    u16 *counts;                   // [slots]
    struct swap_cluster *clusters; // [DIV_ROUND_UP(slots, SWAP_CLUSTER_SLOTS)]
    u32 slots;
    u32 free_slots;
    u32 bad_slots;
    u32 bad_held;  // of them, those that still have holders or a page
    u32 current;   // cluster being filled
    u32 next_slot; // where the search goes on
    u32 free_head; // list of wholly free clusters
};

// swap_map_init - all slots free but slot 0, which is bad (the header).
// @counts and @clusters are storage of the caller of the sizes above.
void swap_map_init(struct swap_map *m, u32 slots, u16 *counts,
                   struct swap_cluster *clusters);

// swap_map_mark_bad - a slot that must not be given out again. A slot in use
// keeps its count and becomes bad for good; its holders may still drop it.
// Return: 0; -EINVAL: no such slot.
__must_check int swap_map_mark_bad(struct swap_map *m, u32 slot);

// swap_map_alloc - take a free slot; its value becomes SWAP_HAS_CACHE, count 0.
// Return: 0; -ENOSPC.
__must_check int swap_map_alloc(struct swap_map *m, u32 *out_slot);

// swap_map_get - one more holder. Return: 0; -ENOENT: the slot is free or out
// of range (a stale entry); -EOVERFLOW: the count is at its maximum.
__must_check int swap_map_get(struct swap_map *m, u32 slot);

// swap_map_put - one holder less (asserted: there is one).
// Return: what is left: count and flags. When 0 the slot is free.
u16 swap_map_put(struct swap_map *m, u32 slot);

// swap_map_cache_get - claim the right to put a page into the swap cache.
// Return: 0; -EEXIST: the cache has one; -ENOENT: free slot or out of range.
__must_check int swap_map_cache_get(struct swap_map *m, u32 slot);

// swap_map_cache_put - the swap cache drops its page. Return as swap_map_put.
u16 swap_map_cache_put(struct swap_map *m, u32 slot);

// swap_map_count - holders of a slot, without flags; 0 for a bad slot number.
u32 swap_map_count(const struct swap_map *m, u32 slot);

// swap_map_used - slots that have holders or a page, bad ones among them.
u32 swap_map_used(const struct swap_map *m);

// swap_map_check - recount and verify. O(slots).
bool swap_map_check(const struct swap_map *m);
