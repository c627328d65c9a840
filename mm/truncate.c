// mm/truncate.c - pages of files leave, because their content does
// SPDX-License-Identifier: MIT
//
// The order against faults: the size first, so that a fault that comes now
// finds the end before the page; then the pages are unmapped; then, one by one,
// locked, waited for, unmapped again if a fault was faster, and dropped. A
// fault that has found a page and sleeps looks at page->owner before it maps
// it. At the end private copies of the pages go, too, those made meanwhile
// included: nothing is mapped beyond the end of a file.

#include <mm/pagecache.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/task.h>
#include <mm/highmem.h>
#include <mm/shmem.h>
#include <mm/workingset.h>
#include <mm/zap.h>

#include "pagecache_private.h"

#define BATCH 16u

// A number in the place of a page.
static void drop_value(struct mapping *mapping, u32 index, u32 value)
{
    u32 flags = irq_save();

    radix_tree_delete(&mapping->pages, index, workingset_free_node, NULL);
    irq_restore(flags);
    if (!(value & MAPPING_VALUE_SHADOW)) {
        ASSERT(mapping->ops->drop_value);
        mapping->ops->drop_value(mapping, index, value);
    }
}

static void drop_one(struct mapping *mapping, struct page *page)
{
    page_get(page);
    page_lock(page);
    page_wait_writeback(page);
    if (page->owner == mapping) {
        if (page->mapcount)
            zap_file_page(mapping, page->index, 1);
        pagecache_remove(page);
    }
    page_unlock(page);
    page_put(page);
}

// Drop all pages from @first on, whoever maps them.
static void drop_from(struct mapping *mapping, u32 first)
{
    void *item;
    u32 index;

    while (radix_tree_gang_lookup(&mapping->pages, first, 1, &item, &index)) {
        if (radix_is_value(item))
            drop_value(mapping, index, radix_value_of(item));
        else
            drop_one(mapping, item);
        cond_resched();
    }
}

// Bytes of the page from @from on are beyond the end. Whether they are zeros.
static bool is_zero_from(struct page *page, u32 from)
{
    u8 *window = kmap_atomic(page);
    bool zero = true;

    for (u32 i = from; i < PAGE_SIZE && zero; i++)
        zero = !window[i];
    kunmap_atomic(window);
    return zero;
}

// The new last page keeps zeros behind the end, on the store as well: the file
// may grow again. Read for that, if need be.
static int cut_last_page(struct mapping *mapping, u32 index, u32 tail)
{
    struct page *page;
    int error = 0;

    if (mapping_has_store(mapping)) {
        error = mapping_get_page(mapping, index, &page, NULL);
        if (error)
            return error == -ENXIO ? 0 : error;
    } else {
        page = mapping_find_page(mapping, index);
        if (!page)
            return 0;
    }
    page_lock(page);
    if (page->owner == mapping && page_test(page, PG_UPTODATE) &&
        !is_zero_from(page, tail)) {
        if (mapping_has_store(mapping) && mapping->ops->prepare_write)
            error =
                mapping->ops->prepare_write(mapping, page, mapping->size_bytes);
        page_zero_bytes(page, tail, PAGE_SIZE - tail);
        if (!error)
            page_mark_dirty(page);
    }
    page_unlock(page);
    page_put(page);
    return error;
}

// The content grows: what was written behind the old end through a mapping is
// no part of it.
static void clean_old_tail(struct mapping *mapping, u64 old_size)
{
    u32 tail = (u32)old_size & (PAGE_SIZE - 1);
    struct page *page;

    if (!tail)
        return;
    page = mapping_find_page(mapping, (u32)(old_size >> PAGE_SHIFT));
    if (!page)
        return;
    if (page_test(page, PG_UPTODATE))
        page_zero_bytes(page, tail, PAGE_SIZE - tail);
    page_put(page);
}

void mapping_grow(struct mapping *mapping, u64 new_size)
{
    ASSERT(new_size >= mapping->size_bytes);
    clean_old_tail(mapping, mapping->size_bytes);
    mapping->size_bytes = new_size;
}

void mapping_truncate(struct mapping *mapping, u64 new_size)
{
    u32 keep = (u32)((new_size + PAGE_SIZE - 1) >> PAGE_SHIFT);
    u32 tail = (u32)new_size & (PAGE_SIZE - 1);
    int error;

    if (new_size >= mapping->size_bytes) {
        mapping_grow(mapping, new_size);
        return;
    }
    mapping->size_bytes = new_size;
    zap_file_range(mapping, keep, 0xffffffffu - keep);
    drop_from(mapping, keep);
    zap_file_range(mapping, keep, 0xffffffffu - keep);
    error = tail ? cut_last_page(mapping, keep - 1, tail) : 0;
    if (error)
        mapping_write_failed(mapping, error);
}

void mapping_destroy(struct mapping *mapping)
{
    ASSERT(list_empty(&mapping->areas));
    if (mapping->swap_backed) {
        shmem_destroy(mapping);
        return;
    }
    drop_from(mapping, 0);
    // Afterwards: sync and the flusher come to a mapping by its pages, and some
    // may have come while one that is being written was waited for.
    mapping_wait_users(mapping);
    ASSERT(mapping->page_count == 0 && mapping->dirty_pages == 0 &&
           mapping->writeback_pages == 0 && mapping->users == 0);
}

void mapping_drop_clean(struct mapping *mapping, u32 first, u32 last)
{
    void *items[BATCH];
    u32 indices[BATCH], n;
    u64 next = first;

    while (next <= last) {
        n = radix_tree_gang_lookup(&mapping->pages, (u32)next, BATCH, items,
                                   indices);
        for (u32 i = 0; i < n && indices[i] <= last; i++) {
            struct page *page = items[i];

            if (radix_is_value(page) || !page_trylock(page))
                continue;
            page_get(page);
            (void)mapping_drop_page(page);
            page_unlock(page);
            page_put(page);
        }
        if (n < BATCH)
            return;
        next = (u64)indices[n - 1] + 1;
    }
}
