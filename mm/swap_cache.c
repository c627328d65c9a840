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
// Of a page that reclaim has dropped a shadow stays in its place of the tree,
// until the page is read again or the slot is nobody's (mm/workingset.c).
//
// A write that failed leaves the page dirty and in the cache with PG_ERROR. The
// next attempt writes it alone and waits: if that fails too, the slot is bad
// and the page stays in memory; nothing is lost.

#include <mm/swap_cache.h>

#include <arch/cpu.h>
#include <kernel/task.h>
#include <mm/pagecache.h>
#include <mm/radix_alloc.h>
#include <mm/stat.h>
#include <mm/workingset.h>
#include <mm/zone.h>

#include "counts.h"
#include "swap_area.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

static struct radix_tree cache; // by entry.v

int swap_get(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);

    return area ? swap_map_get(&area->map, swap_entry_slot(entry)) : -ENOENT;
}

// ---- the tree --------------------------------------------------------------

// Interrupts are off for the list of leaves of shadows, which others have, too.

// What of @entry is there goes if it is a shadow.
static void drop_shadow(swap_entry_t entry)
{
    u32 flags = irq_save(), slot;
    struct radix_node *leaf = radix_tree_leaf(&cache, entry.v, &slot);

    if (leaf && leaf->slots[slot]) {
        ASSERT(radix_is_value(leaf->slots[slot]));
        workingset_exchange(&cache, leaf, slot, NULL);
    }
    irq_restore(flags);
}

// @page leaves; @shadow (NULL: nothing) takes its place.
static void tree_remove(swap_entry_t entry, struct page *page, void *shadow)
{
    u32 flags = irq_save(), slot;
    struct radix_node *leaf = radix_tree_leaf(&cache, entry.v, &slot);

    ASSERT(leaf && leaf->slots[slot] == page);
    workingset_exchange(&cache, leaf, slot, shadow);
    irq_restore(flags);
}

// @page comes, into an empty place or that of a shadow.
static int tree_insert(swap_entry_t entry, struct page *page,
                       struct radix_preload *pre, u32 *out_shadow)
{
    u32 flags = irq_save(), slot;
    struct radix_node *leaf = radix_tree_leaf(&cache, entry.v, &slot);
    int err = 0;

    *out_shadow = 0;
    if (leaf) {
        void *was = radix_leaf_set(leaf, slot, page);

        ASSERT(!was || radix_is_value(was)); // who has the slot's flag is alone
        workingset_changed(&cache, leaf);
        *out_shadow = was ? radix_value_of(was) : 0;
    } else {
        err = radix_tree_insert(&cache, entry.v, page, pre);
    }
    irq_restore(flags);
    return err;
}

struct radix_tree *swap_cache_tree(void)
{
    return &cache;
}

bool swap_has_shadow(swap_entry_t entry)
{
    void *item = radix_tree_lookup(&cache, entry.v);

    return item && radix_is_value(item);
}

// ---- slots and pages -------------------------------------------------------

void swap_put(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);
    struct page *page;
    u16 left;

    ASSERT(area);
    left = swap_map_put(&area->map, swap_entry_slot(entry)) & (u16)~SWAP_BAD;
    if (!left)
        drop_shadow(entry);
    if (left != SWAP_HAS_CACHE)
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

void swap_put_mapped(swap_entry_t entry)
{
    (void)swap_map_put(&swap_area_of(entry)->map, swap_entry_slot(entry));
}

bool swap_is_bad(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);

    return area && (area->map.counts[swap_entry_slot(entry)] & SWAP_BAD);
}

int swap_cache_insert(struct page *page, swap_entry_t entry,
                      struct radix_preload *pre, u32 *out_shadow)
{
    int err = tree_insert(entry, page, pre, out_shadow);

    if (err)
        return err;
    page_get(page);
    page->private = entry.v;
    page_set(page, PG_SWAPCACHE);
    vm_counts.swap_cached++;
    return 0;
}

// Into the place of a slot that was free.
static int insert_new(struct page *page, swap_entry_t entry)
{
    struct radix_preload pre;
    u32 shadow;
    int err;

    pre.count = 0;
    err = swap_cache_insert(page, entry, &pre, &shadow);
    if (err == -ENOMEM) { // no leaf: of 64 one
        if (!radix_preload_fill(&pre, GFP_ATOMIC | GFP_MEMALLOC | GFP_NOWARN))
            return -ENOMEM;
        err = swap_cache_insert(page, entry, &pre, &shadow);
        radix_preload_drain(&pre);
    }
    ASSERT(!shadow);
    return err;
}

int swap_cache_add(struct page *page)
{
    struct swap_area *area = swap_area_choose();
    u32 slot;
    int err;

    ASSERT(page_test(page, PG_LOCKED) && !page_test(page, PG_SWAPCACHE));
    if (!area)
        return -ENOSPC;
    err = swap_map_alloc(&area->map, &slot);
    if (err)
        return err;
    err = insert_new(page, swap_entry(area->number, slot));
    if (err)
        (void)swap_map_cache_put(&area->map, slot);
    else
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

    if (!page || radix_is_value(page))
        return NULL;
    page_get(page);
    return page;
}

static void leave(struct page *page, void *shadow)
{
    swap_entry_t entry = {page->private};

    ASSERT(page_test(page, PG_SWAPCACHE) && !page_test(page, PG_WRITEBACK));
    tree_remove(entry, page, shadow);
    if (trace_on(cache) && page_test(page, PG_READAHEAD))
        trace_write(TRACE_READAHEAD, 0, entry.v, 1, TRACE_READAHEAD_UNUSED, 0);
    page_clear(page, PG_SWAPCACHE);
    page->private = 0;
    vm_counts.swap_cached--;
    (void)swap_map_cache_put(&swap_area_of(entry)->map, swap_entry_slot(entry));
    page_put_shared(page); // the caller has one
}

void swap_cache_delete(struct page *page)
{
    leave(page, NULL);
}

void swap_cache_evict(struct page *page)
{
    leave(page, workingset_eviction(page));
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

static void drop_unused(struct page *page)
{
    page_get(page);
    page_lock(page);
    page_wait_writeback(page);
    // Another may have taken its place in the cache, or nobody.
    (void)swap_cache_try_free(page);
    page_unlock(page);
    page_put(page);
}

int swap_cache_drop_unused(u32 number)
{
    u32 at = swap_entry(number, 0).v, end = swap_entry(number + 1, 0).v;
    struct page *page;
    u32 index;
    int err;

    while (radix_tree_gang_lookup(&cache, at, 1, (void **)&page, &index) &&
           index - at < end - at) {
        if (!radix_is_value(page)) // else a shadow: somebody names the slot
            drop_unused(page);
        err = swapoff_check();
        if (err)
            return err;
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
    if (swap_is_bad(entry) || area->failed)
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
    for (u32 i = 0; i < swap_areas_end; i++) {
        struct swap_area *area = swap_areas[i];

        if (area && area->gather)
            swap_io_flush(area);
    }
}
