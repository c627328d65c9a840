// include/mm/stat.h - counters, for /proc/meminfo and /proc/vmstat
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// Events since boot.
enum vm_event {
    VM_PGPGIN,  // KiB read through page cache and swap (Linux's unit)
    VM_PGPGOUT, // KiB
    VM_DIRTIED, // pages of files and devices
    VM_WRITTEN, // pages, those swapped out too
    VM_PSWPIN,  // pages
    VM_PSWPOUT,
    VM_PGALLOC_DMA,
    VM_PGALLOC_NORMAL,
    VM_PGALLOC_HIGH,
    VM_PGFREE,
    VM_PGFAULT,
    VM_PGMAJFAULT,
    VM_PGSCAN_KSWAPD, // looked at, by whom; and again, of which kind
    VM_PGSCAN_DIRECT,
    VM_PGSCAN_ANON,
    VM_PGSCAN_FILE,
    VM_PGSTEAL_KSWAPD,
    VM_PGSTEAL_DIRECT,
    VM_PGSTEAL_ANON,
    VM_PGSTEAL_FILE,
    VM_PGREFILL,       // looked at on active lists
    VM_PGROTATED,      // written by reclaim, now next to be freed
    VM_PGREUSE,        // written to in place after a fault, not copied
    VM_SLABS_SCANNED,  // objects that shrinkers were asked for
    VM_DROP_PAGECACHE, // writes to drop_caches
    VM_DROP_SLAB,
    VM_VMSCAN_WRITE,            // pages that reclaim wrote
    VM_VMSCAN_IMMEDIATE,        // ... that it left to the flusher
    VM_WORKINGSET_REFAULT_ANON, // read again while remembered
    VM_WORKINGSET_REFAULT_FILE,
    VM_WORKINGSET_ACTIVATE_ANON, // ... and made active at once
    VM_WORKINGSET_ACTIVATE_FILE,
    VM_WORKINGSET_RESTORE_ANON, // ... having been active before
    VM_WORKINGSET_RESTORE_FILE,
    VM_WORKINGSET_NODERECLAIM,
    VM_PGACTIVATE,
    VM_PGDEACTIVATE,
    VM_ALLOCSTALL_DMA, // direct reclaims, by the highest zone
    VM_ALLOCSTALL_NORMAL,
    VM_ALLOCSTALL_HIGH,
    VM_PAGEOUTRUN,              // kswapd woke
    VM_KSWAPD_LOW_HIT_QUICKLY,  // was woken again within 100 ms
    VM_KSWAPD_HIGH_HIT_QUICKLY, // or should have been
    VM_OOM_KILL,
    VM_SWAP_RA,
    VM_SWAP_RA_HIT,
    VM_PGLAZYFREE,  // pages given up by MADV_FREE
    VM_PGLAZYFREED, // ... that reclaim took
    VM_UNEVICTABLE_CULLED,
    VM_UNEVICTABLE_SCANNED, // looked at when shared memory is unlocked
    VM_UNEVICTABLE_RESCUED,
    VM_UNEVICTABLE_MLOCKED,
    VM_UNEVICTABLE_MUNLOCKED,
    VM_UNEVICTABLE_CLEARED,  // freed while locked: cannot be here
    VM_UNEVICTABLE_STRANDED, // unlocked while on no list
    VM_PGBOUNCE, // pages of requests that went through a bounce page
    VM_EVENTS
};

extern u32 vm_events[VM_EVENTS];
extern const char *const vm_event_names[VM_EVENTS]; // as in /proc/vmstat

static inline void vm_count(enum vm_event event)
{
    vm_events[event]++;
}
static inline void vm_count_many(enum vm_event event, u32 n)
{
    vm_events[event] += n;
}

// What is where now, in pages.
struct vm_numbers {
    u32 total, free, high_total, high_free;
    u32 cached;  // page cache, tmpfs too
    u32 buffers; // of these, of block devices
    u32 swap_cached;
    u32 anon, mapped_file, shmem, page_tables, kernel_stacks;
    u32 slab, slab_reclaimable; // all, and of these
    u32 active_anon, inactive_anon, active_file, inactive_file;
    u32 unevictable, mlocked;
    u32 dirty, writeback;
    u32 dirty_limit, dirty_background; // beyond which something is done
    u32 isolated_anon, isolated_file;  // being looked at by reclaim
    u32 shadow_nodes;                  // see mm/workingset.h
    u32 bounce;                        // bounce pages in use
    u32 swap_total, swap_free;
    u32 vmalloc_total, vmalloc_used;
    u32 committed, commit_limit;
};
void vm_numbers(struct vm_numbers *out);
