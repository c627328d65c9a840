// mm/stat.c - the memory manager in numbers
// SPDX-License-Identifier: MIT

#include <mm/stat.h>

#include <mm/commit.h>
#include <mm/layout.h>
#include <mm/page_table.h>
#include <mm/slab_stat.h>
#include <mm/swap.h>
#include <mm/vmalloc_stat.h>
#include <mm/workingset.h>
#include <mm/writeback.h>
#include <mm/zone.h>

#include "counts.h"

u32 vm_events[VM_EVENTS];

const char *const vm_event_names[VM_EVENTS] = {
    [VM_PGPGIN] = "pgpgin",
    [VM_PGPGOUT] = "pgpgout",
    [VM_DIRTIED] = "nr_dirtied",
    [VM_WRITTEN] = "nr_written",
    [VM_PSWPIN] = "pswpin",
    [VM_PSWPOUT] = "pswpout",
    [VM_PGALLOC_DMA] = "pgalloc_dma",
    [VM_PGALLOC_NORMAL] = "pgalloc_normal",
    [VM_PGALLOC_HIGH] = "pgalloc_high",
    [VM_PGFREE] = "pgfree",
    [VM_PGFAULT] = "pgfault",
    [VM_PGMAJFAULT] = "pgmajfault",
    [VM_PGSCAN_KSWAPD] = "pgscan_kswapd",
    [VM_PGSCAN_DIRECT] = "pgscan_direct",
    [VM_PGSCAN_ANON] = "pgscan_anon",
    [VM_PGSCAN_FILE] = "pgscan_file",
    [VM_PGSTEAL_ANON] = "pgsteal_anon",
    [VM_PGSTEAL_FILE] = "pgsteal_file",
    [VM_PGREFILL] = "pgrefill",
    [VM_PGROTATED] = "pgrotated",
    [VM_PGREUSE] = "pgreuse",
    [VM_SLABS_SCANNED] = "slabs_scanned",
    [VM_DROP_PAGECACHE] = "drop_pagecache",
    [VM_DROP_SLAB] = "drop_slab",
    [VM_VMSCAN_WRITE] = "nr_vmscan_write",
    [VM_VMSCAN_IMMEDIATE] = "nr_vmscan_immediate_reclaim",
    [VM_WORKINGSET_REFAULT_ANON] = "workingset_refault_anon",
    [VM_WORKINGSET_REFAULT_FILE] = "workingset_refault_file",
    [VM_WORKINGSET_ACTIVATE_ANON] = "workingset_activate_anon",
    [VM_WORKINGSET_ACTIVATE_FILE] = "workingset_activate_file",
    [VM_WORKINGSET_RESTORE_ANON] = "workingset_restore_anon",
    [VM_WORKINGSET_RESTORE_FILE] = "workingset_restore_file",
    [VM_WORKINGSET_NODERECLAIM] = "workingset_nodereclaim",
    [VM_PGSTEAL_KSWAPD] = "pgsteal_kswapd",
    [VM_PGSTEAL_DIRECT] = "pgsteal_direct",
    [VM_PGACTIVATE] = "pgactivate",
    [VM_PGDEACTIVATE] = "pgdeactivate",
    [VM_ALLOCSTALL_DMA] = "allocstall_dma",
    [VM_ALLOCSTALL_NORMAL] = "allocstall_normal",
    [VM_ALLOCSTALL_HIGH] = "allocstall_high",
    [VM_KSWAPD_LOW_HIT_QUICKLY] = "kswapd_low_wmark_hit_quickly",
    [VM_KSWAPD_HIGH_HIT_QUICKLY] = "kswapd_high_wmark_hit_quickly",
    [VM_PAGEOUTRUN] = "pageoutrun",
    [VM_OOM_KILL] = "oom_kill",
    [VM_SWAP_RA] = "swap_ra",
    [VM_SWAP_RA_HIT] = "swap_ra_hit",
    [VM_PGLAZYFREE] = "pglazyfree",
    [VM_PGLAZYFREED] = "pglazyfreed",
    [VM_UNEVICTABLE_CULLED] = "unevictable_pgs_culled",
    [VM_UNEVICTABLE_SCANNED] = "unevictable_pgs_scanned",
    [VM_UNEVICTABLE_RESCUED] = "unevictable_pgs_rescued",
    [VM_UNEVICTABLE_MLOCKED] = "unevictable_pgs_mlocked",
    [VM_UNEVICTABLE_MUNLOCKED] = "unevictable_pgs_munlocked",
    [VM_UNEVICTABLE_CLEARED] = "unevictable_pgs_cleared",
    [VM_UNEVICTABLE_STRANDED] = "unevictable_pgs_stranded",
    [VM_PGBOUNCE] = "pgbounce",
};

static u32 lru_sum(enum lru_list list)
{
    u32 sum = 0;

    zone_for_each (zone)
        sum += zone->lru_pages[list];
    return sum;
}

void vm_numbers(struct vm_numbers *out)
{
    u32 total = 0, free = 0, dirty_limit, dirty_background;

    zone_for_each (zone) {
        total += zone->managed;
        free += zone->buddy.free_frames;
    }
    dirty_limits(&dirty_limit, &dirty_background);
    *out = (struct vm_numbers){
        .total = total,
        .free = free,
        .high_total = zones[ZONE_HIGHMEM].managed,
        .high_free = zones[ZONE_HIGHMEM].buddy.free_frames,
        .cached = (u32)vm_counts.cached,
        .buffers = (u32)vm_counts.buffers,
        .swap_cached = (u32)vm_counts.swap_cached,
        .anon = (u32)vm_counts.anon_mapped,
        .mapped_file = (u32)vm_counts.file_mapped,
        .shmem = (u32)vm_counts.shmem,
        .slab = slab_page_count(),
        .slab_reclaimable = slab_reclaimable_page_count(),
        .page_tables = page_table_pages(),
        .kernel_stacks = kernel_stack_pages(),
        .active_anon = lru_sum(LRU_ACTIVE_ANON),
        .inactive_anon = lru_sum(LRU_INACTIVE_ANON),
        .active_file = lru_sum(LRU_ACTIVE_FILE),
        .inactive_file = lru_sum(LRU_INACTIVE_FILE),
        .dirty = (u32)vm_counts.dirty,
        .writeback = (u32)vm_counts.writeback,
        .dirty_limit = dirty_limit,
        .dirty_background = dirty_background,
        .isolated_anon = (u32)vm_counts.isolated_anon,
        .isolated_file = (u32)vm_counts.isolated_file,
        .shadow_nodes = workingset_nodes(),
        .bounce = (u32)vm_counts.bounce,
        .swap_total = swap_total_pages(),
        .swap_free = swap_free_pages(),
        .vmalloc_total = (VMALLOC_END - VMALLOC_START) / PAGE_SIZE,
        .vmalloc_used = vmalloc_pages_used(),
        .unevictable = lru_sum(LRU_UNEVICTABLE),
        .mlocked = (u32)vm_counts.mlocked,
        .committed = vm_committed(),
        .commit_limit = vm_commit_limit(),
    };
}
