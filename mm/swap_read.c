// mm/swap_read.c - from a swap slot back to memory, and what to read with it
// SPDX-License-Identifier: MIT
//
// A miss reads the aligned block of slots around the one that is needed, of
// those in use: pages that left together are often wanted together. How many
// follows how many of the pages that were read ahead have been used since
// (read_window), at most 2^vm.page-cluster.
//
// With that alone the disk rests while the reader works, and the reader while
// the disk does. So who comes to the middle of a stretch of slots, all before
// it used, has the next stretch read meanwhile, in one transfer. Nothing is
// remembered for that: what was used is seen in the slots and in the cache. Any
// number of readers can each have a stretch ahead, and who jumps about never
// gets one. (Linux 6.1 reads clusters only, and waits for each.)
//
// A read that failed is tried again alone, then the one who needs the page gets
// -EIO.

#include <mm/swap_cache.h>

#include <kernel/task.h>
#include <mm/pagecache.h>
#include <mm/radix_alloc.h>
#include <mm/stat.h>
#include <mm/vm_sysctl.h>
#include <mm/workingset.h>
#include <mm/zone.h>

#include "swap_area.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

#define READ_MAX   SWAP_IO_PAGES // slots of one transfer
#define NOT_NEEDED 0u            // slot 0 is the header: nobody needs it

static_assert(1u << PAGE_CLUSTER_MAX <= READ_MAX, "a block is one transfer");

static u32 window_hits; // pages read ahead and used, since the last miss

// Into the cache, if nobody was faster.
static int claim(struct swap_area *area, u32 slot, struct page *page,
                 struct radix_preload *pre, u32 *out_shadow)
{
    int err = swap_map_cache_get(&area->map, slot);

    if (err)
        return err;
    err = swap_cache_insert(page, swap_entry(area->number, slot), pre,
                            out_shadow);
    if (err)
        (void)swap_map_cache_put(&area->map, slot);
    return err;
}

// A page for one slot, in the cache and locked. Return: as swap_map_cache_get,
// or -ENOMEM.
static int claim_slot(struct swap_area *area, u32 slot, struct page *page)
{
    struct radix_preload pre;
    u32 shadow;
    int err;

    pre.count = 0;
    err = claim(area, slot, page, &pre, &shadow);
    if (err == -ENOMEM) {                          // there is no leaf for it
        if (!radix_preload_fill(&pre, GFP_KERNEL)) // may sleep: all again
            return -ENOMEM;
        err = claim(area, slot, page, &pre, &shadow);
        radix_preload_drain(&pre);
    }
    if (err)
        return err;
    page_set_state(page, PAGE_STATE_ANON);
    page->owner = NULL;
    page_set(page, PG_LOCKED);
    if (shadow)
        workingset_refault(page, shadow);
    lru_add(page);
    return 0;
}

// In use, and only on the disk.
static bool is_out(const struct swap_area *area, u32 slot)
{
    u16 value = area->map.counts[slot];

    return (value & SWAP_COUNT_MAX) && !(value & (SWAP_HAS_CACHE | SWAP_BAD));
}

// A page for @slot, claimed. Return: 0; as claim_slot.
static int prepare(struct swap_area *area, u32 slot, bool needed,
                   struct page **out)
{
    u32 gfp = needed ? GFP_HIGHUSER : GFP_HIGHUSER | GFP_NORETRY | GFP_NOWARN;
    struct page *page;
    int err;

    if (!needed && !is_out(area, slot))
        return -ENOENT;
    page = page_alloc(gfp); // sleeps: claim_slot looks again
    if (!page)
        return -ENOMEM;
    err = claim_slot(area, slot, page);
    if (!err && !needed) {
        vm_count(VM_SWAP_RA);
        page_set(page, PG_READAHEAD);
    }
    page_put(page); // the cache's and the lock keep it, if it is there
    *out = page;
    return err;
}

// Start reading what of [first, end) is out, and @need's anyway.
// Return: 0; -EEXIST, -ENOENT, -ENOMEM for that.
static int read_slots(struct swap_area *area, u32 first, u32 end,
                      const struct swap_need *need)
{
    struct page *pages[READ_MAX];
    u32 run = 0, ahead = 0;
    int result = 0;

    ASSERT(end - first <= READ_MAX);
    for (u32 slot = first; slot < end; slot++) {
        int err = prepare(area, slot, slot == need->slot, &pages[run]);

        if (!err) {
            run++;
            ahead += slot != need->slot;
            continue;
        }
        if (slot == need->slot)
            result = err;
        if (run)
            swap_io_read(area, slot - run, pages, run, need);
        run = 0;
    }
    if (run)
        swap_io_read(area, end - run, pages, run, need);
    if (trace_on(cache) && ahead)
        trace_write(TRACE_READAHEAD, 0, swap_entry(area->number, first).v,
                    ahead, TRACE_READAHEAD_READ, 0);
    return result;
}

// How many slots to read for a miss at @slot. With no page read ahead used
// since the last, only a miss next to it is worth a second page; it shrinks by
// half at a time.
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

// A miss. Return: as read_slots.
static int read_block(struct swap_area *area, const struct swap_need *need)
{
    u32 window = read_window(need->slot);
    u32 first = ALIGN_DOWN(need->slot, window);

    return read_slots(area, first, min(first + window, area->map.slots), need);
}

// Somebody has had what was in the slots: none is out, none was read in vain.
static bool were_used(const struct swap_area *area, u32 first, u32 end)
{
    for (u32 slot = first; slot < end; slot++) {
        struct page *page;
        bool unused;

        if (is_out(area, slot))
            return false;
        page = swap_cache_find(swap_entry(area->number, slot));
        if (!page)
            continue;
        unused = page_test(page, PG_READAHEAD);
        page_put(page);
        if (unused)
            return false;
    }
    return true;
}

// @slot is being read or used. Never waits for a transfer.
static void read_ahead(struct swap_area *area, u32 slot)
{
    static const struct swap_need nobody = {NOT_NEEDED, TRACE_SWAP_READAHEAD};
    u32 stretch = min(4u << vm_page_cluster, READ_MAX);
    u32 first = ALIGN_DOWN(slot, stretch), next = first + stretch;

    if (slot != first + stretch / 2 || !vm_page_cluster ||
        next >= area->map.slots || list_empty(&area->free_ios) ||
        !were_used(area, first, slot))
        return;
    (void)read_slots(area, next, min(next + stretch, area->map.slots), &nobody);
}

static bool still_cached(const struct page *page, swap_entry_t entry)
{
    return page_test(page, PG_SWAPCACHE) && page->private == entry.v;
}

// @page is locked, in the cache under @entry, and its reading failed.
// Return: 0: it is uptodate now; -EAGAIN: gone; -EIO. Unlocks.
static int read_alone(struct swap_area *area, struct page *page,
                      swap_entry_t entry, const struct swap_need *need)
{
    int err = 0;

    swap_io_read(area, need->slot, &page, 1, need);
    page_lock(page);
    if (!still_cached(page, entry)) {
        err = -EAGAIN;
    } else if (!page_test(page, PG_UPTODATE)) {
        log_err("read error area=%u slot=%u", area->number, need->slot);
        swap_cache_delete(page);
        err = -EIO;
    }
    page_unlock(page);
    return err;
}

// Wait for a page of the cache. Return: as read_alone, and -EINTR.
static int wait_uptodate(struct swap_area *area, struct page *page,
                         swap_entry_t entry, const struct swap_need *need)
{
    int err = page_lock_killable(page);

    if (err)
        return err;
    if (!still_cached(page, entry)) {
        page_unlock(page);
        return -EAGAIN;
    }
    if (!page_test(page, PG_UPTODATE))
        return read_alone(area, page, entry, need);
    page_unlock(page);
    return 0;
}

static int read_entry(struct swap_area *area, swap_entry_t entry,
                      const struct swap_need *need, struct page **out,
                      bool *waited)
{
    for (;;) {
        struct page *page = swap_cache_find(entry);
        int err;

        if (!page) {
            *waited = true;
            err = read_block(area, need);
            if (err && err != -EEXIST)
                return err;
            continue;
        }
        if (page_test(page, PG_READAHEAD)) {
            page_clear(page, PG_READAHEAD);
            vm_count(VM_SWAP_RA_HIT);
            window_hits++;
            if (trace_on(cache))
                trace_write(TRACE_READAHEAD, 0, entry.v, 1,
                            TRACE_READAHEAD_USED, 0);
        }
        read_ahead(area, need->slot);
        if (!page_test(page, PG_UPTODATE))
            *waited = true;
        err = wait_uptodate(area, page, entry, need);
        if (!err) {
            *out = page;
            return 0;
        }
        page_put(page);
        if (err != -EAGAIN)
            return err;
    }
}

int swap_read(swap_entry_t entry, enum trace_swap why, struct page **out,
              bool *waited)
{
    struct swap_area *area = swap_area_get(entry);
    struct swap_need need = {swap_entry_slot(entry), why};
    int err = -EIO;

    if (!area)
        return -EIO;
    if (current->flags & TF_NO_OOM) // swapoff, by whatever way
        need.why = TRACE_SWAP_OFF;
    if (need.slot < area->map.slots)
        err = read_entry(area, entry, &need, out, waited);
    swap_area_put(area);
    return err;
}
