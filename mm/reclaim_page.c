// mm/reclaim_page.c - one page that could leave: whether and how
// SPDX-License-Identifier: MIT
//
//   nobody's any more          -> freed
//   being written              -> active, with PG_RECLAIM
//   used recently              -> active (a file page needs two uses, or is
//                                 program text; else one more round)
//   of a file, dirty           -> the same as being written: the flusher's
//   locked in memory           -> to the list of those
//   anonymous, given up        -> freed, unless written to since
//   anonymous, no slot yet     -> gets one, enters the swap cache
//   mapped                     -> unmapped everywhere
//   shmem                      -> its slot goes to the tree; now anonymous
//   anonymous, dirty           -> written; looked at again when that is done
//   clean, nobody else has it  -> freed; leaves a shadow
//
// The end of a write brings a page with PG_RECLAIM to the tail of the inactive
// list, where it is met next. Until then it is out of the way on the active
// one: an inactive list full of dirty pages would be scanned over and over.
//
// Pages of files are not written here: the flusher does it in the order of the
// disk, and not at the bottom of somebody's stack. So reclaim enters no file
// system but through the shrinkers.
//
// Locking: only trylocks on pages, never mm->lock. Only radix nodes for the
// swap cache are allocated, from the reserve.

#include <kernel/task.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/shmem.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/swap_cache.h>
#include <mm/workingset.h>

#include "pagecache_private.h"
#include "reclaim_private.h"

// What somebody holds, or what cannot be done now.
static enum page_fate busy(struct scan *scan, enum page_fate fate)
{
    scan->skipped.busy++;
    return fate;
}

// Was it used? What that means for it.
static enum page_fate judge_use(struct page *page, struct scan *scan)
{
    u32 vm_flags;
    u32 used = rmap_referenced(page, &vm_flags);
    bool was_referenced = page_test(page, PG_REFERENCED);

    page_clear(page, PG_REFERENCED);
    if (vm_flags & VM_LOCKED) {
        lru_mlock(page); // goes to its own list
        scan->skipped.locked++;
        return FATE_KEEP;
    }
    if (used && page_test(page, PG_AHEAD))
        readahead_used(page);
    if (!used || scan->take_used)
        return FATE_FREE;
    scan->skipped.used++;
    if (page_is_swap_backed(page) || was_referenced || used > 1 ||
        (vm_flags & VM_EXEC))
        return FATE_ACTIVATE;
    page_set(page, PG_REFERENCED); // a file page used once: one more round
    return FATE_KEEP;
}

static enum page_fate leave_to_flusher(struct page *page, struct scan *scan)
{
    scan->round_dirty++;
    scan->skipped.dirty++;
    vm_count(VM_VMSCAN_IMMEDIATE);
    page_set(page, PG_RECLAIM);
    return FATE_ACTIVATE;
}

// A slot for an anonymous page that has none. Return: whether it may leave.
static bool find_slot(struct page *page, const struct scan *scan)
{
    // Not into an area that is going off: another slot, or none.
    if (page->mapcount && page_test(page, PG_SWAPCACHE) &&
        swap_entry_is_leaving((swap_entry_t){page->private}) &&
        !swap_cache_try_free(page))
        return false;
    if (page_test(page, PG_SWAPCACHE))
        return true;
    return (scan->gfp & GFP_IO) && swap_cache_add(page) == 0;
}

static enum page_fate write_to_swap(struct page *page, struct scan *scan)
{
    if (!(scan->gfp & GFP_IO) || swap_write(page))
        return busy(scan, FATE_ACTIVATE);
    scan->round_written++;
    scan->skipped.dirty++;
    vm_count(VM_VMSCAN_WRITE);
    return FATE_KEEP;
}

// In the swap cache, and mapped by nobody.
static enum page_fate drop_anon(struct page *page, struct scan *scan)
{
    if (swap_cache_try_free(page)) // nobody names the slot any more
        return page->refcount == 1 ? FATE_FREE : busy(scan, FATE_KEEP);
    if (page_test(page, PG_DIRTY))
        return write_to_swap(page, scan);
    if (page->refcount != 2) // somebody found it there
        return busy(scan, FATE_KEEP);
    swap_cache_evict(page);
    return FATE_FREE;
}

// Nobody will miss it, unless somebody has written to it again.
static enum page_fate drop_lazyfree(struct page *page, struct scan *scan)
{
    if (!rmap_unmap_lazyfree(page)) {
        lru_unlazyfree(page);
        scan->skipped.used++;
        return FATE_ACTIVATE;
    }
    if (page->refcount != 1)
        return busy(scan, FATE_KEEP);
    vm_count(VM_PGLAZYFREED);
    return FATE_FREE;
}

static enum page_fate shrink_anon(struct page *page, struct scan *scan)
{
    if (page_test(page, PG_LAZYFREE))
        return drop_lazyfree(page, scan);
    if (!find_slot(page, scan)) {
        scan->skipped.no_slot++;
        return FATE_ACTIVATE;
    }
    if (page->mapcount && !rmap_unmap_all(page))
        return busy(scan, FATE_ACTIVATE);
    return drop_anon(page, scan);
}

static enum page_fate shrink_shmem(struct page *page, struct scan *scan)
{
    if (!(scan->gfp & GFP_IO) || !swap_free_pages()) {
        scan->skipped.no_slot++;
        return FATE_ACTIVATE;
    }
    if (page->mapcount && !rmap_unmap_all(page))
        return busy(scan, FATE_ACTIVATE);
    if (shmem_swap_out(page))
        return busy(scan, FATE_ACTIVATE);
    return drop_anon(page, scan);
}

static enum page_fate shrink_file(struct page *page, struct scan *scan)
{
    if (page_test(page, PG_DIRTY))
        return leave_to_flusher(page, scan);
    if (page->mapcount && !rmap_unmap_all(page))
        return busy(scan, FATE_ACTIVATE);
    if (page_test(page, PG_DIRTY))
        return leave_to_flusher(page, scan);
    return mapping_evict_page(page) ? FATE_FREE : busy(scan, FATE_KEEP);
}

static enum page_fate shrink_locked(struct page *page, struct scan *scan)
{
    enum page_fate fate;

    if (page->refcount == 1)
        return FATE_FREE; // its last user went away meanwhile
    if (page_test(page, PG_WRITEBACK)) {
        page_set(page, PG_RECLAIM);
        scan->skipped.dirty++;
        return FATE_ACTIVATE;
    }
    if (!page_test(page, PG_UPTODATE))
        return busy(scan, FATE_KEEP);
    fate = judge_use(page, scan);
    if (fate != FATE_FREE)
        return fate;
    if (page_state(page) == PAGE_STATE_ANON)
        return shrink_anon(page, scan);
    if (page_test(page, PG_SWAPBACKED))
        return shrink_shmem(page, scan);
    return shrink_file(page, scan);
}

enum page_fate shrink_page(struct page *page, struct scan *scan)
{
    enum page_fate fate;

    if (!page_trylock(page))
        return busy(scan, FATE_KEEP);
    fate = shrink_locked(page, scan);
    page_unlock(page);
    return fate;
}
