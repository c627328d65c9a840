// mm/fault_anon.c - faults on anonymous memory: first touches, copies, swap
// SPDX-License-Identifier: MIT
//
// Causes 4, 5, 9 and 10 of mm/fault.c. A page may be written in place only when
// all its references are known to be ours; when in doubt it is copied
// (is_ours_alone). Handlers that sleep compare the entry afterwards.

#include <kernel/panic.h>
#include <kernel/task.h>
#include <mm/highmem.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/stat.h>
#include <mm/swap_cache.h>
#include <mm/zero_page.h>
#include <mm/zone.h>

#include "fault_private.h"
#include "vma_ops.h"

#define LOG_NAME "fault"
#include <kernel/log.h>

struct page *zero_page;

void zero_page_init(void)
{
    zero_page = page_alloc(GFP_KERNEL | GFP_ZERO);
    if (!zero_page)
        panic("no memory for the zero page");
    page_set_state(zero_page, PAGE_STATE_RESERVED);
}

// ---- first touches ----------------------------------------------------------

struct page *fault_alloc_anon(const struct fault *f, u32 gfp)
{
    if (unlikely(!f->vma->anon_vma) && rmap_prepare(f->vma))
        return NULL;
    return page_alloc(GFP_HIGHUSER | gfp);
}

// Inline for first touches, which are most of all faults.
static __always_inline void map_anon(const struct fault *f, struct page *page)
{
    pte_t pte = pte_make_user(page_to_pfn(page), vma_prot(f->vma));

    // Dirty: it is nowhere else. Nobody else knows the page, so that one store
    // does for all flags.
    page->flags |= 1u << PG_UPTODATE | 1u << PG_DIRTY | 1u << PG_ACTIVE;
    rmap_add_new_anon(page, f->vma, f->addr);
    lru_add(page);
    if (f->write) // else mapped on behalf of a read: not writable yet
        pte = pte_mkdirty(pte);
    pte_write(f->slot, pte_mkyoung(pte));
}

void fault_map_anon(const struct fault *f, struct page *page)
{
    map_anon(f, page);
}

// Causes 4 and 5.
enum fault_result anonymous_fault(struct fault *f)
{
    struct page *page;

    f->cause = f->write ? CAUSE_FIRST_WRITE : CAUSE_ZERO_PAGE;
    if (!f->write) {
        pte_t pte = pte_make_user(page_to_pfn(zero_page),
                                  vma_prot(f->vma) & ~(u32)PMAP_WRITE);

        pte_write(f->slot, pte_mkyoung(pte));
        return FAULT_DONE;
    }
    page = fault_alloc_anon(f, GFP_ZERO);
    if (!page)
        return FAULT_OOM;
    if (fault_entry_changed(f)) {
        page_put(page);
        return FAULT_RETRY;
    }
    map_anon(f, page);
    return FAULT_DONE;
}

// ---- copy-on-write ----------------------------------------------------------

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

void fault_make_writable(const struct fault *f)
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
    // Counted nowhere, and never freed: the zero page, frames of special.c.
    bool reserved = page_state(old) == PAGE_STATE_RESERVED;
    struct page *copy;

    if (!reserved)
        page_get(old); // stays while we sleep
    copy = fault_alloc_anon(f, zero ? GFP_ZERO : 0);
    if (!copy || fault_entry_changed(f)) {
        enum fault_result result = copy ? FAULT_RETRY : FAULT_OOM;

        if (copy)
            page_put(copy);
        if (!reserved)
            page_put(old);
        return result;
    }
    if (!zero)
        page_copy(copy, old);
    pte_write(f->slot, PTE_NONE);
    pmap_flush_page(&f->mm->pmap, f->addr);
    fault_map_anon(f, copy);
    if (!reserved) {
        rmap_remove(old, f->mm);
        page_put(old); // the mapping's
        page_put(old); // ours
    }
    return FAULT_DONE;
}

enum fault_result copy_on_write_fault(struct fault *f)
{
    struct page *page = pfn_to_page(pte_pfn(f->pte));

    f->cause = CAUSE_COPY_ON_WRITE;
    if (is_ours_alone(page)) {
        fault_make_writable(f);
        return FAULT_DONE;
    }
    return copy_page(f, page);
}

// ---- from swap --------------------------------------------------------------

// What a failed swap_read means for this fault.
static enum fault_result swap_error(const struct fault *f, int err)
{
    if (fault_entry_changed(f) || err == -EINTR)
        return FAULT_RETRY;
    if (err == -ENOMEM)
        return FAULT_OOM;
    log_err("swapped page lost pid=%d addr=%08x entry=%#x err=%d", current->pid,
            f->addr.v, pte_swap_entry(f->pte).v, err);
    return FAULT_BUS;
}

// Cause 9.
enum fault_result swap_fault(struct fault *f)
{
    swap_entry_t entry = pte_swap_entry(f->pte);
    u32 prot = vma_prot(f->vma) & ~(u32)PMAP_WRITE;
    bool owned;
    struct page *page;
    int err = rmap_prepare(f->vma);

    f->cause = CAUSE_SWAPPED;
    if (!err)
        err = swap_read(entry, TRACE_SWAP_FAULT, &page, &f->major);
    if (err)
        return swap_error(f, err);
    page_lock(page);
    if (fault_entry_changed(f) || !page_test(page, PG_SWAPCACHE) ||
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
    swap_put_mapped(entry);
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
