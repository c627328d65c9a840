// include/mm/stat.h - counters, for /proc/meminfo and /proc/vmstat
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// Events since boot.
enum vm_event {
    VM_PGPGIN,  // KiB read through page cache and swap (Linux's unit)
    VM_PGPGOUT, // KiB
    VM_PSWPIN,  // pages
    VM_PSWPOUT,
    VM_PGALLOC_DMA,
    VM_PGALLOC_NORMAL,
    VM_PGALLOC_HIGH,
    VM_PGFREE,
    VM_PGFAULT,
    VM_PGMAJFAULT,
    VM_PGSCAN_KSWAPD,
    VM_PGSCAN_DIRECT,
    VM_PGSTEAL_KSWAPD,
    VM_PGSTEAL_DIRECT,
    VM_PGACTIVATE,
    VM_PGDEACTIVATE,
    VM_ALLOCSTALL,
    VM_PAGEOUTRUN, // kswapd woke
    VM_OOM_KILL,
    VM_SWAP_RA,
    VM_SWAP_RA_HIT,
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
    u32 cached; // page cache, tmpfs too
    u32 swap_cached;
    u32 anon, mapped_file, shmem, slab, page_tables, kernel_stacks;
    u32 active_anon, inactive_anon, active_file, inactive_file;
    u32 dirty, writeback;
    u32 swap_total, swap_free;
    u32 vmalloc_total, vmalloc_used;
    u32 committed; // of private memory that may be written to, and of tmpfs
};
void vm_numbers(struct vm_numbers *out);
