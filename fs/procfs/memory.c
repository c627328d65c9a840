// fs/procfs/memory.c - what memory is used for
// SPDX-License-Identifier: MIT
//
// Formats and names are Linux's (proc(5)); lines of what this kernel does not
// have are left out.

#include "procfs.h"

#include <drivers/block.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/zone.h>

#define KIB_PER_PAGE (PAGE_SIZE / KIB)

static void put_kib(struct proc_text *text, const char *name, u32 pages)
{
    u32 pad = 16 - min(16u, (u32)__builtin_strlen(name) + 1);

    proc_print(text, "%s:%*s%8llu kB\n", name, (int)pad, "",
               (u64)pages * KIB_PER_PAGE);
}

// Pages of block devices, which the user knows as buffers.
static u32 buffer_pages(void)
{
    struct block_device *device = NULL;
    u32 pages = 0;

    while ((device = block_next(device)))
        if (device->mapping)
            pages += device->mapping->page_count;
    return pages;
}

// An estimate of what programs can get without swapping, made as on Linux: free
// memory above the marks, and the page cache but for a part that is needed.
static u32 available_pages(const struct vm_numbers *n)
{
    u32 low = 0, high = 0, cache = n->active_file + n->inactive_file;

    zone_for_each (zone) {
        low += zone->mark[MARK_LOW];
        high += zone->mark[MARK_HIGH];
    }
    cache -= min(cache / 2, low);
    return n->free + cache - min(n->free + cache, high);
}

int proc_show_meminfo(struct proc_text *text, const struct proc_ref *ref)
{
    struct vm_numbers n;
    u32 buffers = buffer_pages();

    (void)ref;
    vm_numbers(&n);
    put_kib(text, "MemTotal", n.total);
    put_kib(text, "MemFree", n.free);
    put_kib(text, "MemAvailable", available_pages(&n));
    put_kib(text, "Buffers", buffers);
    put_kib(text, "Cached", n.cached - min(n.cached, buffers));
    put_kib(text, "SwapCached", n.swap_cached);
    put_kib(text, "Active", n.active_anon + n.active_file);
    put_kib(text, "Inactive", n.inactive_anon + n.inactive_file);
    put_kib(text, "Active(anon)", n.active_anon);
    put_kib(text, "Inactive(anon)", n.inactive_anon);
    put_kib(text, "Active(file)", n.active_file);
    put_kib(text, "Inactive(file)", n.inactive_file);
    put_kib(text, "Unevictable", n.shmem);
    put_kib(text, "Mlocked", 0); // mlock is not there yet
    put_kib(text, "HighTotal", n.high_total);
    put_kib(text, "HighFree", n.high_free);
    put_kib(text, "LowTotal", n.total - n.high_total);
    put_kib(text, "LowFree", n.free - n.high_free);
    put_kib(text, "SwapTotal", n.swap_total);
    put_kib(text, "SwapFree", n.swap_free);
    put_kib(text, "Dirty", n.dirty);
    put_kib(text, "Writeback", n.writeback);
    put_kib(text, "AnonPages", n.anon);
    put_kib(text, "Mapped", n.mapped_file);
    put_kib(text, "Shmem", n.shmem);
    put_kib(text, "KReclaimable", 0); // no cache is as a whole
    put_kib(text, "Slab", n.slab);
    put_kib(text, "SReclaimable", 0);
    put_kib(text, "SUnreclaim", n.slab);
    put_kib(text, "KernelStack", n.kernel_stacks);
    put_kib(text, "PageTables", n.page_tables);
    put_kib(text, "Bounce", 0); // no device needs it
    put_kib(text, "CommitLimit", n.total / 2 + n.swap_total);
    put_kib(text, "Committed_AS", n.committed);
    put_kib(text, "VmallocTotal", n.vmalloc_total);
    put_kib(text, "VmallocUsed", n.vmalloc_used);
    put_kib(text, "VmallocChunk", 0); // as Linux has it
    return 0;
}

int proc_show_vmstat(struct proc_text *text, const struct proc_ref *ref)
{
    struct vm_numbers n;
    u32 i;

    (void)ref;
    vm_numbers(&n);
    proc_print(text, "nr_free_pages %u\n", n.free);
    proc_print(text, "nr_inactive_anon %u\n", n.inactive_anon);
    proc_print(text, "nr_active_anon %u\n", n.active_anon);
    proc_print(text, "nr_inactive_file %u\n", n.inactive_file);
    proc_print(text, "nr_active_file %u\n", n.active_file);
    proc_print(text, "nr_anon_pages %u\n", n.anon);
    proc_print(text, "nr_mapped %u\n", n.mapped_file);
    proc_print(text, "nr_file_pages %u\n", n.cached + n.swap_cached);
    proc_print(text, "nr_dirty %u\n", n.dirty);
    proc_print(text, "nr_writeback %u\n", n.writeback);
    proc_print(text, "nr_shmem %u\n", n.shmem);
    proc_print(text, "nr_slab_unreclaimable %u\n", n.slab);
    proc_print(text, "nr_kernel_stack %u\n", n.kernel_stacks * KIB_PER_PAGE);
    proc_print(text, "nr_page_table_pages %u\n", n.page_tables);
    proc_print(text, "nr_swapcached %u\n", n.swap_cached);
    for (i = 0; i < VM_EVENTS; i++)
        proc_print(text, "%s %u\n", vm_event_names[i], vm_events[i]);
    return 0;
}

// As `swapon -s` and free read it: columns by tabs, sizes in KiB.
int proc_show_swaps(struct proc_text *text, const struct proc_ref *ref)
{
    struct swap_info info;
    u32 i;

    (void)ref;
    proc_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    for (i = 0; swap_get_info(i, &info); i++)
        proc_print(text, "%-40spartition\t%u\t\t%u\t\t%d\n", info.name,
                   info.total_pages * KIB_PER_PAGE,
                   info.used_pages * KIB_PER_PAGE, info.priority);
    return 0;
}
