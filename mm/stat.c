// mm/stat.c - the memory manager in numbers
// SPDX-License-Identifier: MIT

#include <mm/stat.h>

#include <mm/layout.h>
#include <mm/mm.h>
#include <mm/page_table.h>
#include <mm/slab_stat.h>
#include <mm/swap.h>
#include <mm/vmalloc_stat.h>
#include <mm/zone.h>

#include "counts.h"
#include "mm_list.h"

u32 vm_events[VM_EVENTS];

const char *const vm_event_names[VM_EVENTS] = {
    [VM_PGPGIN] = "pgpgin",
    [VM_PGPGOUT] = "pgpgout",
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
    [VM_PGSTEAL_KSWAPD] = "pgsteal_kswapd",
    [VM_PGSTEAL_DIRECT] = "pgsteal_direct",
    [VM_PGACTIVATE] = "pgactivate",
    [VM_PGDEACTIVATE] = "pgdeactivate",
    [VM_ALLOCSTALL] = "allocstall",
    [VM_PAGEOUTRUN] = "pageoutrun",
    [VM_OOM_KILL] = "oom_kill",
    [VM_SWAP_RA] = "swap_ra",
    [VM_SWAP_RA_HIT] = "swap_ra_hit",
};

static u32 lru_sum(enum lru_list list)
{
    u32 sum = 0;

    zone_for_each (zone)
        sum += zone->lru_pages[list];
    return sum;
}

// What programs have been promised: if all of it were written to.
static u32 committed_pages(void)
{
    u32 pages = (u32)vm_counts.unevictable_cached;
    struct mm *mm;

    list_for_each_entry (mm, &mm_list, link) {
        const struct vm_area *vma;

        vma_for_each (vma, &mm->areas) {
            if ((vma->flags & VM_WRITE) && !(vma->flags & VM_NORESERVE) &&
                !((vma->flags & VM_SHARED) && vma->mapping))
                pages += vma_pages(vma);
        }
    }
    return pages;
}

void vm_numbers(struct vm_numbers *out)
{
    u32 total = 0, free = 0;

    zone_for_each (zone) {
        total += zone->managed;
        free += zone->buddy.free_frames;
    }
    *out = (struct vm_numbers){
        .total = total,
        .free = free,
        .high_total = zones[ZONE_HIGHMEM].managed,
        .high_free = zones[ZONE_HIGHMEM].buddy.free_frames,
        .cached = (u32)vm_counts.cached,
        .swap_cached = (u32)vm_counts.swap_cached,
        .anon = (u32)vm_counts.anon_mapped,
        .mapped_file = (u32)vm_counts.file_mapped,
        .shmem = (u32)vm_counts.unevictable_cached,
        .slab = slab_page_count(),
        .page_tables = page_table_pages(),
        .kernel_stacks = kernel_stack_pages(),
        .active_anon = lru_sum(LRU_ACTIVE_ANON),
        .inactive_anon = lru_sum(LRU_INACTIVE_ANON),
        .active_file = lru_sum(LRU_ACTIVE_FILE),
        .inactive_file = lru_sum(LRU_INACTIVE_FILE),
        .dirty = (u32)vm_counts.dirty,
        .writeback = (u32)vm_counts.writeback,
        .swap_total = swap_total_pages(),
        .swap_free = swap_free_pages(),
        .vmalloc_total = (VMALLOC_END - VMALLOC_START) / PAGE_SIZE,
        .vmalloc_used = vmalloc_pages_used(),
        .committed = committed_pages(),
    };
}
