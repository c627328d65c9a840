// mm/oom_report.c - what the log says when a task is killed for its memory
// SPDX-License-Identifier: MIT
//
// Everything that is needed to see why: the request, each zone with its marks
// and lists, the sums, and every task with what it has. Numbers are pages.

#include <kernel/cred.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/stat.h>
#include <mm/vm_sysctl.h>
#include <mm/zone.h>

#include "oom_private.h"

#define LOG_NAME "oom"
#include <kernel/log.h>

#define KIB_PER_PAGE (PAGE_SIZE / KIB)

static void report_request(const struct oom_request *request)
{
    log_err("%s invoked oom-killer: pid=%d gfp=%#x%s%s%s order=%u zone=%s "
            "oom_score_adj=%d",
            current->name, current->pid, request->gfp,
            request->gfp & GFP_IO ? " io" : "",
            request->gfp & GFP_FS ? " fs" : "",
            request->gfp & GFP_MOVABLE ? " movable" : "", request->order,
            zones[request->highest].name,
            oom_adj_of(current->process->oom_score_adj_plus_1000));
}

static void report_zone(const struct zone *zone, enum zone_id highest)
{
    log_warn(
        "zone=%s free=%u min=%u low=%u high=%u reserve=%u managed=%u "
        "anon=%u,%u file=%u,%u unevictable=%u scanned=%u",
        zone->name, zone->buddy.free_frames, zone->mark[MARK_MIN],
        zone->mark[MARK_LOW], zone->mark[MARK_HIGH], zone->reserve[highest],
        zone->managed, zone->lru_pages[LRU_ACTIVE_ANON],
        zone->lru_pages[LRU_INACTIVE_ANON], zone->lru_pages[LRU_ACTIVE_FILE],
        zone->lru_pages[LRU_INACTIVE_FILE], zone->lru_pages[LRU_UNEVICTABLE],
        zone->failed_scans);
}

static void report_zones(enum zone_id highest)
{
    zone_for_each (zone)
        if (zone->managed)
            report_zone(zone, highest);
}

static void report_sums(void)
{
    struct vm_numbers n;

    vm_numbers(&n);
    log_warn("slab=%u reclaimable=%u tables=%u stacks=%u shmem=%u dirty=%u "
             "writeback=%u swap_free=%u of %u swap_cached=%u",
             n.slab, n.slab_reclaimable, n.page_tables, n.kernel_stacks,
             n.shmem, n.dirty, n.writeback, n.swap_free, n.swap_total,
             n.swap_cached);
}

static void report_tasks(void)
{
    const struct process *process;

    log_warn("[  pid  ]   uid  total_vm      rss    swap  tables   adj name");
    for_each_process (process) {
        const struct task *leader = process->leader;
        const struct mm *mm = process_mm(process);
        struct oom_size size;

        if (!mm)
            continue;
        oom_size_of(mm, &size);
        log_warn("[%7d] %5u %9u %8u %7u %7u %5d %s", leader->pid,
                 leader->cred->uid, mm->total_pages, size.rss, size.swap,
                 size.tables, oom_adj_of(process->oom_score_adj_plus_1000),
                 leader->name);
    }
}

static void report_victim(const struct process *victim)
{
    const struct task *leader = victim->leader;
    const struct mm *mm = process_mm(victim);

    log_err("Out of memory: killed process %d (%s) total-vm:%ukB "
            "anon-rss:%ukB file-rss:%ukB shmem-rss:%ukB uid:%u pgtables:%ukB "
            "swap:%ukB oom_score_adj:%d",
            leader->pid, leader->name, mm->total_pages * KIB_PER_PAGE,
            mm->anon_pages * KIB_PER_PAGE, mm->file_pages * KIB_PER_PAGE,
            mm->shmem_pages * KIB_PER_PAGE, leader->cred->uid,
            mm->pmap.table_pages * KIB_PER_PAGE,
            mm->swap_entries * KIB_PER_PAGE,
            oom_adj_of(victim->oom_score_adj_plus_1000));
}

void oom_report_memory(void)
{
    report_zones(ZONE_HIGHMEM);
    report_sums();
}

void oom_report(const struct oom_request *request, const struct process *victim)
{
    report_request(request);
    report_zones(request->highest);
    report_sums();
    if (vm_oom_dump_tasks)
        report_tasks();
    if (victim)
        report_victim(victim);
    else
        log_err("Out of memory and nobody can be killed");
}
