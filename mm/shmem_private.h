// mm/shmem_private.h - between the parts of mm/shmem*.c
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/shmem.h>
#include <mm/swap.h>

enum shmem_want {
    SHMEM_IF_THERE, // a hole gives no page
    SHMEM_IN_SIZE,  // made, if below the size
    SHMEM_ANYWHERE, // made
    SHMEM_RESERVED, // made, from what shmem_reserve has counted, if that lasts
};

// shmem_get_locked - the page at @index, locked and with a reference, or NULL.
// Return: as shmem_get_page; *@out is set when 0.
__must_check int shmem_get_locked(struct mapping *mapping, u32 index,
                                  enum shmem_want want, struct page **out,
                                  bool *waited);

// shmem_remove_page - @page (locked, of a mapping, mapped by nobody) leaves the
// tree, whose reference goes.
void shmem_remove_page(struct page *page);

// shmem_remove_entry - the swap entry at @index goes, and its count of the
// slot. No sleep.
void shmem_remove_entry(struct mapping *mapping, u32 index);

// shmem_count_promise - @pages more will be made: promised, unless the file has
// been promised as a whole. shmem_return_promise - they have gone, or were not
// made. Return: 0; -ENOMEM. No sleep.
__must_check int shmem_count_promise(const struct shmem *shmem, u32 pages);
void shmem_return_promise(const struct shmem *shmem, u32 pages);

// shmem_own - @page, locked, is what the tree has at @index from now on.
// shmem_disown - it is not any more; the tree's reference is left to the
// caller. shmem_replace - put another item there. Return: what there was.
void shmem_own(struct mapping *mapping, u32 index, struct page *page);
void shmem_disown(struct page *page);
void *shmem_replace(struct mapping *mapping, u32 index, void *item);

// shmem_swap_in - the page of an entry in the tree, locked and with a
// reference. Return: 0; -EAGAIN: the tree has changed; -ENOMEM; -EIO; -EINTR.
__must_check int shmem_swap_in(struct mapping *mapping, u32 index,
                               swap_entry_t entry, struct page **out,
                               bool *waited);

// Who waits for shmem.users to be 0.
extern struct wait_queue shmem_users_gone;
