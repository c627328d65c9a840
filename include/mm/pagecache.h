// include/mm/pagecache.h - the pages of files, one cache for read, write, mmap
// SPDX-License-Identifier: MIT
//
// A struct mapping is the content of one inode (or block device): pages by
// index in a radix tree. A page in it holds one reference for the cache.
// PG_LOCKED is held while its content is read in; whoever finds it locked
// waits. Page locks are taken after mm->lock; reclaim only tries.
#pragma once

#include <lib/radix_tree.h>
#include <mm/page_alloc.h>
#include <mm/vma.h>

struct mapping_ops {
    // readpage - fill @page, which is locked and in the cache: start the read,
    // or do it at once. When it is done (any context): page_read_done().
    // Return: 0: page_read_done was or will be called; -errno: nothing was
    // started (the caller unlocks and drops the page).
    int (*readpage)(struct mapping *mapping, struct page *page);

    // writepage - write @page (locked, PG_WRITEBACK set). When it is done:
    // page_write_done(). NULL: cannot be written.
    int (*writepage)(struct mapping *mapping, struct page *page);
};

struct mapping {
    struct radix_tree pages;
    u32 page_count;
    const struct mapping_ops *ops;
    void *host;             // inode or block device
    u64 size_bytes;         // of the content; pages beyond do not exist
    struct list_head areas; // vm_areas that map it, by mapping_link
    bool unevictable;       // pages have no other store: tmpfs
    u32 readahead_pages;    // how many to read beyond a miss; 0: none
};

void mapping_init(struct mapping *mapping, const struct mapping_ops *ops,
                  void *host, u64 size_bytes);

// mapping_get_page - the page at @index, uptodate, with a reference for the
// caller. *@waited: whether I/O was waited for (may be NULL).
// Return: 0; -EIO; -ENOMEM; -EINTR killed while waiting. Beyond size_bytes:
// -ENXIO. Context: may sleep.
__must_check int mapping_get_page(struct mapping *mapping, u32 index,
                                  struct page **out, bool *waited);

// mapping_grab_page - the page at @index for writing into: found or new (then
// zeroed and uptodate if nothing is to be read there: index beyond the size, or
// no readpage). Locked, with a reference. Return: 0; -ENOMEM; -EIO.
__must_check int mapping_grab_page(struct mapping *mapping, u32 index,
                                   struct page **out);

// mapping_find_page - if cached: with a reference, else NULL. No sleep, no I/O.
struct page *mapping_find_page(struct mapping *mapping, u32 index);

// mapping_truncate - drop the pages beyond @new_size and zero the tail of the
// last one; unmaps them from everybody. Sets size_bytes. May sleep.
void mapping_truncate(struct mapping *mapping, u64 new_size);

// mapping_destroy - drop all pages; nobody maps it any more.
void mapping_destroy(struct mapping *mapping);

// mapping_read - copy out, through the cache; stops at size_bytes.
// @copy(arg, page, offset, bytes) returns 0 or -errno and may fault.
// Return: bytes, or -errno when none was copied. May sleep.
typedef int (*page_copy_fn)(void *arg, struct page *page, u32 offset,
                            u32 bytes);
s64 mapping_read(struct mapping *mapping, u64 pos, u64 bytes, page_copy_fn copy,
                 void *arg);

// End of the I/O started by readpage/writepage. Any context. readpage's
// success: @error 0: uptodate; unlocks and wakes.
void page_read_done(struct page *page, int error);
void page_write_done(struct page *page, int error);

// Page locks. Context: task, may sleep (trylock: any).
void page_lock(struct page *page);
__must_check int page_lock_killable(struct page *page); // -EINTR
bool page_trylock(struct page *page);
void page_unlock(struct page *page); // any context
void page_wait_writeback(struct page *page);

// page_mark_dirty - the content is newer than its store. Any context.
void page_mark_dirty(struct page *page);

// mapping_drop_page - take a clean, unmapped page out of the cache, if only the
// cache and the caller have a reference. @page is locked. Return: whether it is
// out. No sleep.
bool mapping_drop_page(struct page *page);

// pagecache_init - boot, once.
void pagecache_init(void);

// pagecache_nopage - vm_operations.nopage for anything with vma->mapping.
enum fault_result pagecache_nopage(struct vm_area *vma, u32 pgoff,
                                   struct page **out);
