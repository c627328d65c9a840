// mm/reclaim.c - who leaves memory, and when
// SPDX-License-Identifier: MIT
//
// Each zone has four lists: active and inactive, anonymous and file. Pages are
// taken from the tail of the inactive lists; these are refilled from the tails
// of the active ones. A page that was used since it was last looked at goes
// back to active instead of leaving. Effort is a priority from 12 down to 0:
// at priority p, one page in 2^p of a list is looked at.
//
// What happens to one page (shrink_page):
//   used recently              -> active (a file page needs two uses)
//   anonymous, no slot yet     -> gets one, enters the swap cache
//   mapped                     -> unmapped everywhere
//   dirty                      -> written; looked at again when that is done
//   clean, nobody else has it  -> freed
//
// kswapd does it in the background, from the low mark to the high one; who
// finds no memory does it itself (direct reclaim).
//
// Locking: only trylocks on pages, never mm->lock. Pages that are looked at are
// off the lists, with a reference. No memory is needed on the way but radix
// nodes for the swap cache, from the reserve.

#include <mm/reclaim.h>

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/shrinker.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/swap_cache.h>
#include <mm/vm_sysctl.h>

#include "counts.h"

#define PRIORITY_START 12u
#define BATCH          32u // pages looked at in one go, and wanted at least
#define WRITE_WAIT_NS  (100ull * NSEC_PER_MSEC)
#define SHARE_OF_BOTH  200u // file and anonymous pages together
// A zone in which this many times its pages were looked at in vain is left
// alone until a page of it is freed.
#define HOPELESS_SCANS 6u

struct scan {
    enum zone_id highest;
    u32 gfp;
    bool kswapd;
    u32 priority;
    u32 scanned; // since the caches were last asked to shrink
    u32 reclaimed;
};

enum page_fate {
    FATE_KEEP,
    FATE_ACTIVATE,
    FATE_FREE
};

static WAIT_QUEUE(kswapd_queue);
static WAIT_QUEUE(written_queue);
static bool kswapd_wanted;
static u32 writes_done; // counts up; who waits compares

void reclaim_write_done(void)
{
    writes_done++;
    wake_up(&written_queue);
}

// Wait until a write ends, if any is under way.
static void wait_for_a_write(void)
{
    u32 seen = writes_done;

    swap_write_flush();
    if (READ_ONCE(vm_counts.writeback) == 0)
        return;
    // Woken or timed out, both are reasons to look again.
    if (wait_event_full(&written_queue, READ_ONCE(writes_done) != seen,
                        WAIT_UNINTERRUPTIBLE, time_ns() + WRITE_WAIT_NS))
        return;
}

// Was it used? What that means for it.
static enum page_fate judge_use(struct page *page)
{
    u32 vm_flags;
    u32 used = rmap_referenced(page, &vm_flags);
    bool was_referenced = page_test(page, PG_REFERENCED);

    page_clear(page, PG_REFERENCED);
    if (vm_flags & VM_LOCKED)
        return FATE_ACTIVATE;
    if (!used)
        return FATE_FREE;
    if (page_state(page) == PAGE_STATE_ANON || was_referenced || used > 1 ||
        (vm_flags & VM_EXEC))
        return FATE_ACTIVATE;
    page_set(page, PG_REFERENCED); // a file page used once: one more round
    return FATE_KEEP;
}

static enum page_fate write_out(struct page *page, const struct scan *scan)
{
    if (page_state(page) != PAGE_STATE_ANON || !(scan->gfp & GFP_IO))
        return FATE_ACTIVATE;
    return swap_write(page) ? FATE_ACTIVATE : FATE_KEEP;
}

// @page is locked and off the lists. FATE_FREE: our reference is the last.
static enum page_fate shrink_locked(struct page *page, const struct scan *scan)
{
    enum page_fate fate;

    if (page->refcount == 1)
        return FATE_FREE; // its last user went away meanwhile
    if (page_test(page, PG_WRITEBACK)) {
        page_set(page, PG_RECLAIM);
        return FATE_KEEP;
    }
    if (!page_test(page, PG_UPTODATE))
        return FATE_KEEP;
    fate = judge_use(page);
    if (fate != FATE_FREE)
        return fate;
    if (page_state(page) == PAGE_STATE_ANON && !page_test(page, PG_SWAPCACHE) &&
        (!(scan->gfp & GFP_IO) || swap_cache_add(page)))
        return FATE_ACTIVATE;
    if (page->mapcount && !rmap_unmap_all(page))
        return FATE_ACTIVATE;
    if (page_test(page, PG_DIRTY))
        return write_out(page, scan);
    if (page_state(page) == PAGE_STATE_CACHE)
        return mapping_drop_page(page) ? FATE_FREE : FATE_KEEP;
    if (page->refcount != 2) // somebody found it in the swap cache
        return FATE_KEEP;
    swap_cache_delete(page);
    return FATE_FREE;
}

static enum page_fate shrink_page(struct page *page, const struct scan *scan)
{
    enum page_fate fate;

    if (!page_trylock(page))
        return FATE_KEEP;
    fate = shrink_locked(page, scan);
    page_unlock(page);
    return fate;
}

// Take up to @want pages off the tail of a list, each with a reference.
static u32 isolate(struct zone *zone, enum lru_list list, u32 want,
                   struct page **pages)
{
    u32 flags = irq_save(), n = 0;

    while (n < want && !list_empty(&zone->lru[list])) {
        struct page *page = list_last_entry(&zone->lru[list], struct page, lru);

        lru_remove(page);
        page_get(page);
        pages[n++] = page;
    }
    irq_restore(flags);
    return n;
}

static void shrink_inactive(struct zone *zone, enum lru_list list, u32 want,
                            struct scan *scan)
{
    struct page *pages[BATCH];
    u32 n = isolate(zone, list, min(want, BATCH), pages);

    vm_count_many(scan->kswapd ? VM_PGSCAN_KSWAPD : VM_PGSCAN_DIRECT, n);
    zone->failed_scans += n;
    scan->scanned += n;
    for (u32 i = 0; i < n; i++) {
        switch (shrink_page(pages[i], scan)) {
        case FATE_FREE:
            scan->reclaimed++;
            vm_count(scan->kswapd ? VM_PGSTEAL_KSWAPD : VM_PGSTEAL_DIRECT);
            break;
        case FATE_ACTIVATE:
            page_set(pages[i], PG_ACTIVE);
            vm_count(VM_PGACTIVATE);
            lru_add(pages[i]);
            break;
        case FATE_KEEP: lru_add(pages[i]); break;
        }
        page_put(pages[i]);
    }
    swap_write_flush();
}

// Refill an inactive list from the tail of its active one.
static void shrink_active(struct zone *zone, enum lru_list active, u32 want)
{
    struct page *pages[BATCH];
    u32 n = isolate(zone, active, min(want, BATCH), pages);

    for (u32 i = 0; i < n; i++) {
        u32 vm_flags, used = rmap_referenced(pages[i], &vm_flags);

        // Program text that is in use stays.
        if (!(used && active == LRU_ACTIVE_FILE && (vm_flags & VM_EXEC))) {
            page_clear(pages[i], PG_ACTIVE);
            vm_count(VM_PGDEACTIVATE);
        }
        lru_add(pages[i]);
        page_put(pages[i]);
    }
}

// One kind of page: keep the inactive list at a third, then take from it.
static void shrink_kind(struct zone *zone, enum lru_list inactive, u32 share,
                        struct scan *scan)
{
    enum lru_list active = inactive + 1;
    u32 pages = zone->lru_pages[inactive] + zone->lru_pages[active];
    u32 want = (pages >> scan->priority) * share / 100;

    if (pages && !want)
        want = 1;
    while (want) {
        u32 n = min(want, BATCH);

        if (zone->lru_pages[inactive] * 2 < zone->lru_pages[active])
            shrink_active(zone, active, BATCH);
        shrink_inactive(zone, inactive, n, scan);
        want -= n;
        if (scan->reclaimed >= BATCH && !scan->kswapd)
            return;
    }
}

// How much more willingly file pages are taken than anonymous ones, of 200, is
// vm.swappiness. At 0 anonymous pages are left to the last round.
static void shrink_zone(struct zone *zone, struct scan *scan)
{
    u32 anon = scan->priority ? vm_swappiness : max(vm_swappiness, 1u);

    shrink_kind(zone, LRU_INACTIVE_FILE, SHARE_OF_BOTH - anon, scan);
    // Without a free slot only pages that have one already can go.
    if (anon && (scan->gfp & GFP_IO) &&
        (swap_free_pages() || vm_counts.swap_cached))
        shrink_kind(zone, LRU_INACTIVE_ANON, anon, scan);
}

static u32 free_frames(void)
{
    u32 frames = 0;

    zone_for_each (zone)
        frames += zone->buddy.free_frames;
    return frames;
}

// The caches lose as much of what they hold as the lists were looked at. With
// nothing on the lists, all of it.
static void shrink_slabs(struct scan *scan)
{
    u32 before = free_frames(), pages = 0, after;

    zone_for_each (zone)
        for (u32 i = 0; i < LRU_LISTS; i++)
            pages += zone->lru_pages[i];
    shrink_caches(scan->scanned + 1, pages + 1, scan->gfp);
    scan->scanned = 0;
    after = free_frames();
    if (after > before)
        scan->reclaimed += after - before;
}

static bool zone_hopeless(const struct zone *zone)
{
    u32 pages = 0;

    for (u32 i = 0; i < LRU_LISTS; i++)
        pages += zone->lru_pages[i];
    return zone->failed_scans > pages * HOPELESS_SCANS + BATCH;
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
    struct scan scan = {.highest = highest, .gfp = gfp};

    ASSERT(!(current->flags & TF_MEMALLOC));
    current->flags |= TF_MEMALLOC;
    for (u32 p = PRIORITY_START + 1; p-- > 0;) {
        scan.priority = p;
        shrink_zones(&scan);
        if (scan.reclaimed >= BATCH + (1u << order) ||
            task_fatal_pending(current))
            break;
        if (gfp & GFP_IO)
            wait_for_a_write();
    }
    current->flags &= ~TF_MEMALLOC;
    // Pages being written will be free soon: that is progress, too.
    return scan.reclaimed || READ_ONCE(vm_counts.writeback);
}

static bool zone_wants_kswapd(const struct zone *zone)
{
    return zone->managed && !zone_hopeless(zone) &&
           !zone_above(zone, 0, zone->mark[MARK_HIGH], zone->id);
}

static void kswapd_balance(void)
{
    struct scan scan = {
        .highest = ZONE_HIGHMEM, .gfp = GFP_HIGHUSER, .kswapd = true};

    for (u32 p = PRIORITY_START + 1; p-- > 0;) {
        bool short_of_pages = false;

        scan.priority = p;
        scan.reclaimed = 0;
        for (u32 id = ZONES; id-- > 0;) {
            if (!zone_wants_kswapd(&zones[id]))
                continue;
            short_of_pages = true;
            shrink_zone(&zones[id], &scan);
        }
        if (!short_of_pages)
            return;
        shrink_slabs(&scan);
        if (scan.reclaimed < BATCH)
            wait_for_a_write();
        else if (p < PRIORITY_START)
            p++; // it works at this effort: go on with it
        cond_resched();
    }
}

// One round through a list, as it is now. What stays keeps its order.
static void drop_clean_of(struct zone *zone, enum lru_list list)
{
    u32 left = zone->lru_pages[list];
    struct page *pages[BATCH];

    while (left) {
        u32 n = isolate(zone, list, min(left, BATCH), pages);

        if (!n)
            return;
        left -= min(left, n);
        for (u32 i = 0; i < n; i++) {
            bool gone = false;

            if (page_trylock(pages[i])) {
                gone = page_state(pages[i]) == PAGE_STATE_CACHE &&
                       mapping_drop_page(pages[i]);
                page_unlock(pages[i]);
            }
            if (!gone)
                lru_add(pages[i]);
            page_put(pages[i]);
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

static void kswapd(void *unused)
{
    (void)unused;
    current->flags |= TF_MEMALLOC;
    for (;;) {
        // Idle, and shown as such; no signal comes.
        (void)wait_event_interruptible(&kswapd_queue, READ_ONCE(kswapd_wanted));
        kswapd_wanted = false;
        vm_count(VM_PAGEOUTRUN);
        kswapd_balance();
    }
}

void kswapd_wake(enum zone_id highest, u32 order)
{
    (void)order;
    for (u32 id = 0; id <= (u32)highest; id++) {
        if (!zone_wants_kswapd(&zones[id]))
            continue;
        kswapd_wanted = true;
        wake_up(&kswapd_queue);
        return;
    }
}

void kswapd_init(void)
{
    if (!kthread_start(kswapd, NULL, "kswapd"))
        panic("no memory for kswapd");
}
