// mm/census_private.h - the parts of a census
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/addr.h>
#include <mm/census.h>
#include <mm/page_alloc.h>

// A note for each frame: how many entries of user page tables map it, and who
// else claims it.
#define NOTE_MAPPINGS 0x0fffffffu
#define NOTE_VMALLOC  0x10000000u // a frame of a vmalloc area
#define NOTE_STACK    0x20000000u // ... of a kernel stack
#define NOTE_TABLE    0x40000000u // a page table
#define NOTE_LOCKED   0x80000000u // mapped by a VM_LOCKED area

struct census_walk {
    struct census *census;
    u32 *notes; // [mem_map_frames]
    // [area][slot]: how many entries name the slot; NULL: no such area.
    u16 *slots[SWAP_AREAS_MAX];
    u32 slot_counts[SWAP_AREAS_MAX]; // of the array above
    bool tell;                       // log what is wrong with single frames
    u32 told;
    u32 vmalloc_frames; // found in areas of vmalloc
    u32 anon_held;      // census_frames: anonymous pages that somebody has
    // census_shmem: pages, nodes of trees and swap entries of shmem.
    u32 shmem_pages, shmem_nodes, shmem_swapped;
};

// A line of the result.
void census_compare(struct census_walk *walk, const char *name, u32 counted,
                    u32 counter);
void census_tell(struct census_walk *walk, const char *name, u32 counted);

// The walks, in this order; interrupts are off.
void census_spaces(struct census_walk *walk);  // census_spaces.c
void census_vmalloc(struct census_walk *walk); // census_spaces.c
void census_shmem(struct census_walk *walk);   // census_shmem.c
void census_frames(struct census_walk *walk);  // census_frames.c
void census_swap(struct census_walk *walk);    // census_swap.c

// What the frames of all zones are.
struct census_totals {
    u32 state[PAGE_STATES];
    u32 owners[OWNERS];
    u32 slab_objects;
    u32 anon_mapped, file_mapped, shmem, dirty, writeback, swap_cached;
    u32 bounce;      // bounce pages in use
    u32 of_mappings; // pages that the mappings found believe to have
    u32 dirty_of_mappings, written_of_mappings; // ... likewise
    u32 written;   // PG_WRITEBACK, of files and devices
    u32 buffers;   // of devices
    u32 bad_tags;  // pages whose tags in the tree are wrong
    u32 bad_lists; // mappings that are on a list and should not, or not
    u32 anon_held, radix_nodes;
    u32 bad_mapcount, bad_refcount, bad_block, bad_owner, off_lru;
    u32 not_in_cache;
    u32 mlocked, bad_mlock; // PG_MLOCKED; ... that is not right
};
void census_owners(struct census_walk *walk,
                   const u32 frames[OWNERS]); // census_owners.c
void census_begin_files(void);                // census_files.c
void census_file_page(struct census_totals *t,
                      const struct page *page); // census_files.c
void census_shadows(struct census_totals *t);   // census_files.c
void census_compare_files(struct census_walk *walk,
                          const struct census_totals *t); // census_files.c
void census_compare_totals(struct census_walk *walk,
                           const struct census_totals *t); // census_totals.c
