// mm/pagecache.c - the pages of files: finding, making, taking out
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
// Its neighbours: locks page_lock.c, read-ahead readahead.c, shrinking
// truncate.c, dirty pages and their writing writeback.c.
//
// Locking: PG_LOCKED guards identity (owner, index) and filling; the tree is
// changed between sleeps and with interrupts off, so it needs no lock of its
// own. Order: mm->lock, page lock. End-of-I/O handlers touch flags, tags and
// counts only.

#include <mm/pagecache.h>

#include <arch/cpu.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <mm/highmem.h>
#include <mm/radix_alloc.h>
#include <mm/stat.h>
#include <mm/workingset.h>
#include <mm/zone.h>

#include "counts.h"
#include "pagecache_private.h"

void pagecache_init(void)
{
    page_lock_init();
}

void mapping_init(struct mapping *mapping, const struct mapping_ops *ops,
                  void *host, u64 size_bytes)
{
    *mapping =
        (struct mapping){.ops = ops, .host = host, .size_bytes = size_bytes};
    radix_tree_init(&mapping->pages);
    list_init(&mapping->areas);
    list_init(&mapping->dirty_link);
    list_init(&mapping->io_link);
}

struct page *mapping_find_page(struct mapping *mapping, u32 index)
{
    struct page *page = radix_tree_lookup(&mapping->pages, index);

    if (!page || radix_is_value(page))
        return NULL;
    page_get(page);
    return page;
}

// ---- in and out ------------------------------------------------------------

static bool is_shadow(const void *item)
{
    return radix_is_value(item) &&
           (radix_value_of(item) & MAPPING_VALUE_SHADOW);
}

// In the tree at @index: into an empty place, or in that of a shadow, which is
// told (0: there was none).
static int tree_insert(struct mapping *mapping, u32 index, struct page *page,
                       struct radix_preload *pre, u32 *out_shadow)
{
    u32 flags = irq_save(), slot;
    struct radix_node *leaf = radix_tree_leaf(&mapping->pages, index, &slot);
    void *old = leaf ? leaf->slots[slot] : NULL;
    int err = 0;

    *out_shadow = 0;
    if (!leaf) {
        err = radix_tree_insert(&mapping->pages, index, page, pre);
    } else if (!old || is_shadow(old)) {
        *out_shadow = old ? radix_value_of(old) : 0;
        radix_leaf_set(leaf, slot, page);
        workingset_changed(&mapping->pages, leaf);
    } else {
        err = -EEXIST;
    }
    irq_restore(flags);
    return err;
}

void pagecache_trace(const struct page *page, enum trace_cache what)
{
    trace_write(TRACE_CACHE, trace_file(page->owner), page->index,
                page_to_pfn(page).v, what, 0);
}

static void trace_removal(struct page *page)
{
    // Through a mapping it is used without being looked for here.
    if (page_test(page, PG_AHEAD)) {
        if (page->flags & (1u << PG_REFERENCED | 1u << PG_ACTIVE))
            readahead_used(page);
        else
            readahead_unused(page);
    }
    pagecache_trace(page, TRACE_CACHE_REMOVE);
}

static void count_in(struct mapping *mapping, struct page *page)
{
    mapping->page_count++;
    vm_counts.cached++;
    if (mapping->is_device)
        vm_counts.buffers++;
    lru_add(page);
}

// Put a new page in, locked, with a reference for the cache beside the
// caller's. Return: 0; -EEXIST: somebody was faster; -ENOMEM. May sleep before
// it does anything.
static int insert_page(struct mapping *mapping, u32 index, struct page *page)
{
    struct radix_preload pre;
    u32 shadow;
    int err;

    if (!radix_preload_for(&mapping->pages, index, &pre, GFP_KERNEL))
        return -ENOMEM;
    err = tree_insert(mapping, index, page, &pre, &shadow);
    radix_preload_drain(&pre);
    if (err)
        return err;
    page_get(page);
    page_set(page, PG_LOCKED);
    page_set_state(page, PAGE_STATE_CACHE);
    page->owner = mapping;
    page->index = index;
    page->private = 0;
    if (shadow)
        workingset_refault(page, shadow);
    count_in(mapping, page);
    if (trace_on(cache))
        pagecache_trace(page, TRACE_CACHE_INSERT);
    return 0;
}

// @item takes its place; NULL: nothing does.
static void tree_remove(struct mapping *mapping, struct page *page, void *item)
{
    u32 flags = irq_save(), slot;
    struct radix_node *leaf =
        radix_tree_leaf(&mapping->pages, page->index, &slot);

    ASSERT(leaf && leaf->slots[slot] == page);
    workingset_exchange(&mapping->pages, leaf, slot, item);
    irq_restore(flags);
}

static void remove_page(struct page *page, void *item)
{
    struct mapping *mapping = page->owner;

    ASSERT(page_test(page, PG_LOCKED) && page->mapcount == 0 &&
           !page_test(page, PG_WRITEBACK));
    page_cancel_dirty(page);
    tree_remove(mapping, page, item);
    if (trace_on(cache))
        trace_removal(page);
    mapping->page_count--;
    vm_counts.cached--;
    if (mapping->is_device)
        vm_counts.buffers--;
    page->owner = NULL; // tells those who wait for the lock
    page->private = 0;
    page_put(page);
}

void pagecache_remove(struct page *page)
{
    remove_page(page, NULL);
}

// Clean, unmapped, and of no use to anybody but the cache and the caller.
static bool is_idle(const struct page *page)
{
    ASSERT(page_test(page, PG_LOCKED) && page_state(page) == PAGE_STATE_CACHE);
    return page->owner && page->refcount == 2 && !page->mapcount &&
           !page_test(page, PG_DIRTY) && !page_test(page, PG_WRITEBACK);
}

bool mapping_drop_page(struct page *page)
{
    if (!is_idle(page))
        return false; // truncated already, or in use
    remove_page(page, NULL);
    return true;
}

bool mapping_evict_page(struct page *page)
{
    if (!is_idle(page))
        return false;
    remove_page(page, workingset_eviction(page));
    return true;
}

// ---- reading ---------------------------------------------------------------

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
        pagecache_remove(page);
        page_unlock(page);
    }
    return err;
}

int pagecache_read_new(struct mapping *mapping, u32 index, u32 gfp,
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
            pagecache_remove(page);
    }
    page_unlock(page);
    return err;
}

// The page at @index: there, or its reading started.
static int find_or_read(struct mapping *mapping, u32 index, u32 want,
                        struct readahead *ra, struct page **out)
{
    struct page *page = mapping_find_page(mapping, index);
    int err;

    if (!page) {
        readahead_miss(mapping, index, want, ra);
        page = mapping_find_page(mapping, index);
    } else if (page->flags & (1u << PG_READAHEAD | 1u << PG_AHEAD)) {
        if (page_test(page, PG_AHEAD))
            readahead_used(page);
        if (page_test(page, PG_READAHEAD))
            readahead_mark(mapping, page, want, ra);
    }
    if (!page) { // no memory for it then: now in earnest
        err = pagecache_read_new(mapping, index, GFP_HIGHUSER, &page);
        if (err)
            return err == -EEXIST ? -EAGAIN : err;
    }
    *out = page;
    return 0;
}

int mapping_get_page_ahead(struct mapping *mapping, u32 index, u32 want,
                           struct readahead *ra, struct page **out,
                           bool *waited)
{
    struct readahead alone = {.hint = READAHEAD_RANDOM};
    struct page *page;
    int err;

    if (mapping->ops->get_page)
        return mapping->ops->get_page(mapping, index, false, out, waited);
    for (;;) {
        if (index >= mapping_pages(mapping))
            return -ENXIO;
        err = find_or_read(mapping, index, want, ra, &page);
        if (err == -EAGAIN)
            continue;
        if (err)
            return err;
        if (!page_test(page, PG_UPTODATE) && waited)
            *waited = true;
        err = wait_uptodate(mapping, page);
        if (!err) {
            *out = page;
            return 0;
        }
        page_put(page);
        // It may be another page of the same request that cannot be read.
        if (err == -EIO && ra != &alone)
            ra = &alone;
        else if (err != -EAGAIN)
            return err;
    }
}

int mapping_get_page(struct mapping *mapping, u32 index, struct page **out,
                     bool *waited)
{
    int err = mapping_get_page_ahead(mapping, index, 1, NULL, out, waited);

    if (!err && !mapping->ops->get_page)
        lru_mark_accessed(*out);
    return err;
}

// ---- for writing into ------------------------------------------------------

// A page of zeros, at a place where the store has nothing. Locked.
// Return: 0; -EEXIST; -ENOMEM.
static int make_empty_page(struct mapping *mapping, u32 index,
                           struct page **out)
{
    struct page *page = page_alloc(GFP_HIGHUSER | GFP_ZERO);
    int err;

    if (!page)
        return -ENOMEM;
    err = insert_page(mapping, index, page);
    if (err) {
        page_put(page);
        return err;
    }
    page_set(page, PG_UPTODATE);
    *out = page;
    return 0;
}

// The page, perhaps not filled yet if nothing is to be read there. Return: 0;
// -ENOENT: there is none, and nothing to be read; as mapping_get_page.
static int find_for_writing(struct mapping *mapping, u32 index,
                            struct page **out)
{
    bool is_stored = index < mapping_pages(mapping) && mapping->ops->readpage;

    if (mapping->ops->get_page)
        return mapping->ops->get_page(mapping, index, true, out, NULL);
    *out = mapping_find_page(mapping, index);
    if (*out && (page_test(*out, PG_UPTODATE) || !is_stored))
        return 0;
    // One that could not be read, with a neighbour's fault, is tried again.
    if (*out)
        page_put(*out);
    return is_stored ? mapping_get_page(mapping, index, out, NULL) : -ENOENT;
}

int mapping_grab_page(struct mapping *mapping, u32 index, struct page **out)
{
    struct page *page;
    int err;

    for (;;) {
        err = find_for_writing(mapping, index, &page);
        if (err == -ENOENT) {
            err = make_empty_page(mapping, index, out);
            if (err == -EEXIST)
                continue;
            return err;
        }
        if (err == -ENXIO && !mapping->ops->get_page)
            continue; // truncated meanwhile
        if (err)
            return err;
        page_lock(page);
        if (page->owner == mapping && page_test(page, PG_UPTODATE)) {
            *out = page;
            return 0;
        }
        page_unlock(page);
        page_put(page);
    }
}

// ---- read(2) ---------------------------------------------------------------

static u32 pages_of(u64 pos, u64 bytes)
{
    u64 first = pos >> PAGE_SHIFT;
    u64 end = (pos + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;

    return (u32)min(end - first, (u64)0xffffffffu);
}

s64 mapping_read(struct mapping *mapping, u64 pos, u64 bytes,
                 struct readahead *ra, page_copy_fn copy, void *arg)
{
    u64 done = 0;
    int err = 0;

    while (done < bytes && pos + done < mapping->size_bytes) {
        u64 at = pos + done;
        u32 index = (u32)(at >> PAGE_SHIFT);
        u32 offset = (u32)at & (PAGE_SIZE - 1);
        u64 left = min(bytes - done, mapping->size_bytes - at);
        u32 n = (u32)min(left, (u64)(PAGE_SIZE - offset));
        struct page *page;
        u32 copied;

        err = mapping_get_page_ahead(mapping, index, pages_of(at, left), ra,
                                     &page, NULL);
        if (err)
            break;
        // Once for all the small reads that follow one another in a page.
        if (!mapping->ops->get_page && (!ra || ra->next_index != index + 1))
            lru_mark_accessed(page);
        copied = copy(arg, page, offset, n);
        page_put(page);
        done += copied;
        if (copied < n) {
            err = -EFAULT;
            break;
        }
        if (ra)
            ra->next_index = index + 1;
        if (task_fatal_pending(current))
            break;
        cond_resched();
    }
    if (err == -ENXIO) // truncated meanwhile
        err = 0;
    return done ? (s64)done : err;
}

// ---- mapped ----------------------------------------------------------------

enum fault_result pagecache_nopage(struct vm_area *vma, u32 pgoff,
                                   struct page **out)
{
    struct readahead none = {.hint = READAHEAD_RANDOM}, *ra = NULL;
    struct mapping *mapping = vma->mapping;
    bool waited = false;
    int err;

    // Around, unless it is known how the area is used.
    if (vma->flags & VM_RAND_READ)
        ra = &none;
    else if (vma->readahead && (vma->flags & VM_SEQ_READ))
        ra = vma->readahead;
    else
        // It may have come while those around it were asked for.
        waited = readahead_around(mapping, pgoff);
    err = mapping_get_page_ahead(mapping, pgoff, 1, ra, out, &waited);
    if (!err && ra)
        ra->next_index = pgoff + 1;
    switch (err) {
    case 0: return waited ? FAULT_MAJOR : FAULT_DONE;
    case -ENOMEM: return FAULT_OOM;
    case -EINTR: return FAULT_RETRY; // a fatal signal: dies on the way out
    default: return FAULT_BUS;
    }
}
