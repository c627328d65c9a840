// mm/special.c - areas that map the kernel's own frames
// SPDX-License-Identifier: MIT
//
// Their frames are in state RESERVED, as the zero page is: entries that name
// them count in no resident set, are copied by fork and dropped as they are,
// and reclaim never meets them. What a program writes (a private area that
// mprotect made writable) goes to a copy, an anonymous page like any other.
//
// The entry is made with the area. Should there be no memory for its table, or
// should madvise have dropped it, a fault makes it.

#include <mm/special.h>

#include <base/assert.h>
#include <base/errno.h>
#include <mm/highmem.h>

#include "fault_private.h"
#include "vma_ops.h"

static pte_t entry_of(const struct vm_area *vma, u32 pgoff)
{
    struct page *page = virt_to_page(vma->ops->frame(vma, pgoff));

    ASSERT(page_state(page) == PAGE_STATE_RESERVED);
    return pte_mkyoung(
        pte_make_user(page_to_pfn(page), vma_prot(vma) & ~(u32)PMAP_WRITE));
}

int mm_map_special(struct mm *mm, user_addr_t start, u32 vm_flags,
                   const struct vm_operations *ops)
{
    struct vm_area *vma = vma_alloc();
    pte_t *slot;
    int err;

    if (!vma)
        return -ENOMEM;
    vma->start = start;
    vma->end = user_add(start, PAGE_SIZE);
    vma->flags = vm_flags | VM_DONTEXPAND;
    vma->ops = ops;
    mutex_lock(&mm->lock);
    err = vma_link(mm, vma);
    ASSERT(!err); // the caller's choice of a place
    slot = pmap_slot(&mm->pmap, start);
    if (slot)
        pte_write(slot, entry_of(vma, 0));
    mutex_unlock(&mm->lock);
    return 0;
}

enum fault_result special_fault(struct fault *f)
{
    pte_t pte = entry_of(f->vma, vma_pgoff_of(f->vma, f->addr));
    struct page *copy;

    if (!f->write) {
        f->cause = CAUSE_FILE_READ;
        pte_write(f->slot, pte);
        return FAULT_DONE;
    }
    f->cause = CAUSE_PRIVATE_WRITE;
    copy = fault_alloc_anon(f, 0);
    if (!copy)
        return FAULT_OOM;
    if (fault_entry_changed(f)) {
        page_put(copy);
        return FAULT_RETRY;
    }
    page_copy(copy, pfn_to_page(pte_pfn(pte)));
    fault_map_anon(f, copy);
    return FAULT_DONE;
}
