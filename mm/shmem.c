// mm/shmem.c - memory that is a file: its pages, in memory and in swap
// SPDX-License-Identifier: MIT
//
// What a place in the tree may be, and what changes it:
//
//     hole   -> page    the first write or fault (insert_new); counted in the
//                       pool before the page is made, so that the limit is
//                       exact whoever is faster
//     page   -> entry   reclaim (shmem_swap_out): the page goes on as a page of
//                       the swap cache without an owner
//     entry  -> page    who needs it (shmem_swap_in): read through the swap
//     cache,
//                       then taken out of it, and the slot is given up
//     page, entry -> hole   truncation, hole punching, the end of the file
//
// So content is owned by the tree's page or by the slot named in the tree,
// never by both; a page that came back is dirty. Keeping slot and page, as for
// anonymous memory, would need two items in one place of the tree; a page that
// comes back is written by its users more often than not.
//
// Each of these happens without sleeping, with the page locked (if there is
// one) and after comparing the tree with what was in it before the last sleep.
// Reclaim leaves alone a page that anybody else has a reference to: so who has
// one and has seen page->owner set, knows that the page stays where it is until
// it is truncated.
//
// Locking: inode->lock, mm->lock, page lock. The tree is changed with
// interrupts off.
//
// To swap and back: mm/shmem_swap.c. Truncation, holes: mm/shmem_range.c.

#include "shmem_private.h"

#include <arch/cpu.h>
#include <kernel/task.h>
#include <mm/mlock.h>
#include <mm/radix_alloc.h>
#include <mm/swap_cache.h>
#include <mm/zero_page.h>
#include <mm/zone.h>

#include "counts.h"
#include "pagecache_private.h"

// A place for one more page, and a promise of it if not all are promised
// already: Linux has one errno for both.
static int charge(struct shmem *shmem, enum shmem_want want)
{
    struct shmem_pool *pool = shmem->pool;

    if (want == SHMEM_RESERVED && shmem->reserved_pages) {
        shmem->reserved_pages--;
        return 0;
    }
    if (pool->used_pages >= pool->limit_pages)
        return -ENOSPC;
    if (shmem_count_promise(shmem, 1))
        return -ENOSPC;
    pool->used_pages++;
    return 0;
}

static void uncharge(struct shmem *shmem)
{
    ASSERT(shmem->pool->used_pages > 0);
    shmem->pool->used_pages--;
    shmem_return_promise(shmem, 1);
}

// ---- the tree --------------------------------------------------------------

void shmem_own(struct mapping *mapping, u32 index, struct page *page)
{
    page_get(page);
    page_set(page, PG_SWAPBACKED); // first: it may be on an LRU list
    page_set_state(page, PAGE_STATE_CACHE);
    page->owner = mapping;
    page->index = index;
    page->private = 0;
    page_set(page, PG_DIRTY); // it is nowhere else; not counted as dirty
    mapping->page_count++;
    vm_counts.cached++;
    vm_counts.shmem++;
    if (trace_on(cache))
        pagecache_trace(page, TRACE_CACHE_INSERT);
}

void shmem_disown(struct page *page)
{
    struct mapping *mapping = page->owner;

    if (trace_on(cache))
        pagecache_trace(page, TRACE_CACHE_REMOVE);
    mapping->page_count--;
    vm_counts.cached--;
    vm_counts.shmem--;
    page->owner = NULL; // tells those who wait for the lock
}

void *shmem_replace(struct mapping *mapping, u32 index, void *item)
{
    u32 flags = irq_save();
    void *was = radix_tree_replace(&mapping->pages, index, item);

    irq_restore(flags);
    return was;
}

static void *delete (struct mapping *mapping, u32 index)
{
    u32 flags = irq_save();
    void *was = radix_tree_delete(&mapping->pages, index, radix_node_put, NULL);

    irq_restore(flags);
    return was;
}

void shmem_remove_page(struct page *page)
{
    struct mapping *mapping = page->owner;
    void *was = delete (mapping, page->index);

    ASSERT(page_test(page, PG_LOCKED) && page->mapcount == 0 && was == page);
    shmem_disown(page);
    page_clear(page, PG_DIRTY);
    uncharge(mapping->shmem);
    page_put(page);
}

void shmem_remove_entry(struct mapping *mapping, u32 index)
{
    void *was = delete (mapping, index);

    ASSERT(radix_is_value(was));
    mapping->shmem->swapped_pages--;
    vm_counts.shmem_swapped--;
    uncharge(mapping->shmem);
    swap_put((swap_entry_t){radix_value_of(was)});
}

// ---- a new page ------------------------------------------------------------

static int insert_new(struct mapping *mapping, u32 index, enum shmem_want want,
                      struct page *page)
{
    struct radix_preload pre;
    u32 flags;
    int err;

    if (!radix_preload_for(&mapping->pages, index, &pre, GFP_KERNEL))
        return -ENOMEM;
    // Nothing sleeps from here on: truncation has not come, or will find it.
    if (want == SHMEM_IN_SIZE && index >= mapping_pages(mapping)) {
        err = -ENXIO;
    } else {
        flags = irq_save();
        err = radix_tree_insert(&mapping->pages, index, page, &pre);
        irq_restore(flags);
    }
    radix_preload_drain(&pre);
    if (err)
        return err;
    page_set(page, PG_LOCKED);
    page_set(page, PG_UPTODATE);
    shmem_own(mapping, index, page);
    lru_add(page);
    return 0;
}

// A zeroed page where there is a hole. -EAGAIN: there is none any more.
static int add_page(struct mapping *mapping, u32 index, enum shmem_want want,
                    struct page **out)
{
    struct page *page;
    int err;

    if (want == SHMEM_IN_SIZE && index >= mapping_pages(mapping))
        return -ENXIO;
    err = charge(mapping->shmem, want);
    if (err)
        return err;
    err = -ENOMEM;
    page = page_alloc(GFP_HIGHUSER | GFP_ZERO);
    if (page)
        err = insert_new(mapping, index, want, page);
    if (!err) {
        *out = page;
        return 0;
    }
    if (page)
        page_put(page);
    uncharge(mapping->shmem);
    return err == -EEXIST ? -EAGAIN : err;
}

// ---- finding ---------------------------------------------------------------

// Lock a page that was found in the tree. -EAGAIN: it has left it.
static int lock_found(struct mapping *mapping, u32 index, struct page *page)
{
    int err;

    page_get(page);
    err = page_lock_killable(page);
    if (!err && (page->owner != mapping || page->index != index)) {
        page_unlock(page);
        err = -EAGAIN;
    }
    if (err)
        page_put(page);
    return err;
}

int shmem_get_locked(struct mapping *mapping, u32 index, enum shmem_want want,
                     struct page **out, bool *waited)
{
    int err;

    do {
        void *item = radix_tree_lookup(&mapping->pages, index);

        *out = NULL;
        if (!item) {
            err = want == SHMEM_IF_THERE ? 0
                                         : add_page(mapping, index, want, out);
        } else if (radix_is_value(item)) {
            swap_entry_t entry = {radix_value_of(item)};

            err = shmem_swap_in(mapping, index, entry, out, waited);
        } else {
            err = lock_found(mapping, index, item);
            *out = item;
        }
    } while (err == -EAGAIN);
    return err;
}

// The page at @index, with a reference, if it is there and nobody is at work on
// it; else NULL. Its lock is for those that sleep.
static struct page *get_idle(struct mapping *mapping, u32 index)
{
    struct page *page = radix_tree_lookup(&mapping->pages, index);

    if (!page || radix_is_value(page) || page_test(page, PG_LOCKED))
        return NULL;
    page_get(page);
    return page;
}

int shmem_get_page(struct mapping *mapping, u32 index, bool write,
                   struct page **out, bool *waited)
{
    bool ignored = false;
    int err;

    if (!write && index >= mapping_pages(mapping))
        return -ENXIO;
    *out = get_idle(mapping, index);
    if (*out) {
        lru_mark_accessed(*out);
        return 0;
    }
    err = shmem_get_locked(mapping, index,
                           write ? SHMEM_ANYWHERE : SHMEM_IF_THERE, out,
                           waited ? waited : &ignored);
    if (err)
        return err;
    if (*out) {
        lru_mark_accessed(*out);
        page_unlock(*out);
    } else {
        *out = zero_page;
        page_get(zero_page);
    }
    return 0;
}

enum fault_result shmem_nopage(struct vm_area *vma, u32 pgoff,
                               struct page **out)
{
    struct mapping *mapping = vma->mapping;
    bool waited = false;
    int err = -ENXIO;

    if (pgoff < mapping_pages(mapping))
        err = shmem_get_locked(mapping, pgoff, SHMEM_IN_SIZE, out, &waited);
    if (!err) {
        // The size may have changed while it slept; and the page, if truncation
        // has not come to it yet, will be unmapped by it again.
        if (pgoff >= mapping_pages(mapping))
            err = -ENXIO;
        page_unlock(*out);
        if (err)
            page_put(*out);
    }
    switch (err) {
    case 0: return waited ? FAULT_MAJOR : FAULT_DONE;
    case -ENOMEM: return FAULT_OOM;
    case -EINTR: return FAULT_RETRY; // a fatal signal: dies on the way out
    default: return FAULT_BUS;
    }
}

void shmem_set_locked(struct mapping *mapping, bool locked)
{
    mapping->shmem->is_locked = locked;
    mapping_set_unevictable(mapping, locked);
}
