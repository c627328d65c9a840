// mm/fault_file.c - faults on what maps a file, shared memory among them
// SPDX-License-Identifier: MIT
//
// Causes 6, 7, 8, 11, 13 and 14 of mm/fault.c. The area's nopage gives the
// page; before a shared page of a file becomes writable its page_mkwrite is
// asked: the file system makes room for it on the disk, and it becomes dirty.

#include <mm/highmem.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/stat.h>
#include <mm/zone.h>

#include "fault_private.h"
#include "vma_ops.h"

#define FAULT_AROUND_PAGES 16u

// Map the cache's own page; the reference becomes the mapping's.
static void map_cached(const struct fault *f, struct page *page, bool writable)
{
    u32 prot = vma_prot(f->vma);
    pte_t pte = pte_make_user(page_to_pfn(page),
                              writable ? prot : prot & ~(u32)PMAP_WRITE);

    rmap_add(page, f->vma, f->addr);
    if (f->write)
        pte = pte_mkdirty(pte);
    pte_write(f->slot, pte_mkyoung(pte));
}

// Cause 7: @page is the file's, with a reference of ours.
static enum fault_result private_write(const struct fault *f, struct page *page)
{
    struct page *copy = fault_alloc_anon(f, 0);

    if (!copy)
        return FAULT_OOM;
    if (fault_entry_changed(f) ||
        !page->owner) { // mapped, or truncated, meanwhile
        page_put(copy);
        return FAULT_RETRY;
    }
    page_copy(copy, page);
    fault_map_anon(f, copy);
    return FAULT_DONE;
}

// Ask whether @page, of the file, with a reference of ours, may become
// writable. FAULT_DONE: it is dirty, and stays so until we sleep.
static enum fault_result make_page_writable(struct fault *f, struct page *page)
{
    int err;

    if (!f->vma->ops || !f->vma->ops->page_mkwrite)
        return FAULT_DONE;
    err = f->vma->ops->page_mkwrite(f->vma, page);
    switch (err) {
    case 0: f->dirtied = true; return FAULT_DONE;
    case -EAGAIN: return FAULT_RETRY;
    case -ENOMEM: return FAULT_OOM;
    default: return FAULT_BUS;
    }
}

// Cause 8: as above; @page becomes the mapping's on success.
static enum fault_result shared_write(struct fault *f, struct page *page)
{
    enum fault_result result = make_page_writable(f, page);

    if (result != FAULT_DONE)
        return result;
    if (fault_entry_changed(f) || !page->owner)
        return FAULT_RETRY;
    page_get(page);
    map_cached(f, page, true);
    return FAULT_DONE;
}

// Cause 6, and what lies around: pages that are in the cache anyway are mapped
// with the one that was asked for, so that they need no fault. They are not
// young: reclaim learns what is used from the CPU.
static void map_around(const struct fault *f)
{
    u32 window = FAULT_AROUND_PAGES * PAGE_SIZE;
    u32 start = max(ALIGN_DOWN(f->addr.v, window), f->vma->start.v);
    u32 end = min(ALIGN_DOWN(f->addr.v, window) + window, f->vma->end.v);
    struct mapping *mapping = f->vma->mapping;
    u32 prot = vma_prot(f->vma) & ~(u32)PMAP_WRITE;

    static_assert(PTE_TABLE_SPAN % (FAULT_AROUND_PAGES * PAGE_SIZE) == 0,
                  "a window is in one table");
    for (u32 at = start; at < end; at += PAGE_SIZE) {
        pte_t *slot = f->slot + ((s32)(at - f->addr.v) >> PAGE_SHIFT);
        u32 index = vma_pgoff_of(f->vma, user_addr(at));
        struct page *page;

        if (!pte_is_none(pte_read(slot)) || index >= mapping_pages(mapping))
            continue;
        page = mapping_find_page(mapping, index);
        if (!page)
            continue;
        if (!page_test(page, PG_UPTODATE) || page_test(page, PG_LOCKED) ||
            page_test(page, PG_READAHEAD)) {
            page_put(page);
            continue;
        }
        rmap_add(page, f->vma, user_addr(at)); // the reference is its, now
        pte_write(slot, pte_make_user(page_to_pfn(page), prot));
    }
}

// Causes 6, 7, 8, 13 and 14.
enum fault_result file_fault(struct fault *f)
{
    enum fault_result got, result = FAULT_DONE;
    struct page *page;

    got = f->vma->ops->nopage(f->vma, vma_pgoff_of(f->vma, f->addr), &page);
    if (got != FAULT_DONE && got != FAULT_MAJOR)
        return got;
    f->major |= got == FAULT_MAJOR;
    if (fault_entry_changed(f) ||
        !page->owner) { // mapped, or truncated, meanwhile
        result = FAULT_RETRY;
    } else if (!f->write) {
        f->cause = CAUSE_FILE_READ;
        page_get(page);
        // Of shmem nobody needs to know of the first write.
        map_cached(f, page,
                   (f->vma->flags & VM_SHARED) &&
                       page_test(page, PG_SWAPBACKED));
        if (f->vma->mapping)
            map_around(f);
    } else if (f->vma->flags & VM_SHARED) {
        f->cause = CAUSE_SHARED_WRITE;
        result = shared_write(f, page);
    } else {
        f->cause = CAUSE_PRIVATE_WRITE;
        result = private_write(f, page);
    }
    page_put(page);
    return result;
}

// Cause 11.
enum fault_result clean_write_fault(struct fault *f)
{
    struct page *page = pfn_to_page(pte_pfn(f->pte));
    enum fault_result result;

    f->cause = CAUSE_CLEAN_WRITE;
    page_get(page); // it may be unmapped while we sleep
    result = make_page_writable(f, page);
    if (result == FAULT_DONE && fault_entry_changed(f))
        result = FAULT_RETRY;
    if (result == FAULT_DONE)
        fault_make_writable(f);
    page_put(page);
    return result;
}
