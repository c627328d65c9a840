// mm/swap_cache.c - pages between memory and disk
// SPDX-License-Identifier: MIT
//
// The life of a slot:
//   reclaim takes it (SWAP_HAS_CACHE, count 0), puts the page into the cache,
//   replaces the page's PTEs by the entry (count up), writes the page, and when
//   it is clean drops it from the cache (flag down): the slot has it alone.
//   A fault finds it in the cache, or claims the flag (one claimer: the others
//   find its page), reads it in, maps it (count down). When the count is 0 and
//   the page is written to, the slot is given up; else page and slot both keep
//   the content, and the page can leave again without being written.
//
// A write that failed leaves the page dirty and in the cache with PG_ERROR. The
// next attempt writes it alone and waits: if that fails too, the slot is bad
// and the page stays in memory; nothing is lost. A read that failed is tried
// again alone, then the one who needs the page gets -EIO.

#include <mm/swap_cache.h>

#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/radix_tree.h>
#include <mm/pagecache.h>
#include <mm/radix_alloc.h>
#include <mm/stat.h>
#include <mm/vm_sysctl.h>
#include <mm/zone.h>

#include "counts.h"
#include "swap_area.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

// Slots read at once around the one that is needed are an aligned block of at
// most 2^vm.page-cluster, which is at most:
#define READ_CLUSTER_MAX (1u << PAGE_CLUSTER_MAX)

static struct radix_tree cache; // by entry.v
static u32 window_hits; // pages read ahead and used, since the last miss

int swap_get(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);

    return area ? swap_map_get(&area->map, swap_entry_slot(entry)) : -ENOENT;
}

void swap_put(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);
    struct page *page;
    u16 left;

    ASSERT(area);
    left = swap_map_put(&area->map, swap_entry_slot(entry));
    if ((left & ~SWAP_BAD) != SWAP_HAS_CACHE)
        return;
    // Only the cache is left: the page is nobody's, unless somebody maps it
    // or is busy with it.
    page = radix_tree_lookup(&cache, entry.v);
    if (page && page->mapcount == 0 && page_trylock(page)) {
        page_get(page);
        (void)swap_cache_try_free(page);
        page_unlock(page);
        page_put(page);
    }
}

bool swap_is_bad(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);

    return area && (area->map.counts[swap_entry_slot(entry)] & SWAP_BAD);
}

// Put @page in under @entry; the flag of the slot is claimed already.
static int insert(struct page *page, swap_entry_t entry,
                  struct radix_preload *pre)
{
    int err = radix_tree_insert(&cache, entry.v, page, pre);

    if (err)
        return err;
    page_get(page);
    page->private = entry.v;
    page_set(page, PG_SWAPCACHE);
    vm_counts.swap_cached++;
    return 0;
}

int swap_cache_add(struct page *page)
{
    struct swap_area *area = swap_area_choose();
    struct radix_preload pre;
    u32 slot;
    int err;

    ASSERT(page_test(page, PG_LOCKED) && !page_test(page, PG_SWAPCACHE));
    if (!area)
        return -ENOSPC;
    if (!radix_preload_fill(&pre, GFP_ATOMIC | GFP_MEMALLOC | GFP_NOWARN))
        return -ENOMEM;
    err = swap_map_alloc(&area->map, &slot);
    if (!err) {
        err = insert(page, swap_entry(area->number, slot), &pre);
        if (err)
            (void)swap_map_cache_put(&area->map, slot);
    }
    radix_preload_drain(&pre);
    if (!err)
        page_mark_dirty(page);
    return err;
}

u32 swap_cache_nodes(void)
{
    return radix_tree_nodes(&cache);
}

struct page *swap_cache_find(swap_entry_t entry)
{
    struct page *page = radix_tree_lookup(&cache, entry.v);

    if (page)
        page_get(page);
    return page;
}

void swap_cache_delete(struct page *page)
{
    swap_entry_t entry = {page->private};
    struct page *was;

    ASSERT(page_test(page, PG_SWAPCACHE) && !page_test(page, PG_WRITEBACK));
    was = radix_tree_delete(&cache, entry.v, radix_node_put, NULL);
    ASSERT(was == page);
    page_clear(page, PG_SWAPCACHE);
    page->private = 0;
    vm_counts.swap_cached--;
    (void)swap_map_cache_put(&swap_area_of(entry)->map, swap_entry_slot(entry));
    page_put(page);
}

bool swap_cache_try_free(struct page *page)
{
    swap_entry_t entry = {page->private};

    if (!page_test(page, PG_SWAPCACHE))
        return true;
    if (page_test(page, PG_WRITEBACK) ||
        swap_map_count(&swap_area_of(entry)->map, swap_entry_slot(entry)))
        return false;
    swap_cache_delete(page);
    page_mark_dirty(page); // the slot's copy is gone
    return true;
}

// A page for one slot of a cluster, in the cache and locked. Return: as
// swap_map_cache_get, or -ENOMEM.
static int claim_slot(struct swap_area *area, u32 slot, struct page *page)
{
    struct radix_preload pre;
    int err;

    if (!radix_preload_fill(&pre, GFP_KERNEL))
        return -ENOMEM;
    err = swap_map_cache_get(&area->map, slot);
    if (err)
        goto out;
    err = insert(page, swap_entry(area->number, slot), &pre);
    if (err) {
        (void)swap_map_cache_put(&area->map, slot);
        goto out;
    }
    page_set_state(page, PAGE_STATE_ANON);
    page->owner = NULL;
    page_set(page, PG_LOCKED);
    lru_add(page);
out:
    radix_preload_drain(&pre);
    return err;
}

// How many slots to read for a miss at @slot: it follows how many of the pages
// that were read ahead have been used since. With none used, only a miss next
// to the last one is worth a second page; it shrinks by half at a time.
static u32 read_window(u32 slot)
{
    static u32 last_slot, last_window = 1;
    u32 most = 1u << vm_page_cluster;
    u32 window = 1;

    if (window_hits)
        window = 2u << ilog2(window_hits + 1);
    else if (slot == last_slot + 1 || slot == last_slot - 1)
        window = 2;
    window = min(max(window, last_window / 2), most);
    window_hits = 0;
    last_slot = slot;
    last_window = window;
    return window;
}

static bool worth_reading_ahead(const struct swap_area *area, u32 slot)
{
    u16 value = area->map.counts[slot];

    return (value & SWAP_COUNT_MAX) && !(value & (SWAP_HAS_CACHE | SWAP_BAD));
}

// Start reading @slot, and around it what is in use and not cached.
// Return: 0; -EEXIST, -ENOENT, -ENOMEM for @slot itself.
static int read_cluster(struct swap_area *area, u32 slot)
{
    u32 window = read_window(slot);
    u32 first = ALIGN_DOWN(slot, window), run = 0;
    u32 end = min(first + window, area->map.slots);
    struct page *pages[READ_CLUSTER_MAX];
    int err = 0;

    for (u32 s = first; s < end; s++) {
        u32 gfp = GFP_HIGHUSER;
        struct page *page = NULL;

        if (s != slot)
            gfp |= GFP_NORETRY | GFP_NOWARN;
        if (s == slot || worth_reading_ahead(area, s))
            page = page_alloc(gfp); // sleeps: claim_slot checks again
        if (page) {
            int e = claim_slot(area, s, page);

            if (!e) {
                if (s != slot) {
                    vm_count(VM_SWAP_RA);
                    page_set(page, PG_READAHEAD);
                }
                pages[run++] = page;
                page_put(page); // the cache's and the lock keep it
                continue;
            }
            page_put(page);
            if (s == slot)
                err = e;
        } else if (s == slot) {
            err = -ENOMEM;
        }
        if (run)
            swap_io_read(area, s - run, pages, run);
        run = 0;
    }
    if (run)
        swap_io_read(area, end - run, pages, run);
    return err;
}

static bool still_cached(const struct page *page, swap_entry_t entry)
{
    return page_test(page, PG_SWAPCACHE) && page->private == entry.v;
}

// @page is locked, in the cache under @entry, and its reading failed.
// Return: 0: it is uptodate now; -EAGAIN: gone; -EIO. Unlocks.
static int read_alone(struct swap_area *area, struct page *page,
                      swap_entry_t entry)
{
    int err = 0;

    swap_io_read(area, swap_entry_slot(entry), &page, 1);
    page_lock(page);
    if (!still_cached(page, entry)) {
        err = -EAGAIN;
    } else if (!page_test(page, PG_UPTODATE)) {
        log_err("read error area=%u slot=%u", area->number,
                swap_entry_slot(entry));
        swap_cache_delete(page);
        err = -EIO;
    }
    page_unlock(page);
    return err;
}

// Wait for a page of the cache. Return: as read_alone, and -EINTR.
static int wait_uptodate(struct swap_area *area, struct page *page,
                         swap_entry_t entry)
{
    int err = page_lock_killable(page);

    if (err)
        return err;
    if (!still_cached(page, entry)) {
        page_unlock(page);
        return -EAGAIN;
    }
    if (!page_test(page, PG_UPTODATE))
        return read_alone(area, page, entry);
    page_unlock(page);
    return 0;
}

static int read_entry(struct swap_area *area, swap_entry_t entry,
                      struct page **out, bool *waited)
{
    for (;;) {
        struct page *page = swap_cache_find(entry);
        int err;

        if (!page) {
            *waited = true;
            err = read_cluster(area, swap_entry_slot(entry));
            if (err && err != -EEXIST)
                return err;
            continue;
        }
        if (page_test(page, PG_READAHEAD)) {
            page_clear(page, PG_READAHEAD);
            vm_count(VM_SWAP_RA_HIT);
            window_hits++;
        }
        if (!page_test(page, PG_UPTODATE))
            *waited = true;
        err = wait_uptodate(area, page, entry);
        if (!err) {
            *out = page;
            return 0;
        }
        page_put(page);
        if (err != -EAGAIN)
            return err;
    }
}

int swap_read(swap_entry_t entry, struct page **out, bool *waited)
{
    struct swap_area *area = swap_area_get(entry);
    int err = -EIO;

    if (!area)
        return -EIO;
    if (swap_entry_slot(entry) < area->map.slots)
        err = read_entry(area, entry, out, waited);
    swap_area_put(area);
    return err;
}

int swap_cache_drop_unused(u32 number)
{
    u32 at = swap_entry(number, 0).v, end = swap_entry(number + 1, 0).v;
    struct page *page;
    u32 index;

    while (radix_tree_gang_lookup(&cache, at, 1, (void **)&page, &index) &&
           index - at < end - at) {
        page_get(page);
        page_lock(page);
        page_wait_writeback(page);
        // Another may have taken its place in the cache, or nobody.
        (void)swap_cache_try_free(page);
        page_unlock(page);
        page_put(page);
        if (signal_pending(current))
            return -EINTR;
        at = index + 1;
        cond_resched();
    }
    return 0;
}

// The last write of @page failed: once more, alone, and wait.
static int write_alone(struct swap_area *area, struct page *page, u32 slot)
{
    page_clear(page, PG_ERROR);
    page_clear(page, PG_RECLAIM);
    swap_io_write(area, slot, page, true);
    page_wait_writeback(page);
    if (!page_test(page, PG_ERROR))
        return 0;
    page_clear(page, PG_ERROR);
    log_err("write error area=%u slot=%u: page kept, slot marked bad",
            area->number, slot);
    return swap_map_mark_bad(&area->map, slot) ? -EIO : -EAGAIN;
}

int swap_write(struct page *page)
{
    swap_entry_t entry = {page->private};
    struct swap_area *area = swap_area_of(entry);
    u32 slot = swap_entry_slot(entry);

    ASSERT(page_test(page, PG_LOCKED) && page_test(page, PG_SWAPCACHE) &&
           page_test(page, PG_DIRTY) && !page_test(page, PG_WRITEBACK));
    if (swap_is_bad(entry))
        return -EAGAIN;
    page_clear(page, PG_DIRTY);
    if (page_test(page, PG_ERROR))
        return write_alone(area, page, slot);
    page_set(page, PG_RECLAIM);
    swap_io_write(area, slot, page, false);
    return 0;
}

void swap_write_flush(void)
{
    for (u32 i = 0; i < SWAP_AREAS_MAX; i++) {
        struct swap_area *area = swap_area_of(swap_entry(i, 0));

        if (area)
            swap_io_flush(area);
    }
}
