// mm/counts.h - pages by use, counted where they change
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// In frames. Changed in tasks and, dirty, writeback and bounce, in handlers
// too.
struct vm_counts {
    s32 anon_mapped;   // anonymous pages with a mapping
    s32 file_mapped;   // cache pages with a mapping
    s32 cached;        // in page caches
    s32 buffers;       // of these, of block devices
    s32 shmem;         // of these, PG_SWAPBACKED
    s32 shmem_swapped; // pages of shmem that are out: entries in trees
    s32 swap_cached;
    s32 mlocked; // pages mapped by a VM_LOCKED area
    s32 dirty;
    s32 writeback;
    s32 isolated_anon, isolated_file; // taken off a list to be looked at
    s32 bounce;                       // bounce pages in use
};

extern struct vm_counts vm_counts;
