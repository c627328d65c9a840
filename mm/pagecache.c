// mm/pagecache.c - the pages of files
// SPDX-License-Identifier: MIT
//
// A page enters the cache locked and not uptodate; the file system's readpage
// fills it and unlocks it. Whoever finds it meanwhile waits for the lock. A
// page whose reading failed leaves the cache again, so that the next one who
// wants it tries again.
//
// After a sleep a page may have been truncated away: page->owner is then NULL.
// Whoever locked a page checks that first.
//
// Read-ahead is the classical one: a miss at a page also starts reading the
// pages behind it, which nobody waits for.
//
// Locking: PG_LOCKED guards identity (owner, index) and filling; the tree is
// only changed between sleeps, so it needs no lock of its own. Order: mm->lock,
// page lock. End-of-I/O handlers touch page flags only.

#include <mm/pagecache.h>

#include <kernel/task.h>
#include <kernel/wait.h>
#include <mm/highmem.h>
#include <mm/pmap.h>
#include <mm/radix_alloc.h>
#include <mm/reclaim.h>
#include <mm/rmap.h>
#include <mm/stat.h>
#include <mm/zap.h>

#include "counts.h"

#define LOG_NAME "pagecache"
#include <kernel/log.h>

// Waiters for page locks and writeback, by a hash of the page.
#define WAIT_QUEUES 64u
static struct wait_queue wait_queues[WAIT_QUEUES];

void pagecache_init(void)
{
    for (u32 i = 0; i < WAIT_QUEUES; i++)
        wait_queue_init(&wait_queues[i]);
}

static struct wait_queue *page_queue(const struct page *page)
{
    return &wait_queues[page_to_pfn(page).v % WAIT_QUEUES];
}

bool page_trylock(struct page *page)
{
    return !page_test_and_set(page, PG_LOCKED);
}

void page_lock(struct page *page)
{
    if (likely(page_trylock(page)))
        return;
    wait_event(page_queue(page), page_trylock(page));
}

int page_lock_killable(struct page *page)
{
    if (likely(page_trylock(page)))
        return 0;
    return wait_event_killable(page_queue(page), page_trylock(page));
}

void page_unlock(struct page *page)
{
    ASSERT(page_test(page, PG_LOCKED));
    page_clear(page, PG_LOCKED);
    wake_up(page_queue(page));
}

void page_wait_writeback(struct page *page)
{
    wait_event(page_queue(page), !page_test(page, PG_WRITEBACK));
}

void page_mark_dirty(struct page *page)
{
    if (page_test_and_set(page, PG_DIRTY))
        return;
    if (page_state(page) == PAGE_STATE_CACHE)
        vm_counts.dirty++;
}

void page_read_done(struct page *page, int error)
{
    if (error) {
        page_set(page, PG_ERROR);
    } else {
        page_clear(page, PG_ERROR);
        page_set(page, PG_UPTODATE);
    }
    page_unlock(page);
}

void page_write_done(struct page *page, int error)
{
    ASSERT(page_test(page, PG_WRITEBACK));
    vm_counts.writeback--;
    if (error) {
        page_set(page, PG_ERROR);
        page_mark_dirty(page);
        page_clear(page, PG_RECLAIM);
    }
    if (page_test(page, PG_RECLAIM)) {
        page_clear(page, PG_RECLAIM);
        lru_rotate(page);
    }
    page_clear(page, PG_WRITEBACK);
    wake_up(page_queue(page));
    reclaim_write_done();
}

void mapping_init(struct mapping *mapping, const struct mapping_ops *ops,
                  void *host, u64 size_bytes)
{
    *mapping =
        (struct mapping){.ops = ops, .host = host, .size_bytes = size_bytes};
    radix_tree_init(&mapping->pages);
    list_init(&mapping->areas);
}

struct page *mapping_find_page(struct mapping *mapping, u32 index)
{
    struct page *page = radix_tree_lookup(&mapping->pages, index);

    if (page)
        page_get(page);
    return page;
}

// Put a new page in, locked, with a reference for the cache beside the
// caller's. Return: 0; -EEXIST: somebody was faster; -ENOMEM. May sleep before
// it does anything.
static int insert_page(struct mapping *mapping, u32 index, struct page *page)
{
    struct radix_preload pre;
    int err;

    if (!radix_preload_fill(&pre, GFP_KERNEL))
        return -ENOMEM;
    err = radix_tree_insert(&mapping->pages, index, page, &pre);
    radix_preload_drain(&pre);
    if (err)
        return err;
    page_get(page);
    page_set(page, PG_LOCKED);
    page_set_state(page, PAGE_STATE_CACHE);
    page->owner = mapping;
    page->index = index;
    page->private = 0;
    mapping->page_count++;
    vm_counts.cached++;
    if (mapping->unevictable) {
        page_set(page, PG_UNEVICTABLE);
        vm_counts.unevictable_cached++;
    } else {
        lru_add(page);
    }
    return 0;
}

// Take @page (locked, unmapped) out of the cache and drop its reference.
static void remove_page(struct page *page)
{
    struct mapping *mapping = page->owner;
    struct page *was;

    ASSERT(page_test(page, PG_LOCKED) && page->mapcount == 0);
    was = radix_tree_delete(&mapping->pages, page->index, radix_node_put, NULL);
    ASSERT(was == page);
    if (page_test(page, PG_DIRTY)) {
        page_clear(page, PG_DIRTY);
        vm_counts.dirty--;
    }
    if (page_test(page, PG_UNEVICTABLE)) {
        page_clear(page, PG_UNEVICTABLE);
        vm_counts.unevictable_cached--;
    }
    mapping->page_count--;
    vm_counts.cached--;
    page->owner = NULL; // tells those who wait for the lock
    page_put(page);
}

bool mapping_drop_page(struct page *page)
{
    ASSERT(page_test(page, PG_LOCKED) && page_state(page) == PAGE_STATE_CACHE);
    if (!page->owner || page->refcount != 2 || page->mapcount ||
        page_test(page, PG_DIRTY) || page_test(page, PG_WRITEBACK))
        return false; // truncated already, or in use
    remove_page(page);
    return true;
}

// Start reading @page, just inserted. On failure it is out of the cache again.
static int start_read(struct mapping *mapping, struct page *page)
{
    int err;

    if (!mapping->ops->readpage) { // nothing beneath: a hole
        page_clear_content(page);
        page_read_done(page, 0);
        return 0;
    }
    err = mapping->ops->readpage(mapping, page);
    if (err) {
        remove_page(page);
        page_unlock(page);
        return err;
    }
    vm_count_many(VM_PGPGIN, PAGE_SIZE / KIB);
    return 0;
}

// A new page at @index, its reading started; a reference for the caller.
static int read_new_page(struct mapping *mapping, u32 index, u32 gfp,
                         struct page **out)
{
    struct page *page = page_alloc(gfp);
    int err;

    if (!page)
        return -ENOMEM;
    err = insert_page(mapping, index, page);
    if (!err)
        err = start_read(mapping, page);
    if (err) {
        page_put(page);
        return err;
    }
    *out = page;
    return 0;
}

static u32 mapping_pages(const struct mapping *mapping)
{
    return (u32)((mapping->size_bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

// Start reading what follows a miss at @index. Failing is fine.
static void read_ahead(struct mapping *mapping, u32 index)
{
    u32 end = min(index + 1 + mapping->readahead_pages, mapping_pages(mapping));

    for (u32 i = index + 1; i < end; i++) {
        struct page *page;

        if (radix_tree_lookup(&mapping->pages, i))
            continue;
        if (read_new_page(mapping, i, GFP_HIGHUSER | GFP_NORETRY | GFP_NOWARN,
                          &page))
            return;
        page_put(page);
    }
}

// Wait until a page that was found is filled. Return: 0; -EAGAIN: it is gone,
// look again; -EIO; -EINTR.
static int wait_uptodate(struct mapping *mapping, struct page *page)
{
    int err;

    if (page_test(page, PG_UPTODATE))
        return 0;
    err = page_lock_killable(page);
    if (err)
        return err;
    if (page->owner != mapping)
        err = -EAGAIN;
    else if (!page_test(page, PG_UPTODATE)) {
        err = -EIO;
        if (page->mapcount == 0)
            remove_page(page);
    }
    page_unlock(page);
    return err;
}

int mapping_get_page(struct mapping *mapping, u32 index, struct page **out,
                     bool *waited)
{
    struct page *page;
    int err;

    for (;;) {
        bool uptodate;

        if (index >= mapping_pages(mapping))
            return -ENXIO;
        page = mapping_find_page(mapping, index);
        if (!page) {
            err = read_new_page(mapping, index, GFP_HIGHUSER, &page);
            if (err == -EEXIST)
                continue;
            if (err)
                return err;
            read_ahead(mapping, index);
        }
        uptodate = page_test(page, PG_UPTODATE);
        if (!uptodate && waited)
            *waited = true;
        err = wait_uptodate(mapping, page);
        if (!err) {
            lru_mark_accessed(page);
            *out = page;
            return 0;
        }
        page_put(page);
        if (err != -EAGAIN)
            return err;
    }
}

int mapping_grab_page(struct mapping *mapping, u32 index, struct page **out)
{
    struct page *page;
    int err;

    for (;;) {
        page = mapping_find_page(mapping, index);
        if (!page && index < mapping_pages(mapping) && mapping->ops->readpage) {
            err = mapping_get_page(mapping, index, &page, NULL);
            if (err)
                return err;
        } else if (!page) {
            page = page_alloc(GFP_HIGHUSER | GFP_ZERO);
            if (!page)
                return -ENOMEM;
            err = insert_page(mapping, index, page);
            if (!err) {
                page_set(page, PG_UPTODATE);
                *out = page;
                return 0;
            }
            page_put(page);
            if (err != -EEXIST)
                return err;
            continue;
        }
        page_lock(page);
        if (page->owner == mapping && page_test(page, PG_UPTODATE)) {
            *out = page;
            return 0;
        }
        page_unlock(page);
        page_put(page);
    }
}

// Drop all pages from @first on, whoever maps them.
static void drop_from(struct mapping *mapping, u32 first)
{
    struct page *page;

    while (radix_tree_gang_lookup(&mapping->pages, first, 1, (void **)&page,
                                  NULL)) {
        page_get(page);
        page_lock(page);
        page_wait_writeback(page);
        if (page->owner == mapping) {
            zap_file_page(mapping, page->index, 1);
            remove_page(page);
        }
        page_unlock(page);
        page_put(page);
    }
}

void mapping_truncate(struct mapping *mapping, u64 new_size)
{
    u32 keep = (u32)((new_size + PAGE_SIZE - 1) >> PAGE_SHIFT);
    u32 tail = (u32)new_size & (PAGE_SIZE - 1);
    u64 old_size = mapping->size_bytes;
    struct page *page;

    // The size first: faults that come now see it and stay out.
    mapping->size_bytes = new_size;
    if (new_size >= old_size)
        return;
    zap_file_page(mapping, keep, 0xffffffffu - keep);
    drop_from(mapping, keep);
    if (!tail)
        return;
    page = mapping_find_page(mapping, keep - 1);
    if (!page)
        return;
    page_zero_bytes(page, tail, PAGE_SIZE - tail);
    page_put(page);
}

void mapping_destroy(struct mapping *mapping)
{
    ASSERT(list_empty(&mapping->areas));
    drop_from(mapping, 0);
    ASSERT(mapping->page_count == 0);
}

s64 mapping_read(struct mapping *mapping, u64 pos, u64 bytes, page_copy_fn copy,
                 void *arg)
{
    u64 done = 0;
    int err = 0;

    while (done < bytes && pos + done < mapping->size_bytes) {
        u64 at = pos + done;
        u32 offset = (u32)at & (PAGE_SIZE - 1);
        u64 left = min(bytes - done, mapping->size_bytes - at);
        u32 n = (u32)min(left, (u64)(PAGE_SIZE - offset));
        struct page *page;

        err = mapping_get_page(mapping, (u32)(at >> PAGE_SHIFT), &page, NULL);
        if (err == -ENXIO) // truncated meanwhile
            err = 0;
        else if (!err) {
            err = copy(arg, page, offset, n);
            page_put(page);
            if (!err) {
                done += n;
                continue;
            }
        }
        break;
    }
    return done ? (s64)done : err;
}

enum fault_result pagecache_nopage(struct vm_area *vma, u32 pgoff,
                                   struct page **out)
{
    bool waited = false;
    int err = mapping_get_page(vma->mapping, pgoff, out, &waited);

    switch (err) {
    case 0: return waited ? FAULT_MAJOR : FAULT_DONE;
    case -ENOMEM: return FAULT_OOM;
    case -EINTR: return FAULT_RETRY; // a fatal signal: dies on the way out
    default: return FAULT_BUS;
    }
}
