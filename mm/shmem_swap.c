// mm/shmem_swap.c - memory that is a file: to swap and back
// SPDX-License-Identifier: MIT
//
// mm/shmem.c has what a place of the tree may be. A mapped page is mapped by
// entries of user page tables that reclaim empties; they are not replaced by
// swap entries, since the tree knows where the page is. The next access finds
// it through nopage.
//
// swapoff walks shmem_list, and each tree by index, upwards only: however fast
// others page out behind it, it ends, since nothing more goes to that area.

#include "shmem_private.h"

#include <arch/cpu.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/wait.h>
#include <mm/swap_cache.h>

#include "counts.h"

#define BATCH 16u // items looked at in one go

// ---- from swap -------------------------------------------------------------

static bool still_there(struct mapping *mapping, u32 index, swap_entry_t entry)
{
    return radix_tree_lookup(&mapping->pages, index) == radix_value(entry.v);
}

// @page, of the swap cache, locked, uptodate and not being written, takes the
// place of its entry.
static void take_back(struct mapping *mapping, u32 index, swap_entry_t entry,
                      struct page *page)
{
    ASSERT(page->mapcount == 0);
    swap_cache_delete(page);    // the tree's count keeps the slot
    page_clear(page, PG_ERROR); // of a write that failed
    shmem_own(mapping, index, page);
    (void)shmem_replace(mapping, index, page);
    mapping->shmem->swapped_pages--;
    vm_counts.shmem_swapped--;
    swap_put(entry);
}

int shmem_swap_in(struct mapping *mapping, u32 index, swap_entry_t entry,
                  struct page **out, bool *waited)
{
    struct page *page;
    int err = swap_read(entry, TRACE_SWAP_OTHER, &page, waited);

    if (err) {
        if (!still_there(mapping, index, entry))
            return -EAGAIN;
        return err == -ENOENT ? -EIO : err; // named by the tree, and yet free
    }
    err = page_lock_killable(page);
    if (err)
        goto err_put;
    page_wait_writeback(page);
    if (!still_there(mapping, index, entry) || !page_test(page, PG_SWAPCACHE) ||
        page->private != entry.v) {
        err = -EAGAIN;
        goto err_unlock;
    }
    take_back(mapping, index, entry, page);
    *out = page;
    return 0;

err_unlock:
    page_unlock(page);
err_put:
    page_put(page);
    return err;
}

// ---- to swap ---------------------------------------------------------------

int shmem_swap_out(struct page *page)
{
    struct mapping *mapping = page->owner;
    swap_entry_t entry;
    void *was;
    int err;

    ASSERT(page_test(page, PG_LOCKED) && page_test(page, PG_SWAPBACKED) &&
           page_state(page) == PAGE_STATE_CACHE && page->mapcount == 0);
    // Truncated, or somebody is about to use it. (An own reference is the
    // tree's and the caller's.)
    if (!mapping || mapping->shmem->is_locked || page->refcount != 2)
        return -EBUSY;
    err = swap_cache_add(page);
    if (err)
        return err;
    entry.v = page->private;
    err = swap_get(entry);
    if (err) {
        swap_cache_delete(page);
        return err;
    }
    was = shmem_replace(mapping, page->index, radix_value(entry.v));
    ASSERT(was == page);
    shmem_disown(page);
    mapping->shmem->swapped_pages++;
    vm_counts.shmem_swapped++;
    page_set_state(page, PAGE_STATE_ANON);
    page_clear(page, PG_SWAPBACKED); // after: see own
    page_put(page);                  // the tree's
    return 0;
}

// ---- swapoff ---------------------------------------------------------------

// The first index >= *@index whose entry is in area @number.
static bool find_entry(const struct mapping *mapping, u32 number, u32 *index)
{
    void *items[BATCH];
    u32 indices[BATCH], n;

    do {
        n = radix_tree_gang_lookup(&mapping->pages, *index, BATCH, items,
                                   indices);
        for (u32 i = 0; i < n; i++) {
            swap_entry_t entry = {radix_value_of(items[i])};

            if (!radix_is_value(items[i]) || swap_entry_area(entry) != number)
                continue;
            *index = indices[i];
            return true;
        }
        if (n)
            *index = indices[n - 1] + 1;
        cond_resched();
    } while (n == BATCH && *index);
    return false;
}

static int unuse(struct shmem *shmem, u32 number)
{
    u32 index = 0;

    while (shmem->swapped_pages && find_entry(shmem->mapping, number, &index)) {
        struct page *page;
        bool waited;
        int err = shmem_get_locked(shmem->mapping, index, SHMEM_IF_THERE, &page,
                                   &waited);

        if (err)
            return err;
        if (page) {
            page_unlock(page);
            page_put(page);
        }
        err = swapoff_check();
        if (err)
            return err;
        if (++index == 0)
            break;
        cond_resched();
    }
    return 0;
}

int shmem_unuse(u32 number)
{
    static u32 round; // those that have it have been visited
    int err = 0;

    round++;
    while (!err && !list_empty(&shmem_list)) {
        struct shmem *shmem = list_first_entry(&shmem_list, struct shmem, link);

        if (shmem->unuse_round == round)
            break;
        shmem->unuse_round = round;
        list_move_tail(&shmem->link, &shmem_list);
        if (shmem->is_ending) // lets go of its entries itself
            continue;
        shmem->users++; // stays while we sleep
        err = unuse(shmem, number);
        if (--shmem->users == 0)
            wake_up(&shmem_users_gone);
    }
    return err;
}
