// fs/procfs/memory.c - what memory is used for
// SPDX-License-Identifier: MIT
//
// Formats and names are Linux's (proc(5)); lines of what this kernel does not
// have are left out. faultline/faults is ours, a line for each cause of the
// table in mm/fault.c: NUMBER NAME FAULTS-SINCE-BOOT. faultline/latency has the
// same lines with how long they took, waiting included, from mm_fault's
// beginning to its end:
//   clock tsc | none            none: the CPU has no time stamps, or they stand
//                               still (all faults are untimed then), or nobody
//                               knows how fast they are (times are 0)
//   cause name ...              what the columns are
//   NUMBER NAME FAULTS UNTIMED TOTAL P50 P90 P99 UNDER:FAULTS...
// Times are in nanoseconds; of percentiles and buckets the end, in which they
// are less than twice what they say less.

#include "procfs.h"

#include <arch/cpu.h>
#include <kernel/time.h>
#include <mm/fault_cause.h>
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

    (void)ref;
    vm_numbers(&n);
    put_kib(text, "MemTotal", n.total);
    put_kib(text, "MemFree", n.free);
    put_kib(text, "MemAvailable", available_pages(&n));
    put_kib(text, "Buffers", n.buffers);
    put_kib(text, "Cached", n.cached - n.buffers);
    put_kib(text, "SwapCached", n.swap_cached);
    put_kib(text, "Active", n.active_anon + n.active_file);
    put_kib(text, "Inactive", n.inactive_anon + n.inactive_file);
    put_kib(text, "Active(anon)", n.active_anon);
    put_kib(text, "Inactive(anon)", n.inactive_anon);
    put_kib(text, "Active(file)", n.active_file);
    put_kib(text, "Inactive(file)", n.inactive_file);
    put_kib(text, "Unevictable", n.unevictable);
    put_kib(text, "Mlocked", n.mlocked);
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
    put_kib(text, "KReclaimable", n.slab_reclaimable);
    put_kib(text, "Slab", n.slab);
    put_kib(text, "SReclaimable", n.slab_reclaimable);
    put_kib(text, "SUnreclaim", n.slab - n.slab_reclaimable);
    put_kib(text, "KernelStack", n.kernel_stacks);
    put_kib(text, "PageTables", n.page_tables);
    put_kib(text, "Bounce", n.bounce);
    put_kib(text, "CommitLimit", n.commit_limit);
    put_kib(text, "Committed_AS", n.committed);
    put_kib(text, "VmallocTotal", n.vmalloc_total);
    put_kib(text, "VmallocUsed", n.vmalloc_used);
    put_kib(text, "VmallocChunk", 0); // as Linux has it
    return 0;
}

// What is where now. Names and units are Linux's; nr_kernel_stack is in KiB.
static void put_states(struct proc_text *text, const struct vm_numbers *n)
{
    const struct {
        const char *name;
        u32 value;
    } lines[] = {
        {"nr_free_pages", n->free},
        {"nr_zone_inactive_anon", n->inactive_anon},
        {"nr_zone_active_anon", n->active_anon},
        {"nr_zone_inactive_file", n->inactive_file},
        {"nr_zone_active_file", n->active_file},
        {"nr_zone_unevictable", n->unevictable},
        {"nr_zone_write_pending", n->dirty + n->writeback},
        {"nr_mlock", n->mlocked},
        {"nr_bounce", n->bounce},
        {"nr_inactive_anon", n->inactive_anon},
        {"nr_active_anon", n->active_anon},
        {"nr_inactive_file", n->inactive_file},
        {"nr_active_file", n->active_file},
        {"nr_unevictable", n->unevictable},
        {"nr_slab_reclaimable", n->slab_reclaimable},
        {"nr_slab_unreclaimable", n->slab - n->slab_reclaimable},
        {"nr_isolated_anon", n->isolated_anon},
        {"nr_isolated_file", n->isolated_file},
        {"workingset_nodes", n->shadow_nodes},
        {"nr_anon_pages", n->anon},
        {"nr_mapped", n->mapped_file},
        {"nr_file_pages", n->cached + n->swap_cached},
        {"nr_dirty", n->dirty},
        {"nr_writeback", n->writeback},
        {"nr_shmem", n->shmem},
        {"nr_kernel_stack", n->kernel_stacks * KIB_PER_PAGE},
        {"nr_page_table_pages", n->page_tables},
        {"nr_swapcached", n->swap_cached},
        {"nr_dirty_threshold", n->dirty_limit},
        {"nr_dirty_background_threshold", n->dirty_background},
    };

    for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
        proc_print(text, "%s %u\n", lines[i].name, lines[i].value);
}

int proc_show_vmstat(struct proc_text *text, const struct proc_ref *ref)
{
    struct vm_numbers n;
    u32 i;

    (void)ref;
    vm_numbers(&n);
    put_states(text, &n);
    for (i = 0; i < VM_EVENTS; i++)
        proc_print(text, "%s %u\n", vm_event_names[i], vm_events[i]);
    return 0;
}

int proc_show_faults(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    for (u32 i = 0; i < FAULT_CAUSES; i++)
        proc_print(text, "%u %s %u\n", i, fault_cause_names[i],
                   latency_count(fault_buckets[i]));
    return 0;
}

static void put_latency(struct proc_text *text, u32 cause)
{
    static const u32 permille[] = {500, 900, 990};
    const u32 *buckets = fault_buckets[cause];

    proc_print(text, "%u %s %u %u %llu", cause, fault_cause_names[cause],
               latency_count(buckets), buckets[0],
               time_stamps_ns(fault_cycles[cause]));
    for (u32 i = 0; i < ARRAY_SIZE(permille); i++)
        proc_print(text, " %llu",
                   time_stamps_ns(latency_percentile(buckets, permille[i])));
    for (u32 i = 1; i < LATENCY_BUCKETS; i++)
        if (buckets[i])
            proc_print(text, " %llu:%u", time_stamps_ns(latency_end(i)),
                       buckets[i]);
    proc_print(text, "\n");
}

int proc_show_latency(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text,
               "clock %s\ncause name count untimed total_ns p50_ns p90_ns "
               "p99_ns under_ns:count\n",
               cpu_has(CPU_TSC) && time_stamps_ns(~0u) ? "tsc" : "none");
    for (u32 i = 0; i < FAULT_CAUSES; i++)
        put_latency(text, i);
    return 0;
}
