// mm/writeback.c - dirty pages, and writing them
// SPDX-License-Identifier: MIT
//
// A page of a mapping that has a store is clean, dirty, being written, or both:
//
//            page_mark_dirty            write_page              page_write_done
//   clean ------------------> dirty ------------------> written --------->
//   clean
//                               ^                          | page_mark_dirty
//                               +---- page_write_done ---- dirty and written
//
// The bits in the page, the tags in the tree and the counts (of the mapping and
// of all) change together, with interrupts off. Mappings with dirty pages are
// on a list in the order in which they became dirty; those with pages under
// way are on another.
//
// A page is dirty from the moment at which anybody could change it: entries of
// page tables are read-only until mapping_make_writable, and again
// (rmap_mkclean) before its bytes go to the disk. So no change is ever found
// late, and the limits on dirty memory hold for mapped files, too. PG_DIRTY is
// cleared before the write begins: what is changed meanwhile makes it dirty
// again, and it is written once more.
//
// A failed write is remembered in the mapping (lib/errseq.h). The page is clean
// all the same, as on Linux: writing it for ever would help nobody, and its
// memory would never come back.
//
// Locking: a page is locked while its write is started. Memory taken on the way
// must not send reclaim into a file system, which may wait for this very page.

#include <mm/pagecache.h>

#include <arch/cpu.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/gfp_scope.h>
#include <mm/highmem.h>
#include <mm/reclaim.h>
#include <mm/rmap.h>
#include <mm/stat.h>
#include <mm/zone.h>

#include "counts.h"
#include "pagecache_private.h"

#define BATCH  16u
#define NO_END 0xffffffffu

static LIST_HEAD(dirty_mappings);   // by dirty_link, the oldest first
static LIST_HEAD(writing_mappings); // by io_link
static WAIT_QUEUE(users_queue);
static u32 file_writeback; // pages of mappings under way
static u32 sync_rounds;

// ---- states ----------------------------------------------------------------

static void count_dirty(struct mapping *mapping, u32 index)
{
    radix_tree_tag_set(&mapping->pages, index, RADIX_TAG_DIRTY);
    if (mapping->dirty_pages++ == 0) {
        mapping->dirtied_ns = time_ns();
        list_add_tail(&mapping->dirty_link, &dirty_mappings);
    }
    vm_counts.dirty++;
    vm_count(VM_DIRTIED);
    current->usage.io.disk_written_bytes += PAGE_SIZE;
}

static void count_clean(struct mapping *mapping, u32 index)
{
    radix_tree_tag_clear(&mapping->pages, index, RADIX_TAG_DIRTY);
    if (--mapping->dirty_pages == 0)
        list_del(&mapping->dirty_link);
    vm_counts.dirty--;
}

void page_mark_dirty(struct page *page)
{
    struct mapping *mapping;
    u32 flags;

    if (page_test(page, PG_DIRTY))
        return;
    if (page_state(page) != PAGE_STATE_CACHE) {
        page_set(page, PG_DIRTY);
        return;
    }
    flags = irq_save();
    mapping = page->owner;
    if (mapping) { // else truncated: nobody will ask for it
        page_set(page, PG_DIRTY);
        if (mapping_has_store(mapping))
            count_dirty(mapping, page->index);
    }
    irq_restore(flags);
}

void page_cancel_dirty(struct page *page)
{
    struct mapping *mapping = page->owner;
    u32 flags = irq_save();

    if (page_test(page, PG_DIRTY)) {
        page_clear(page, PG_DIRTY);
        if (mapping_has_store(mapping))
            count_clean(mapping, page->index);
    }
    irq_restore(flags);
}

static void begin_write(struct mapping *mapping, struct page *page)
{
    u32 flags = irq_save();

    ASSERT(page_test(page, PG_DIRTY) && !page_test(page, PG_WRITEBACK));
    page_clear(page, PG_DIRTY);
    count_clean(mapping, page->index);
    page_set(page, PG_WRITEBACK);
    radix_tree_tag_set(&mapping->pages, page->index, RADIX_TAG_WRITEBACK);
    if (mapping->writeback_pages++ == 0)
        list_add_tail(&mapping->io_link, &writing_mappings);
    vm_counts.writeback++;
    file_writeback++;
    irq_restore(flags);
}

void mapping_write_failed(struct mapping *mapping, int error)
{
    u32 flags = irq_save();

    errseq_set(&mapping->write_errors, error);
    mapping->write_failures++;
    irq_restore(flags);
}

// Interrupts off.
static void end_write(struct mapping *mapping, struct page *page, int error)
{
    radix_tree_tag_clear(&mapping->pages, page->index, RADIX_TAG_WRITEBACK);
    if (--mapping->writeback_pages == 0)
        list_del(&mapping->io_link);
    file_writeback--;
    if (error) {
        page_set(page, PG_ERROR);
        mapping_write_failed(mapping, error);
    }
    flusher_write_done();
}

void page_write_done(struct page *page, int error)
{
    u32 flags = irq_save();

    ASSERT(page_test(page, PG_WRITEBACK));
    vm_counts.writeback--;
    vm_count(VM_WRITTEN);
    if (page_state(page) == PAGE_STATE_CACHE) {
        end_write(page->owner, page, error);
    } else if (error) { // it has no other copy
        page_set(page, PG_ERROR);
        page_set(page, PG_DIRTY);
        page_clear(page, PG_RECLAIM);
    }
    if (page_test(page, PG_RECLAIM)) {
        page_clear(page, PG_RECLAIM);
        lru_rotate(page);
    }
    page_clear(page, PG_WRITEBACK);
    irq_restore(flags);
    page_wake(page);
    reclaim_write_done();
}

u32 pages_to_write(void)
{
    return (u32)READ_ONCE(vm_counts.dirty) + READ_ONCE(file_writeback);
}

// ---- one page --------------------------------------------------------------

// What lies beyond the end is zeros on the disk, whoever wrote there through a
// mapping. Return: false: all of the page does.
static bool cut_at_end(const struct mapping *mapping, struct page *page)
{
    u64 start = (u64)page->index << PAGE_SHIFT;
    u32 inside;

    if (start >= mapping->size_bytes)
        return false;
    if (mapping->size_bytes - start >= PAGE_SIZE)
        return true;
    inside = (u32)(mapping->size_bytes - start);
    page_zero_bytes(page, inside, PAGE_SIZE - inside);
    return true;
}

// @page is locked.
static void start_write(struct mapping *mapping, struct page *page)
{
    int error;

    (void)rmap_mkclean(page); // PG_DIRTY already says what it would
    if (!cut_at_end(mapping, page)) {
        page_cancel_dirty(page);
        return;
    }
    begin_write(mapping, page);
    error = mapping->ops->writepage(mapping, page);
    if (error)
        page_write_done(page, error);
}

enum write_mode {
    WRITE_SOME, // leave out what would have to be waited for
    WRITE_ALL,
};

// Return: whether its write was started.
static bool write_page(struct mapping *mapping, struct page *page,
                       enum write_mode mode)
{
    bool started = false;

    if (mode == WRITE_ALL)
        page_lock(page);
    else if (!page_trylock(page))
        return false;
    if (mode == WRITE_ALL && page->owner == mapping &&
        page_test(page, PG_DIRTY))
        page_wait_writeback(page);
    if (page->owner == mapping && page_test(page, PG_DIRTY) &&
        !page_test(page, PG_WRITEBACK)) {
        start_write(mapping, page);
        started = true;
    }
    page_unlock(page);
    return started;
}

// ---- ranges ----------------------------------------------------------------

// Dirty or written pages from @first on, with references.
static u32 find_tagged(struct mapping *mapping, u32 first, u32 last,
                       enum radix_tag tag, struct page **pages, u32 *indices)
{
    u32 n = radix_tree_gang_lookup_tag(&mapping->pages, first, BATCH, tag,
                                       (void **)pages, indices);

    while (n && indices[n - 1] > last)
        n--;
    for (u32 i = 0; i < n; i++)
        page_get(pages[i]);
    return n;
}

// Each page at most once: who dirties pages behind us does not hold us up.
static u32 write_range(struct mapping *mapping, u32 first, u32 last,
                       enum write_mode mode, u32 budget)
{
    u32 scope = memalloc_nofs_save(), indices[BATCH], written = 0, n;
    struct page *pages[BATCH];
    u64 next = first;

    while (next <= last && written < budget) {
        n = find_tagged(mapping, (u32)next, last, RADIX_TAG_DIRTY, pages,
                        indices);
        if (!n)
            break;
        for (u32 i = 0; i < n; i++) {
            written += write_page(mapping, pages[i], mode);
            page_put(pages[i]);
        }
        next = (u64)indices[n - 1] + 1;
        cond_resched();
    }
    pagecache_submit();
    memalloc_scope_restore(scope);
    return written;
}

static void wait_range(struct mapping *mapping, u32 first, u32 last)
{
    struct page *pages[BATCH];
    u32 indices[BATCH], n;
    u64 next = first;

    while (next <= last) {
        n = find_tagged(mapping, (u32)next, last, RADIX_TAG_WRITEBACK, pages,
                        indices);
        if (!n)
            break;
        for (u32 i = 0; i < n; i++) {
            page_wait_writeback(pages[i]);
            page_put(pages[i]);
        }
        next = (u64)indices[n - 1] + 1;
    }
}

// Who uses a mapping across sleeps without a reference to what it belongs to.
static void hold(struct mapping *mapping)
{
    mapping->users++;
}

static void release(struct mapping *mapping)
{
    ASSERT(mapping->users > 0);
    if (--mapping->users == 0)
        wake_up(&users_queue);
}

void mapping_wait_users(struct mapping *mapping)
{
    wait_event(&users_queue, mapping->users == 0);
}

void mapping_start_write(struct mapping *mapping, u32 first, u32 last)
{
    if (!mapping->dirty_pages)
        return;
    hold(mapping);
    (void)write_range(mapping, first, last, WRITE_SOME, NO_END);
    release(mapping);
}

void mapping_wait_written(struct mapping *mapping, u32 first, u32 last)
{
    if (!mapping->writeback_pages)
        return;
    hold(mapping);
    wait_range(mapping, first, last);
    release(mapping);
}

// What is still dirty counts as dirtied now.
static void move_to_end(struct mapping *mapping)
{
    u32 flags = irq_save();

    if (mapping->dirty_pages) {
        list_del(&mapping->dirty_link);
        mapping->dirtied_ns = time_ns();
        list_add_tail(&mapping->dirty_link, &dirty_mappings);
    }
    irq_restore(flags);
}

int mapping_sync(struct mapping *mapping, u32 first, u32 last)
{
    u32 failures = mapping->write_failures;
    int error = 0;

    if (!mapping->dirty_pages && !mapping->writeback_pages)
        return 0;
    hold(mapping);
    (void)write_range(mapping, first, last, WRITE_ALL, NO_END);
    if (first == 0 && last == NO_END)
        move_to_end(mapping);
    wait_range(mapping, first, last);
    if (mapping->write_failures != failures)
        error = -(int)(mapping->write_errors & ERRSEQ_ERROR);
    release(mapping);
    return error;
}

// ---- for flusher and sync --------------------------------------------------

struct mapping *dirty_mapping_oldest(u64 before_ns)
{
    struct mapping *mapping;

    if (list_empty(&dirty_mappings))
        return NULL;
    mapping = list_first_entry(&dirty_mappings, struct mapping, dirty_link);
    return mapping->dirtied_ns <= before_ns ? mapping : NULL;
}

u32 mapping_write_some(struct mapping *mapping, u32 budget)
{
    u32 written;

    hold(mapping);
    written = write_range(mapping, 0, NO_END, WRITE_SOME, budget);
    move_to_end(mapping);
    release(mapping);
    return written;
}

static struct mapping *next_writing(u32 round)
{
    struct mapping *mapping, *found = NULL;
    u32 flags = irq_save();

    list_for_each_entry (mapping, &writing_mappings, io_link) {
        if (mapping->sync_round != round) {
            found = mapping;
            break;
        }
    }
    irq_restore(flags);
    return found;
}

void dirty_mappings_wait(void)
{
    u32 round = ++sync_rounds;
    struct mapping *mapping;

    pagecache_submit();
    while ((mapping = next_writing(round))) {
        mapping->sync_round = round;
        hold(mapping);
        wait_range(mapping, 0, NO_END);
        release(mapping);
    }
}

// ---- mapped ----------------------------------------------------------------

int mapping_make_writable(struct mapping *mapping, struct page *page)
{
    u64 start = (u64)page->index << PAGE_SHIFT;
    int error = -EAGAIN;

    page_lock(page);
    if (page->owner == mapping && start < mapping->size_bytes) {
        error = 0;
        if (mapping->ops->prepare_write)
            error =
                mapping->ops->prepare_write(mapping, page, mapping->size_bytes);
        if (!error)
            page_mark_dirty(page);
    }
    page_unlock(page);
    return error;
}
