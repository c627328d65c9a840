// include/mm/shmem.h - memory that is a file: tmpfs, shared memory, memfd
// SPDX-License-Identifier: MIT
//
// The pages of such a mapping have no store beneath them but swap. They are
// page-cache pages (state CACHE, PG_SWAPBACKED, always PG_DIRTY) on the
// anonymous LRU lists. Each index of the tree has nothing (a hole: zeros), a
// page, or the swap entry of a page that is out (radix_value, below 2^29): one
// owner always. An entry in the tree is one count of its slot.
//
// Context of all: task, may sleep, if not told else.
#pragma once

#include <mm/pagecache.h>

// What a file system of such files, or all memory of one kind, may have.
struct shmem_pool {
    u64 limit_pages;   // SHMEM_NO_LIMIT: none
    u64 used_pages;    // in memory, in swap, or about to be
    u64 counted_pages; // the census's own
};
#define SHMEM_NO_LIMIT (~0ull)

struct shmem {
    struct list_head link; // shmem_list
    struct mapping *mapping;
    struct shmem_pool *pool;
    u32 swapped_pages;  // entries in the tree
    u64 reserved_pages; // shmem_reserve is about to make them
    u32 promised_pages; // by shmem_promise; 0: each page when it is made
    u32 users;          // who sleeps in it without holding the inode
    u32 unuse_round;    // swapoff has been here
    bool is_locked;     // SHM_LOCK: stays in memory
    bool is_ending;     // shmem_destroy: nobody becomes a user any more
};

// All of them, in no order. Changed without sleeping.
extern struct list_head shmem_list;

// shmem_init - make @mapping, which is empty, one of these. shmem_destroy -
// drop all it has; nobody maps it or will look for it any more.
void shmem_init(struct shmem *shmem, struct mapping *mapping,
                struct shmem_pool *pool);
void shmem_destroy(struct mapping *mapping);

// shmem_promise - all of its @pages are promised from now on (vm_commit), as
// long as it is there: shared memory that does not grow.
// Return: 0; -ENOMEM.
__must_check int shmem_promise(struct mapping *mapping, u32 pages);

// shmem_promised - pages of it that are promised: all, or those that there are
// or that are being reserved. No sleep.
u32 shmem_promised(const struct shmem *shmem);

// shmem_get_page - the page at @index, uptodate, with a reference.
// @write: it is made if there is none, wherever; else it must lie below the
// size, and a hole is the zero page. *@waited: I/O was waited for (may be
// NULL). Return: 0; -ENXIO: beyond the size; -ENOSPC: the pool is used up, or
// no more memory can be promised (mm/commit.h);
// -ENOMEM; -EIO: it cannot be read back; -EINTR: killed while waiting.
__must_check int shmem_get_page(struct mapping *mapping, u32 index, bool write,
                                struct page **out, bool *waited);

// shmem_nopage - vm_operations.nopage. A hole gets a page, also to be read:
// others will see what is written to it. FAULT_BUS: also when the pool is used
// up.
enum fault_result shmem_nopage(struct vm_area *vma, u32 pgoff,
                               struct page **out);

// shmem_truncate - set the size, drop what lies beyond it, zero the rest of the
// last page. inode->lock is held. Return: 0; -ENOMEM, -EIO, -EINTR: the last
// page could not be read back, and nothing was changed.
__must_check int shmem_truncate(struct mapping *mapping, u64 new_size);

// shmem_punch - drop the pages first..last (inclusive); private copies stay.
// For madvise(MADV_REMOVE) and FALLOC_FL_PUNCH_HOLE. mm->lock is not held.
void shmem_punch(struct mapping *mapping, u32 first, u32 last);

// shmem_zero - zero bytes within one page, if there is one.
// Return: 0; as shmem_get_page.
__must_check int shmem_zero(struct mapping *mapping, u64 pos, u32 bytes);

// shmem_reserve - make all pages first..last that are not there. inode->lock is
// held. Return: 0; -ENOSPC: not all would fit, and none was made; -ENOMEM,
// -EINTR: some were.
__must_check int shmem_reserve(struct mapping *mapping, u32 first, u32 last);

// shmem_seek - the first page >= @index that is data (@data) or a hole.
// Return: its index; 0xffffffff: none below that.
u32 shmem_seek(const struct mapping *mapping, u32 index, bool data);

// shmem_pages - how many it has, in memory and swap. No sleep.
static inline u32 shmem_pages(const struct mapping *mapping)
{
    return mapping->page_count + mapping->shmem->swapped_pages;
}

// mapping_content_pages - of any mapping that has no device beneath.
static inline u32 mapping_content_pages(const struct mapping *mapping)
{
    return mapping->swap_backed ? shmem_pages(mapping) : mapping->page_count;
}

// shmem_swap_out - reclaim: @page (locked, not mapped, off the lists, its only
// references the tree's and the caller's) gets a slot. Its entry takes its
// place in the tree, and it becomes an anonymous page of the swap cache, dirty,
// to be written as any other.
// Return: 0; -EBUSY: not this one, or not now; -ENOSPC, -ENOMEM: as
// swap_cache_add. No sleep.
__must_check int shmem_swap_out(struct page *page);

// shmem_unuse - swapoff: bring back all pages that are in area @number.
// Return: 0; -ENOMEM; -EIO; -EINTR.
__must_check int shmem_unuse(u32 number);

// shmem_set_locked - SHM_LOCK: from now on nothing of it is paged out.
void shmem_set_locked(struct mapping *mapping, bool locked);
