// mm/shmem_range.c - memory that is a file: many pages at once
// SPDX-License-Identifier: MIT
//
// Truncation, holes, reserving, seeking. All walk the tree by index, and look
// up the next index anew after each sleep. A walk goes upwards only: however
// fast others refill a range behind it, it ends.
//
// Who drops a range finds, at each index, an entry (dropped at once), or a page
// (to be locked first; when it has left the tree meanwhile, the index is looked
// at again). A page being read in is still an entry in the tree: its reader
// finds the entry gone and gives up. A page being written out is one, too: the
// swap cache keeps it until the write is done.

#include "shmem_private.h"

#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/wait.h>
#include <mm/commit.h>
#include <mm/highmem.h>
#include <mm/swap_cache.h>
#include <mm/zap.h>

#define LAST_INDEX 0xffffffffu
#define BATCH      16u // items looked at in one go

LIST_HEAD(shmem_list);
WAIT_QUEUE(shmem_users_gone);

void shmem_init(struct shmem *shmem, struct mapping *mapping,
                struct shmem_pool *pool)
{
    *shmem = (struct shmem){.mapping = mapping, .pool = pool};
    list_add_tail(&shmem->link, &shmem_list);
    mapping->shmem = shmem;
    mapping->swap_backed = true;
}

int shmem_promise(struct mapping *mapping, u32 pages)
{
    int err = vm_commit(pages);

    ASSERT(!mapping->shmem->promised_pages);
    if (!err)
        mapping->shmem->promised_pages = pages;
    return err;
}

int shmem_count_promise(const struct shmem *shmem, u32 pages)
{
    return shmem->promised_pages ? 0 : vm_commit(pages);
}

void shmem_return_promise(const struct shmem *shmem, u32 pages)
{
    if (!shmem->promised_pages)
        vm_uncommit(pages);
}

u32 shmem_promised(const struct shmem *shmem)
{
    return shmem->promised_pages
               ? shmem->promised_pages
               : shmem_pages(shmem->mapping) + (u32)shmem->reserved_pages;
}

// Drop what is at @index. Return: false: it has changed, look again.
static bool drop(struct mapping *mapping, u32 index, void *item)
{
    struct page *page = item;
    bool ours;

    if (radix_is_value(item)) {
        shmem_remove_entry(mapping, index);
        return true;
    }
    page_get(page);
    page_lock(page);
    ours = page->owner == mapping && page->index == index;
    if (ours) {
        zap_file_page(mapping, index, 1);
        shmem_remove_page(page);
    }
    page_unlock(page);
    page_put(page);
    return ours;
}

static void drop_range(struct mapping *mapping, u32 first, u32 last)
{
    void *item;
    u32 index;

    while (radix_tree_gang_lookup(&mapping->pages, first, 1, &item, &index) &&
           index <= last) {
        first = index;
        if (drop(mapping, index, item)) {
            if (index == last)
                return;
            first++;
        }
        cond_resched();
    }
}

int shmem_truncate(struct mapping *mapping, u64 new_size)
{
    u32 keep = (u32)((new_size + PAGE_SIZE - 1) >> PAGE_SHIFT);
    u32 tail = (u32)new_size & (PAGE_SIZE - 1);
    struct page *page = NULL;
    bool waited;
    int err;

    if (new_size > mapping->size_bytes) {
        mapping->size_bytes = new_size;
        return 0;
    }
    if (tail) {
        err =
            shmem_get_locked(mapping, keep - 1, SHMEM_IF_THERE, &page, &waited);
        if (err)
            return err;
    }
    // The size first: faults that come now see it and stay out.
    mapping->size_bytes = new_size;
    if (page) {
        page_zero_bytes(page, tail, PAGE_SIZE - tail);
        page_unlock(page);
        page_put(page);
    }
    zap_file_range(mapping, keep, LAST_INDEX - keep);
    drop_range(mapping, keep, LAST_INDEX);
    zap_file_range(mapping, keep, LAST_INDEX - keep); // copies made meanwhile
    return 0;
}

void shmem_punch(struct mapping *mapping, u32 first, u32 last)
{
    zap_file_page(mapping, first, last - first + 1);
    drop_range(mapping, first, last);
}

int shmem_zero(struct mapping *mapping, u64 pos, u32 bytes)
{
    struct page *page;
    bool waited;
    int err = shmem_get_locked(mapping, (u32)(pos >> PAGE_SHIFT),
                               SHMEM_IF_THERE, &page, &waited);

    if (err || !page)
        return err;
    page_zero_bytes(page, (u32)pos & (PAGE_SIZE - 1), bytes);
    page_unlock(page);
    page_put(page);
    return 0;
}

void shmem_destroy(struct mapping *mapping)
{
    struct shmem *shmem = mapping->shmem;

    ASSERT(list_empty(&mapping->areas));
    // It stays on the list while its pages go: they are counted by that.
    shmem->is_ending = true;
    wait_event(&shmem_users_gone, !shmem->users);
    drop_range(mapping, 0, LAST_INDEX);
    ASSERT(mapping->page_count == 0 && shmem->swapped_pages == 0 &&
           !shmem->users);
    vm_uncommit(mapping->shmem->promised_pages);
    list_del(&shmem->link);
}

// ---- reserving, seeking ----------------------------------------------------

// How many of first..last are there.
static u32 count_items(const struct mapping *mapping, u32 first, u32 last)
{
    void *items[BATCH];
    u32 indices[BATCH], count = 0, n;

    do {
        n = radix_tree_gang_lookup(&mapping->pages, first, BATCH, items,
                                   indices);
        for (u32 i = 0; i < n && indices[i] <= last; i++)
            count++;
        if (n)
            first = indices[n - 1] + 1;
    } while (n == BATCH && first && first <= last);
    return count;
}

// All places are counted in the pool, and promised, at once; those that turn
// out not to be needed, since somebody else made the page, are given back.
int shmem_reserve(struct mapping *mapping, u32 first, u32 last)
{
    struct shmem *shmem = mapping->shmem;
    struct shmem_pool *pool = shmem->pool;
    u64 pages = (u64)last - first + 1 - count_items(mapping, first, last);
    u32 index = first;
    int err = 0;

    if (pages > pool->limit_pages ||
        pool->used_pages > pool->limit_pages - pages || pages > LAST_INDEX ||
        shmem_count_promise(shmem, (u32)pages))
        return -ENOSPC;
    pool->used_pages += pages;
    shmem->reserved_pages = pages;
    do {
        struct page *page;
        bool waited;

        if (radix_tree_lookup(&mapping->pages, index))
            continue;
        err = shmem_get_locked(mapping, index, SHMEM_RESERVED, &page, &waited);
        if (err)
            break;
        page_unlock(page);
        page_put(page);
        if (task_fatal_pending(current))
            err = -EINTR;
        cond_resched();
    } while (!err && index++ != last);
    pool->used_pages -= shmem->reserved_pages;
    shmem_return_promise(shmem, (u32)shmem->reserved_pages);
    shmem->reserved_pages = 0;
    return err;
}

u32 shmem_seek(const struct mapping *mapping, u32 index, bool data)
{
    void *item;
    u32 found;

    if (data)
        return radix_tree_gang_lookup(&mapping->pages, index, 1, &item, &found)
                   ? found
                   : LAST_INDEX;
    while (index != LAST_INDEX && radix_tree_lookup(&mapping->pages, index))
        index++;
    return index;
}
