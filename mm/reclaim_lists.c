// mm/reclaim_lists.c - which pages are looked at: the lists of a zone
// SPDX-License-Identifier: MIT
//
// Each zone has four lists: active and inactive, anonymous and file. Pages are
// taken from the tail of the inactive lists; these are refilled from the tails
// of the active ones. How many of each list, at one priority:
//
//   no swap, or no I/O allowed    files only
//   files are nearly gone         anonymous only: taking the last pages of
//                                 programs and libraries is no way out
//   plenty of inactive files that files only: pages that were used once
//   nobody missed
//   priority 0                    both, whatever the balance
//   else                          by vm.swappiness and by what either has cost
//                                 lately (include/mm/balance.h)
//
// An active list is touched when its inactive one is too short, or when pages
// have come back lately: then what is active may not deserve it.
//
// The rules are Linux 6.1's; its lists are per node, ours per zone, as are the
// costs. A 32-bit machine is short in one zone at a time.

#include <arch/cpu.h>
#include <kernel/task.h>
#include <mm/rmap.h>
#include <mm/shrinker.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/swap_cache.h>
#include <mm/vm_sysctl.h>
#include <mm/workingset.h>
#include <mm/writeback.h>

#include "counts.h"
#include "reclaim_private.h"

// A zone in which this many times its pages were looked at in vain is left
// alone until a page of it is freed.
#define HOPELESS_SCANS 6u

#define SCANNED_LISTS (LRU_ACTIVE_FILE + 1u)

struct plan {
    u32 want[SCANNED_LISTS];
    bool deactivate_anon, deactivate_file;
};

static bool is_file_list(enum lru_list list)
{
    return list == LRU_INACTIVE_FILE || list == LRU_ACTIVE_FILE;
}

static bool is_active_list(enum lru_list list)
{
    return list == LRU_ACTIVE_ANON || list == LRU_ACTIVE_FILE;
}

// ---- off the lists and back ------------------------------------------------

static void count_isolated(enum lru_list list, s32 pages)
{
    if (is_file_list(list))
        vm_counts.isolated_file += pages;
    else
        vm_counts.isolated_anon += pages;
}

u32 lru_take_tail(struct zone *zone, enum lru_list list, u32 want,
                  struct page **pages)
{
    u32 n = lru_isolate_tail(zone, list, want, pages);

    count_isolated(list, (s32)n);
    return n;
}

void lru_put_back(struct page *page, enum lru_list from)
{
    count_isolated(from, -1);
    lru_add(page);
    page_put(page);
}

// ---- inactive --------------------------------------------------------------

static void count_scanned(struct scan *scan, enum lru_list list, u32 n)
{
    vm_count_many(scan->kswapd ? VM_PGSCAN_KSWAPD : VM_PGSCAN_DIRECT, n);
    vm_count_many(is_file_list(list) ? VM_PGSCAN_FILE : VM_PGSCAN_ANON, n);
    scan->scanned += n;
    scan->looked_at += n;
    scan->round_dirty = 0;
    scan->round_written = 0;
}

static void count_stolen(struct scan *scan, enum lru_list list)
{
    vm_count(scan->kswapd ? VM_PGSTEAL_KSWAPD : VM_PGSTEAL_DIRECT);
    vm_count(is_file_list(list) ? VM_PGSTEAL_FILE : VM_PGSTEAL_ANON);
    scan->reclaimed++;
    scan->stolen++;
}

static void shrink_inactive(struct zone *zone, enum lru_list list, u32 want,
                            struct scan *scan)
{
    struct page *pages[RECLAIM_BATCH];
    u32 n = lru_take_tail(zone, list, want, pages);

    count_scanned(scan, list, n);
    zone->failed_scans += n;
    for (u32 i = 0; i < n; i++) {
        switch (shrink_page(pages[i], scan)) {
        case FATE_FREE:
            count_stolen(scan, list);
            count_isolated(list, -1);
            page_put(pages[i]);
            break;
        case FATE_ACTIVATE:
            page_set(pages[i], PG_ACTIVE);
            vm_count(VM_PGACTIVATE);
            lru_put_back(pages[i], list);
            break;
        case FATE_KEEP: lru_put_back(pages[i], list); break;
        }
    }
    lru_note_cost(zone, is_file_list(list), scan->round_written);
    scan->dirty += scan->round_dirty;
    if (n && scan->round_dirty == n) // nothing else at the tail
        writeback_wake();
}

// ---- active ----------------------------------------------------------------

// Refill an inactive list from the tail of its active one.
static void shrink_active(struct zone *zone, enum lru_list active, u32 want)
{
    struct page *pages[RECLAIM_BATCH];
    u32 n = lru_take_tail(zone, active, want, pages), kept = 0;

    vm_count_many(VM_PGREFILL, n);
    for (u32 i = 0; i < n; i++) {
        u32 vm_flags, used = rmap_referenced(pages[i], &vm_flags);

        // Program text that is in use stays.
        if (used && is_file_list(active) && (vm_flags & VM_EXEC)) {
            kept++;
        } else {
            page_clear(pages[i], PG_ACTIVE);
            page_set(pages[i], PG_WORKINGSET);
            vm_count(VM_PGDEACTIVATE);
        }
        lru_put_back(pages[i], active);
    }
    lru_note_cost(zone, is_file_list(active), kept);
}

// ---- how much of which -----------------------------------------------------

static bool inactive_is_low(const struct zone *zone, enum lru_list inactive)
{
    return balance_inactive_is_low(zone->lru_pages[inactive],
                                   zone->lru_pages[inactive + 1]);
}

// Without a free slot only pages that have one already can go.
static bool can_take_anon(u32 gfp)
{
    return (gfp & GFP_IO) && (swap_free_pages() || vm_counts.swap_cached);
}

static u32 file_pages(const struct zone *zone)
{
    return zone->lru_pages[LRU_INACTIVE_FILE] +
           zone->lru_pages[LRU_ACTIVE_FILE];
}

u32 zone_reclaimable_pages(const struct zone *zone)
{
    u32 pages = file_pages(zone);

    if (can_take_anon(GFP_IO))
        pages += zone->lru_pages[LRU_INACTIVE_ANON] +
                 zone->lru_pages[LRU_ACTIVE_ANON];
    return pages;
}

// Were all files taken, it would hardly be enough.
static bool files_are_tiny(const struct scan *scan)
{
    u32 have = 0, need = 0;

    for (u32 id = 0; id <= (u32)scan->highest; id++) {
        have += file_pages(&zones[id]) + zones[id].buddy.free_frames;
        need += zones[id].mark[MARK_HIGH];
    }
    return have <= need;
}

// Pages of that kind have come back since it was last asked.
static bool came_back(struct zone *zone, bool is_file)
{
    u32 refaults = vm_events[is_file ? VM_WORKINGSET_ACTIVATE_FILE
                                     : VM_WORKINGSET_ACTIVATE_ANON];
    bool result = refaults != zone->refaults_seen[is_file];

    zone->refaults_seen[is_file] = refaults;
    return result;
}

static struct balance_share shares(const struct zone *zone,
                                   const struct scan *scan,
                                   const struct plan *plan)
{
    static const struct balance_share files = {0, 1}, anon = {1, 0},
                                      equal = {1, 1};
    struct balance_share share;

    if (!can_take_anon(scan->gfp))
        return files;
    if (!scan->priority && vm_swappiness)
        return equal;
    if (files_are_tiny(scan) && !plan->deactivate_anon &&
        zone->lru_pages[LRU_INACTIVE_ANON] >> scan->priority)
        return anon;
    if (!plan->deactivate_file &&
        zone->lru_pages[LRU_INACTIVE_FILE] >> scan->priority)
        return files;
    balance_share(&zone->cost, vm_swappiness, &share);
    return share.anon + share.file ? share : files;
}

static void make_plan(struct zone *zone, const struct scan *scan,
                      struct plan *plan)
{
    bool last = !scan->priority;
    struct balance_share share;

    plan->deactivate_anon = came_back(zone, false) || last ||
                            inactive_is_low(zone, LRU_INACTIVE_ANON);
    plan->deactivate_file = came_back(zone, true) || last ||
                            inactive_is_low(zone, LRU_INACTIVE_FILE);
    share = shares(zone, scan, plan);
    for (u32 list = 0; list < SCANNED_LISTS; list++) {
        u32 part = is_file_list((enum lru_list)list) ? share.file : share.anon;

        plan->want[list] = balance_part(zone->lru_pages[list] >> scan->priority,
                                        part, share.anon + share.file);
    }
}

static void shrink_list(struct zone *zone, enum lru_list list, u32 n,
                        const struct plan *plan, struct scan *scan)
{
    bool may =
        is_file_list(list) ? plan->deactivate_file : plan->deactivate_anon;

    if (!is_active_list(list))
        shrink_inactive(zone, list, n, scan);
    else if (may)
        shrink_active(zone, list, n);
}

// All lists in turn, a batch of the longest and of the others in proportion.
static bool shrink_turn(struct zone *zone, struct plan *plan, struct scan *scan)
{
    u32 most = 0;

    for (u32 list = 0; list < SCANNED_LISTS; list++)
        most = max(most, plan->want[list]);
    if (!most)
        return false;
    for (u32 list = 0; list < SCANNED_LISTS; list++) {
        u32 n = balance_part(min(most, RECLAIM_BATCH), plan->want[list], most);

        plan->want[list] -= n;
        if (n)
            shrink_list(zone, (enum lru_list)list, n, plan, scan);
    }
    return true;
}

void shrink_zone(struct zone *zone, struct scan *scan)
{
    struct plan plan;

    make_plan(zone, scan, &plan);
    while (shrink_turn(zone, &plan, scan)) {
        // Who is killed has memory to give back, and at a low priority this
        // is a long way: all pages, with all others doing the same.
        if (scan->reclaimed >= scan->target || task_fatal_pending(current))
            break;
        cond_resched();
    }
    // Anonymous pages age even when it is files that are taken.
    if (can_take_anon(scan->gfp) && inactive_is_low(zone, LRU_INACTIVE_ANON))
        shrink_active(zone, LRU_ACTIVE_ANON, RECLAIM_BATCH);
    swap_write_flush();
}

bool zone_hopeless(const struct zone *zone)
{
    return zone->failed_scans >
           zone_reclaimable_pages(zone) * HOPELESS_SCANS + RECLAIM_BATCH;
}

// ---- caches ----------------------------------------------------------------

static u32 free_frames(void)
{
    u32 frames = 0;

    zone_for_each (zone)
        frames += zone->buddy.free_frames;
    return frames;
}

// The caches lose as much of what they hold as the lists were looked at. With
// nothing on the lists, all of it.
void shrink_slabs(struct scan *scan)
{
    u32 before = free_frames(), pages = 0, after;

    zone_for_each (zone)
        pages += zone_reclaimable_pages(zone);
    shrink_caches(scan->scanned + 1, pages + 1, scan->gfp);
    scan->scanned = 0;
    after = free_frames();
    if (after > before)
        scan->reclaimed += after - before;
}
