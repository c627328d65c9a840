// mm/reclaim.c - who finds no memory makes some
// SPDX-License-Identifier: MIT
//
// Effort is a priority from 12 down to 0: at priority p, one page in 2^p of a
// list is looked at (mm/reclaim_lists.c), and of each page it is decided
// whether it leaves (mm/reclaim_page.c). kswapd does this in the background
// (mm/kswapd.c); who still finds no memory does it here himself: direct
// reclaim. When that fails, mm/oom.c is next.
//
// Between two rounds that did not free enough he waits until a write is done,
// if there are any to wait for: scanning faster than the disk writes only makes
// pages go round. A write that is done is progress, like a page that was freed.
// One that is under way is not: it may be that of a task which itself waits
// here, for memory to find out where on the disk its page belongs.
//
// Context: the task has TF_MEMALLOC meanwhile, so that what is allocated on the
// way comes from the reserve and never from a second reclaim.

#include <mm/reclaim.h>

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include <mm/pagecache.h>
#include <mm/stat.h>
#include <mm/swap_cache.h>
#include <mm/writeback.h>

#include "counts.h"
#include "reclaim_private.h"

#define WRITE_WAIT_NS (100ull * NSEC_PER_MSEC)
#define STALLS_MAX    4u // waits in vain, in one reclaim

static WAIT_QUEUE(written_queue);
static u32 writes_done; // counts up; who waits compares

void reclaim_write_done(void)
{
    writes_done++;
    wake_up(&written_queue);
}

bool reclaim_throttle(struct scan *scan)
{
    u32 seen = writes_done;
    bool dirty = scan->dirty && (scan->gfp & GFP_FS);
    int err;

    swap_write_flush();
    pagecache_submit();
    if (scan->dirty)
        writeback_wake();
    scan->dirty = 0;
    if ((READ_ONCE(vm_counts.writeback) == 0 && !dirty) ||
        scan->stalls >= STALLS_MAX)
        return true;
    err = wait_event_full(&written_queue, READ_ONCE(writes_done) != seen,
                          WAIT_KILLABLE, time_ns() + WRITE_WAIT_NS);
    if (err == -ETIMEDOUT)
        scan->stalls++;
    return err != -EINTR;
}

void scan_trace(struct scan *scan, u64 start)
{
    const struct skipped *skipped = &scan->skipped;

    if (trace_on(reclaim) && start) {
        trace_write(TRACE_RECLAIM,
                    scan->kswapd ? TRACE_RECLAIM_KSWAPD : TRACE_RECLAIM_DIRECT,
                    (u32)scan->highest, scan->looked_at, scan->stolen,
                    time_since(start));
        trace_write(TRACE_SKIPPED, skipped->used, skipped->dirty,
                    skipped->locked, skipped->no_slot, skipped->busy);
    }
    scan->looked_at = scan->stolen = 0;
    scan->skipped = (struct skipped){0};
}

static void shrink_zones(struct scan *scan)
{
    for (s32 id = (s32)scan->highest; id >= 0; id--)
        if (zones[id].managed)
            shrink_zone(&zones[id], scan);
    shrink_slabs(scan);
}

bool reclaim_direct(enum zone_id highest, u32 gfp, u32 order)
{
    struct scan scan = {
        .highest = highest,
        .gfp = gfp,
        .target = max(RECLAIM_BATCH, 1u << order),
    };
    u64 start = trace_start(reclaim);
    u32 seen = writes_done;

    ASSERT(!(current->flags & TF_MEMALLOC));
    vm_count(VM_ALLOCSTALL_DMA + (u32)highest);
    current->flags |= TF_MEMALLOC;
    for (u32 p = PRIORITY_START + 1; p-- > 0;) {
        scan.priority = p;
        shrink_zones(&scan);
        if (scan.reclaimed >= scan.target || task_fatal_pending(current))
            break;
        if ((gfp & GFP_IO) && !reclaim_throttle(&scan))
            break;
    }
    current->flags &= ~TF_MEMALLOC;
    scan_trace(&scan, start);
    return scan.reclaimed || READ_ONCE(writes_done) != seen;
}

bool reclaim_could_help(enum zone_id highest)
{
    // What is being written, or will be, is not lost.
    if (READ_ONCE(vm_counts.writeback) || READ_ONCE(vm_counts.dirty))
        return true;
    for (u32 id = 0; id <= (u32)highest; id++) {
        const struct zone *zone = &zones[id];

        if (zone_reclaimable_pages(zone) + zone->buddy.free_frames >
            zone->mark[MARK_MIN] + zone->reserve[highest])
            return true;
    }
    return false;
}

// ---- chosen pages ----------------------------------------------------------

// lru_isolate has taken it off its list, not lru_take_tail: no count.
static bool take_page(struct page *page, struct scan *scan)
{
    switch (shrink_page(page, scan)) {
    case FATE_FREE: page_put(page); return true;
    case FATE_ACTIVATE: page_set(page, PG_ACTIVE); break;
    case FATE_KEEP: break;
    }
    lru_add(page);
    page_put(page);
    return false;
}

u32 reclaim_pages(struct list_head *list)
{
    struct scan scan = {
        .highest = ZONE_HIGHMEM, .gfp = GFP_HIGHUSER, .take_used = true};
    u32 was = current->flags & TF_MEMALLOC, freed = 0;

    current->flags |= TF_MEMALLOC;
    while (!list_empty(list)) {
        struct page *page = list_first_entry(list, struct page, lru);

        list_del(&page->lru);
        freed += take_page(page, &scan);
    }
    swap_write_flush();
    if (scan.round_dirty)
        writeback_wake();
    current->flags = (current->flags & ~(u32)TF_MEMALLOC) | was;
    return freed;
}

// ---- drop_caches -----------------------------------------------------------

static bool drop_clean(struct page *page)
{
    bool gone;

    if (!page_trylock(page))
        return false;
    gone = page_state(page) == PAGE_STATE_CACHE && mapping_drop_page(page);
    page_unlock(page);
    return gone;
}

// One round through a list, as it is now. What stays keeps its order.
static void drop_clean_of(struct zone *zone, enum lru_list list)
{
    u32 left = zone->lru_pages[list];
    struct page *pages[RECLAIM_BATCH];

    while (left) {
        u32 n = lru_take_tail(zone, list, min(left, RECLAIM_BATCH), pages);

        if (!n)
            return;
        left -= min(left, n);
        for (u32 i = 0; i < n; i++) {
            (void)drop_clean(pages[i]);
            lru_put_back(pages[i], list);
        }
        cond_resched();
    }
}

void reclaim_drop_clean(void)
{
    zone_for_each (zone) {
        drop_clean_of(zone, LRU_INACTIVE_FILE);
        drop_clean_of(zone, LRU_ACTIVE_FILE);
    }
}
