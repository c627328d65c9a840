// mm/fault.c - a page fault: find its cause, then make the access possible
// SPDX-License-Identifier: MIT
//
// The causes, numbered (include/mm/fault_cause.h); tests bear the numbers
// (userland/tests/causes.c, tests/system/test_causes.py). 1 to 15 are mm's,
// whoever made the access; 16 and 17 are the kernel's own accesses that mm
// cannot answer, or is not asked for: kernel/dispatch.c.
//
// clang-format off
//
//     area?  access?  entry      what it is                   what is done
//  1  no     -        -          a hole, or the kernel's      SEGV_MAPERR
//  2  below  -        -          next to a stack              grow it, go on; or 1
//  3  yes    no       -          forbidden                    SEGV_ACCERR
//  4  anon   read     none       never written                map the zero page
//  5  anon   write    none       first write                  a zeroed page
//  6  file   read     none       page of a file               map the cache's page,
//                                                             and cached ones around
//  7  priv.  write    none       first write to it            map a copy
//  8  shared write    none       the same, for everybody      page_mkwrite, map it
//  9  any    any      swapped    paged out                    swap cache, or read it
//                                                             and what lies around
// 10  priv.  write    read-only  copy-on-write: after fork,   reuse if nobody else
//                                a file's page, zero page     has it, else copy
// 11  shared write    read-only  first write since clean      page_mkwrite
// 12  any    any      allows it  stale translation, or came   flush
//                                while the lock was waited for
// 13  file   any      none       beyond its end               BUS
// 14  any    any      any        cannot be read; or no room   BUS
//                                on the disk for a store
// 15  any    any      any        no memory                    OOM
// 16  kernel access   -          by a copy function           its fixup: EFAULT, or
//                                                             a short copy
// 17  kernel access   -          by anything else: a bug      oops
//
// clang-format on
//
// Number 0: in an address space whose content was taken from it
// (mm/oom_reap.c), and of a task that is being killed and would have to try
// again, a fault is not answered but a BUS, which nobody lives to see.
//
// Each handler that sleeps (allocation, I/O, page lock) compares the entry
// afterwards with what it was before, and returns FAULT_RETRY when it differs;
// only mm_fault looks up again. The slot itself stays valid: tables of an
// address space are freed only under its lock, which is held throughout.
// Reclaim changes entries without the lock, never while we run.

#include <mm/mm.h>

#include <kernel/panic.h>
#include <kernel/task.h>
#include <mm/commit.h>
#include <mm/fault_cause.h>
#include <mm/highmem.h>
#include <mm/limits.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/stack_gap.h>
#include <mm/stat.h>
#include <mm/swap_cache.h>
#include <mm/writeback.h>
#include <mm/zero_page.h>
#include <mm/zone.h>

#include "vma_ops.h"

#define LOG_NAME "fault"
#include <kernel/log.h>

#define FAULT_AROUND_PAGES 16u

struct page *zero_page;

// One fault on its way through the handlers, and through them again.
struct fault {
    struct mm *mm;
    struct vm_area *vma;
    user_addr_t addr; // of the page
    bool write;
    pte_t *slot;
    pte_t pte;    // what was in the slot
    bool major;   // a disk was waited for, in this attempt or before
    bool dirtied; // a page of a file: the writer may have to wait afterwards
    enum fault_cause cause; // set where it is known; of failures: failure_cause
};

void zero_page_init(void)
{
    zero_page = page_alloc(GFP_KERNEL | GFP_ZERO);
    if (!zero_page)
        panic("no memory for the zero page");
    page_set_state(zero_page, PAGE_STATE_RESERVED);
}

static bool entry_changed(const struct fault *f)
{
    return !pte_eq(pte_read(f->slot), f->pte);
}

// A new page for this area, not mapped yet. NULL: no memory. Sleeps.
static struct page *alloc_anon(const struct fault *f, u32 gfp)
{
    struct page *page;

    if (rmap_prepare(f->vma))
        return NULL;
    page = page_alloc(GFP_HIGHUSER | gfp);
    if (page)
        page_set(page, PG_UPTODATE);
    return page;
}

// Map a page of alloc_anon for writing; its reference becomes the mapping's.
static void map_anon(const struct fault *f, struct page *page)
{
    pte_t pte = pte_make_user(page_to_pfn(page), vma_prot(f->vma));

    rmap_set_anon(page, f->vma, f->addr);
    page_mark_dirty(page); // it is nowhere else
    page_set(page, PG_ACTIVE);
    rmap_add(page, f->vma, f->addr);
    lru_add(page);
    if (f->write) // else mapped on behalf of a read: not writable yet
        pte = pte_mkdirty(pte);
    pte_write(f->slot, pte_mkyoung(pte));
}

// Causes 4 and 5.
static enum fault_result anonymous_fault(struct fault *f)
{
    struct page *page;

    f->cause = f->write ? CAUSE_FIRST_WRITE : CAUSE_ZERO_PAGE;
    if (!f->write) {
        pte_t pte = pte_make_user(page_to_pfn(zero_page),
                                  vma_prot(f->vma) & ~(u32)PMAP_WRITE);

        pte_write(f->slot, pte_mkyoung(pte));
        return FAULT_DONE;
    }
    page = alloc_anon(f, GFP_ZERO);
    if (!page)
        return FAULT_OOM;
    if (entry_changed(f)) {
        page_put(page);
        return FAULT_RETRY;
    }
    map_anon(f, page);
    return FAULT_DONE;
}

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
    struct page *copy = alloc_anon(f, 0);

    if (!copy)
        return FAULT_OOM;
    if (entry_changed(f) || !page->owner) { // mapped, or truncated, meanwhile
        page_put(copy);
        return FAULT_RETRY;
    }
    page_copy(copy, page);
    map_anon(f, copy);
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
    if (entry_changed(f) || !page->owner)
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
static enum fault_result file_fault(struct fault *f)
{
    enum fault_result got, result = FAULT_DONE;
    struct page *page;

    got = f->vma->ops->nopage(f->vma, vma_pgoff_of(f->vma, f->addr), &page);
    if (got != FAULT_DONE && got != FAULT_MAJOR)
        return got;
    f->major |= got == FAULT_MAJOR;
    if (entry_changed(f) || !page->owner) { // mapped, or truncated, meanwhile
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

// What a failed swap_read means for this fault.
static enum fault_result swap_error(const struct fault *f, int err)
{
    if (entry_changed(f) || err == -EINTR)
        return FAULT_RETRY;
    if (err == -ENOMEM)
        return FAULT_OOM;
    log_err("swapped page lost pid=%d addr=%08x entry=%#x err=%d", current->pid,
            f->addr.v, pte_swap_entry(f->pte).v, err);
    return FAULT_BUS;
}

// Whether the only reference to an anonymous page is the entry that faulted,
// so that it can be written in place. Gives up its swap slot for that.
static bool is_ours_alone(struct page *page)
{
    if (page_state(page) != PAGE_STATE_ANON || page->mapcount != 1)
        return false;
    if (page_test(page, PG_SWAPCACHE)) {
        bool freed;

        if (!page_trylock(page))
            return false;
        freed = swap_cache_try_free(page);
        page_unlock(page);
        if (!freed)
            return false;
    }
    return page->refcount == 1;
}

static void make_writable(const struct fault *f)
{
    pte_t pte = pte_mkwrite(pte_mkdirty(pte_mkyoung(f->pte)));

    vm_count(VM_PGREUSE);

    pte_write(f->slot, pte);
    pmap_flush_page(&f->mm->pmap, f->addr);
}

// Replace the old page by a copy. Cause 10.
static enum fault_result copy_page(const struct fault *f, struct page *old)
{
    bool zero = old == zero_page;
    struct page *copy;

    if (!zero)
        page_get(old); // stays while we sleep
    copy = alloc_anon(f, zero ? GFP_ZERO : 0);
    if (!copy || entry_changed(f)) {
        enum fault_result result = copy ? FAULT_RETRY : FAULT_OOM;

        if (copy)
            page_put(copy);
        if (!zero)
            page_put(old);
        return result;
    }
    if (!zero)
        page_copy(copy, old);
    pte_write(f->slot, PTE_NONE);
    pmap_flush_page(&f->mm->pmap, f->addr);
    map_anon(f, copy);
    if (!zero) {
        rmap_remove(old, f->mm);
        page_put(old); // the mapping's
        page_put(old); // ours
    }
    return FAULT_DONE;
}

// Causes 10 and 11: the entry is there, but read-only.
static enum fault_result write_protect_fault(struct fault *f)
{
    struct page *page = pfn_to_page(pte_pfn(f->pte));

    if (f->vma->flags & VM_SHARED) {
        enum fault_result result;

        f->cause = CAUSE_CLEAN_WRITE;
        page_get(page); // it may be unmapped while we sleep
        result = make_page_writable(f, page);
        if (result == FAULT_DONE && entry_changed(f))
            result = FAULT_RETRY;
        if (result == FAULT_DONE)
            make_writable(f);
        page_put(page);
        return result;
    }
    f->cause = CAUSE_COPY_ON_WRITE;
    if (is_ours_alone(page)) {
        make_writable(f);
        return FAULT_DONE;
    }
    return copy_page(f, page);
}

// Cause 9.
static enum fault_result swap_fault(struct fault *f)
{
    swap_entry_t entry = pte_swap_entry(f->pte);
    u32 prot = vma_prot(f->vma) & ~(u32)PMAP_WRITE;
    bool owned;
    struct page *page;
    int err = rmap_prepare(f->vma);

    f->cause = CAUSE_SWAPPED;
    if (!err)
        err = swap_read(entry, &page, &f->major);
    if (err)
        return swap_error(f, err);
    page_lock(page);
    if (entry_changed(f) || !page_test(page, PG_SWAPCACHE) ||
        page->private != entry.v) {
        page_unlock(page);
        page_put(page);
        return FAULT_RETRY;
    }
    // From here on nothing sleeps. Our reference becomes the mapping's.
    rmap_add(page, f->vma, f->addr);
    f->mm->swap_entries--;
    f->pte = pte_mkyoung(pte_make_user(page_to_pfn(page), prot));
    pte_write(f->slot, f->pte);
    swap_put(entry);
    // Who writes should own the page alone; and slots are given up when they
    // are short. Else both keep the content, and it can leave without a write.
    owned = (f->write || swap_is_short()) && swap_cache_try_free(page) &&
            page->mapcount == 1 && page->refcount == 1;
    lru_activate(page);
    page_unlock(page);
    if (!f->write)
        return FAULT_DONE;
    if (!owned)
        return copy_page(f, page); // one fault in all, then
    pte_write(f->slot, pte_mkdirty(pte_mkwrite(f->pte)));
    return FAULT_DONE;
}

static enum fault_result handle_entry(struct fault *f)
{
    f->slot = pmap_slot(&f->mm->pmap, f->addr);
    if (!f->slot)
        return FAULT_OOM;
    f->pte = pte_read(f->slot);
    if (pte_is_none(f->pte))
        return f->vma->ops ? file_fault(f) : anonymous_fault(f);
    if (pte_is_swap(f->pte))
        return swap_fault(f);
    if (f->write && !pte_is_writable(f->pte))
        return write_protect_fault(f);
    // Cause 12. A PROT_NONE entry in an area that allows the access cannot
    // be: mprotect changes both.
    ASSERT(pte_is_accessible(f->pte));
    f->cause = CAUSE_STALE;
    pte_write(f->slot, f->write ? pte_mkdirty(pte_mkyoung(f->pte))
                                : pte_mkyoung(f->pte));
    pmap_flush_page(&f->mm->pmap, f->addr);
    return FAULT_DONE;
}

// @vma is the next area above the page @start.
static bool grow_stack(struct mm *mm, struct vm_area *vma, user_addr_t start)
{
    struct vm_area *below = vma_prev(vma);
    u32 more = user_bytes(start, vma->start);

    if (!(vma->flags & VM_GROWSDOWN) || start.v < vm_mmap_min_addr)
        return false;
    // Moved up by mremap(2), its pages keep their numbers, which end at 0.
    if (more >> PAGE_SHIFT > vma->pgoff)
        return false;
    if (below && (below->flags & VM_ACCESS) && !(below->flags & VM_GROWSDOWN) &&
        user_bytes(below->end, start) < STACK_GUARD_BYTES)
        return false;
    if (!limit_may_grow(mm, vma->flags, more >> PAGE_SHIFT) ||
        user_bytes(start, vma->end) > limit_bytes(MM_LIMIT_STACK) ||
        !limit_may_lock(mm, vma->flags, more))
        return false;
    if ((vma->flags & VM_ACCOUNT) && vm_commit(more >> PAGE_SHIFT))
        return false;
    vma_set_bounds(mm, vma, start, vma->end);
    return true;
}

static bool is_allowed(const struct vm_area *vma, enum fault_access access)
{
    switch (access) {
    case FAULT_WRITE: return vma->flags & VM_WRITE;
    case FAULT_EXEC: return vma->flags & VM_EXEC;
    case FAULT_READ: break; // i386: what may be written or run may be read
    }
    return vma->flags & VM_ACCESS;
}

static enum fault_result area_fault(struct fault *f, enum fault_access access)
{
    return is_allowed(f->vma, access) ? handle_entry(f) : FAULT_SEGV_ACCERR;
}

// Cause 2: then as if the area had always been there.
static enum fault_result stack_fault(struct fault *f, enum fault_access access)
{
    enum fault_result result;

    if (!grow_stack(f->mm, f->vma, f->addr))
        return FAULT_SEGV_MAPERR;
    result = area_fault(f, access);
    f->cause = CAUSE_STACK_GROWTH;
    return result;
}

static enum fault_result fault_once(struct fault *f, enum fault_access access)
{
    if (unlikely(f->mm->is_reaped))
        return FAULT_BUS; // nobody is left to see it, but copies of the kernel
    if (f->addr.v >= TASK_SIZE)
        return FAULT_SEGV_MAPERR;
    f->vma = vma_find(&f->mm->areas, f->addr);
    if (!f->vma)
        return FAULT_SEGV_MAPERR;
    if (user_before(f->addr, f->vma->start))
        return stack_fault(f, access);
    return area_fault(f, access);
}

// A BUS: of what the file does not have, or what the disk does not give.
static enum fault_cause bus_cause(const struct fault *f)
{
    const struct mapping *mapping = f->vma->mapping;

    return pte_is_none(f->pte) && mapping &&
                   vma_pgoff_of(f->vma, f->addr) >= mapping_pages(mapping)
               ? CAUSE_BEYOND_END
               : CAUSE_IO_ERROR;
}

static enum fault_cause failure_cause(const struct fault *f,
                                      enum fault_result result)
{
    switch (result) {
    case FAULT_SEGV_MAPERR: return CAUSE_HOLE;
    case FAULT_SEGV_ACCERR: return CAUSE_FORBIDDEN;
    case FAULT_OOM: return CAUSE_NO_MEMORY;
    case FAULT_BUS:
        return f->mm->is_reaped || task_fatal_pending(current) ? CAUSE_CUT_SHORT
                                                               : bus_cause(f);
    case FAULT_DONE:
    case FAULT_MAJOR:
    case FAULT_RETRY: break;
    }
    panic("fault: result %d is no failure", result);
}

enum fault_result mm_fault(struct mm *mm, user_addr_t addr,
                           enum fault_access access)
{
    struct fault f = {
        .mm = mm, .addr = user_page(addr), .write = access == FAULT_WRITE};
    enum fault_result result;

    vm_count(VM_PGFAULT);
    mutex_lock(&mm->lock);
    do {
        result = fault_once(&f, access);
        // A task that is being killed is not made to wait for what it needs.
        if (result == FAULT_RETRY && task_fatal_pending(current))
            result = FAULT_BUS;
    } while (result == FAULT_RETRY);
    if (result != FAULT_DONE && result != FAULT_MAJOR)
        f.cause = failure_cause(&f, result);
    mutex_unlock(&mm->lock);
    fault_count(f.cause);
    if (f.dirtied)
        writeback_throttle();

    if (result != FAULT_DONE)
        return result;
    if (f.major) {
        vm_count(VM_PGMAJFAULT);
        current->maj_flt++;
    } else {
        current->min_flt++;
    }
    return FAULT_DONE;
}

int mm_swap_in(struct mm *mm, user_addr_t addr)
{
    struct fault f = {.mm = mm, .addr = user_page(addr)};
    enum fault_result result = FAULT_RETRY;

    mutex_lock(&mm->lock);
    f.vma = vma_find(&mm->areas, addr);
    f.slot = pmap_lookup(&mm->pmap, addr);
    if (f.vma && vma_contains(f.vma, addr) && f.slot) {
        f.pte = pte_read(f.slot);
        if (pte_is_swap(f.pte))
            result = swap_fault(&f);
    }
    mutex_unlock(&mm->lock);
    switch (result) {
    case FAULT_DONE:
    case FAULT_MAJOR: return 0;
    case FAULT_OOM: return -ENOMEM;
    case FAULT_BUS: return -EIO;
    case FAULT_RETRY:
    case FAULT_SEGV_MAPERR:
    case FAULT_SEGV_ACCERR: break;
    }
    return -EAGAIN;
}
