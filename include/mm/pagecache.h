// include/mm/pagecache.h - the pages of files, one cache for read, write, mmap
// SPDX-License-Identifier: MIT
//
// A struct mapping is the content of one inode (or block device): pages by
// index in a radix tree. A page in it holds one reference for the cache.
// PG_LOCKED is held while its content is read in; whoever finds it locked
// waits. Page locks are taken after mm->lock; reclaim only tries. Who holds a
// file system's own locks (rank FS_META and above) waits for no page of a file.
//
// In the tree of a mapping a number (radix_is_value) may be in the place of a
// page: below 2^29 the swap entry of a page of shmem that is paged out; with
// bit 29, what reclaim remembers of a page that it took (a shadow). They count
// neither in page_count nor as found.
//
// The tree and its tags are changed with interrupts off: the end of a write
// changes tags in a handler.
#pragma once

#include <lib/errseq.h>
#include <lib/radix_tree.h>
#include <mm/page_alloc.h>
#include <mm/readahead.h>
#include <mm/vma.h>

#define MAPPING_VALUE_SHADOW (1u << 29)

struct mapping_ops {
    // readpage - fill @page, which is locked and in the cache: start the read,
    // or do it at once. When it is done (any context): page_read_done().
    // Return: 0: page_read_done was or will be called; -errno: nothing was
    // started (the caller unlocks and drops the page). NULL: pages begin as
    // zeros.
    int (*readpage)(struct mapping *mapping, struct page *page);

    // prepare_write - before @page (locked, uptodate) is changed: room on the
    // store for all its bytes below @end_bytes, which is what the size of the
    // content will be after the change (size_bytes is set by the caller, after
    // it). May sleep. Return: 0; -ENOSPC, -EDQUOT, -EIO, -ENOMEM. NULL: nothing
    // is needed.
    int (*prepare_write)(struct mapping *mapping, struct page *page,
                         u64 end_bytes);

    // writepage - write @page (locked, PG_WRITEBACK and its tag set): start it.
    // What lies beyond size_bytes has been made zeros.
    // Unlocked by the caller when this returns; page_write_done() comes in any
    // context. Return: 0; -errno: nothing was started, and page_write_done()
    // will not come. May sleep; needs no memory that it may not get. NULL: the
    // mapping has no store, its pages are never dirty.
    int (*writepage)(struct mapping *mapping, struct page *page);

    // get_page - in place of the cache's own way of finding or making a page:
    // as mapping_get_page, with @write as mapping_grab_page but unlocked.
    // NULL: the cache's own (all but shmem).
    int (*get_page)(struct mapping *mapping, u32 index, bool write,
                    struct page **out, bool *waited);

    // drop_value - a number that is not a shadow leaves the tree (truncation).
    // Interrupts are on; no sleep. NULL: there are none.
    void (*drop_value)(struct mapping *mapping, u32 index, u32 value);
};

struct mapping {
    struct radix_tree pages;
    u32 page_count; // pages, not numbers
    const struct mapping_ops *ops;
    void *host;             // inode or block device
    u64 serial;             // 0, or a number that no other ever has: futexes
    u64 size_bytes;         // of the content; pages beyond do not exist
    struct list_head areas; // vm_areas that map it, by mapping_link
    bool unevictable;       // no page leaves: SHM_LOCK (mm/mlock.h)
    bool swap_backed;       // pages go to swap: PG_SWAPBACKED, anonymous LRU
    struct shmem *shmem;    // ... then this; else NULL (mm/shmem.h)
    bool is_device;         // of a block device: shown as Buffers
    u32 readahead_pages;    // how many to read beyond a miss of one who has no
                            // struct readahead; 0: none

    // What is newer than the store (mm/writeback.c). Changed in handlers.
    u32 dirty_pages;             // PG_DIRTY and RADIX_TAG_DIRTY
    u32 writeback_pages;         // PG_WRITEBACK and RADIX_TAG_WRITEBACK
    u64 dirtied_ns;              // when the first of them became dirty
    struct list_head dirty_link; // while dirty_pages
    struct list_head io_link;    // while writeback_pages
    u32 trace_id;                // see trace_file, in kernel/trace.h
    u32 census_round;            // the census that has counted it
    u32 sync_round;              // the sync that has waited for it
    u32 users;                   // who sleeps while using it: do not destroy
    u32 write_failures;          // pages that could not be written
    errseq_t write_errors;       // for each open file to find out about once
};

void mapping_init(struct mapping *mapping, const struct mapping_ops *ops,
                  void *host, u64 size_bytes);

static inline u32 mapping_pages(const struct mapping *mapping)
{
    return (u32)((mapping->size_bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

// Whether its pages are written somewhere, and so can be dirty.
static inline bool mapping_has_store(const struct mapping *mapping)
{
    return mapping->ops && mapping->ops->writepage;
}

// mapping_get_page - the page at @index, uptodate, with a reference for the
// caller. *@waited: whether I/O was waited for (may be NULL).
// Return: 0; -EIO; -ENOMEM; -EINTR killed while waiting. Beyond size_bytes:
// -ENXIO. Context: may sleep.
__must_check int mapping_get_page(struct mapping *mapping, u32 index,
                                  struct page **out, bool *waited);

// mapping_get_page_ahead - without counting as a use (lru_mark_accessed), for a
// reader of @want pages from @index on whose reading so far is in @ra (NULL:
// unknown).
__must_check int mapping_get_page_ahead(struct mapping *mapping, u32 index,
                                        u32 want, struct readahead *ra,
                                        struct page **out, bool *waited);

// mapping_grab_page - the page at @index for writing into: found or new (then
// zeroed and uptodate if nothing is to be read there: index beyond the size, or
// no readpage). Locked, with a reference. Return: 0; -ENOMEM; -EIO; -EINTR.
__must_check int mapping_grab_page(struct mapping *mapping, u32 index,
                                   struct page **out);

// mapping_find_page - if cached: with a reference, else NULL. No sleep, no I/O.
struct page *mapping_find_page(struct mapping *mapping, u32 index);

// mapping_truncate - drop the pages beyond @new_size and zero the tail of the
// last one; unmaps them, and private copies of them, from everybody. Sets
// size_bytes. Waits for writes of what it drops. May sleep. The file system
// gives up blocks after this. The last page may have become dirty; if it could
// not be read or written to, that is in write_errors.
void mapping_truncate(struct mapping *mapping, u64 new_size);

// mapping_grow - the size is to be more: sets it. What was between the old end
// and the end of its page is zeros after. No sleep.
void mapping_grow(struct mapping *mapping, u64 new_size);

// mapping_destroy - drop all pages, unwritten ones too; nobody maps it any
// more. Who cares for the content calls mapping_sync first. May sleep.
void mapping_destroy(struct mapping *mapping);

// mapping_drop_clean - let go of the clean, unmapped pages of [first, last].
// May sleep.
void mapping_drop_clean(struct mapping *mapping, u32 first, u32 last);

// mapping_read - copy out, through the cache; stops at size_bytes. @ra: of the
// open file, or NULL.
// @copy(arg, page, offset, bytes) returns how many bytes it copied and may
// fault; fewer: the rest has nowhere to go, which is the end. Return: bytes, or
// -errno (-EFAULT of @copy, too) when none was copied. May sleep.
typedef u32 (*page_copy_fn)(void *arg, struct page *page, u32 offset,
                            u32 bytes);
s64 mapping_read(struct mapping *mapping, u64 pos, u64 bytes,
                 struct readahead *ra, page_copy_fn copy, void *arg);

// mapping_will_need - start reading what of [first, last] is not cached.
void mapping_will_need(struct mapping *mapping, u32 first, u32 last);

// End of the I/O started by readpage/writepage. Any context. readpage's
// success: @error 0: uptodate; unlocks and wakes. writepage's: an error is
// remembered in write_errors; the page is clean all the same, as on Linux
// (anonymous pages are dirty again).
void page_read_done(struct page *page, int error);
void page_write_done(struct page *page, int error);

// Page locks. Context: task, may sleep (trylock: any).
void page_lock(struct page *page);
__must_check int page_lock_killable(struct page *page); // -EINTR
bool page_trylock(struct page *page);
void page_unlock(struct page *page); // any context
void page_wait_writeback(struct page *page);

// pagecache_set_submit - the function that starts requests which the layer
// below has gathered and not started; called before waiting for a page. Boot.
void pagecache_set_submit(void (*submit)(void));
void pagecache_submit(void);

// page_mark_dirty - the content is newer than its store. Any context.
void page_mark_dirty(struct page *page);
// page_cancel_dirty - it is not worth writing after all. @page is locked.
void page_cancel_dirty(struct page *page);

// mapping_drop_page - take a clean, unmapped page out of the cache, if only the
// cache and the caller have a reference. @page is locked. Return: whether it is
// out. No sleep.
bool mapping_drop_page(struct page *page);
// mapping_evict_page - the same, by reclaim: it leaves a shadow.
bool mapping_evict_page(struct page *page);

// pagecache_init - boot, once.
void pagecache_init(void);

// ---- writing (mm/writeback.c) -----------------------------------------------

// mapping_sync - write the dirty pages of [first, last] and wait for them and
// for those that are being written already. Each page is written at most once,
// however busy writers are.
// Return: 0; -errno: a write failed meanwhile (also in write_errors, where
// fsync looks). Context: task, may sleep; no page lock held.
int mapping_sync(struct mapping *mapping, u32 first, u32 last);

// mapping_start_write - the same without waiting. mapping_wait_written - the
// waiting alone.
void mapping_start_write(struct mapping *mapping, u32 first, u32 last);
void mapping_wait_written(struct mapping *mapping, u32 first, u32 last);

// mapping_write_failed - something that belongs to the mapping could not be
// written: for write_errors. Any context.
void mapping_write_failed(struct mapping *mapping, int error);

// mapping_make_writable - page_mkwrite of shared mappings of files: @page, with
// a reference of the caller's, is dirty when this returns 0, and stays so until
// the caller sleeps. Return: 0; -EAGAIN: it left the mapping, look again;
// -ENOSPC, -EIO ...: SIGBUS; -ENOMEM. May sleep.
__must_check int mapping_make_writable(struct mapping *mapping,
                                       struct page *page);

// ---- mapped -----------------------------------------------------------------

// pagecache_nopage - vm_operations.nopage for anything with vma->mapping.
enum fault_result pagecache_nopage(struct vm_area *vma, u32 pgoff,
                                   struct page **out);
