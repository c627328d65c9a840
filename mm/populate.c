// mm/populate.c - faulting pages in before they are touched
// SPDX-License-Identifier: MIT
//
// Page by page through the fault handler, so every page passes the same rules
// as if it had been touched. The lock is taken anew for each: areas may change
// meanwhile, and are looked up each time.

#include <mm/mlock.h>

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/task.h>

#include "vma_ops.h"

// What is to be done at an address.
enum step {
    STEP_FAULT, // fault it in
    STEP_NEXT,  // it is there, or is not to be
    STEP_SKIP,  // no area up to *end (0: there are no more)
    STEP_REFUSE // the area does not allow it
};

enum errors {
    ERRORS_END,
    ERRORS_PASS
};

// Whether the entry allows the access already.
static bool is_there(struct mm *mm, user_addr_t at, bool write)
{
    pte_t *slot = pmap_lookup(&mm->pmap, at);
    pte_t pte = slot ? pte_read(slot) : PTE_NONE;

    return pte_is_present(pte) && pte_is_accessible(pte) &&
           (!write || pte_is_writable(pte));
}

static bool writes_private(const struct vm_area *vma)
{
    return (vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
}

// @access: in, what is asked for; NULL: as locking does.
static enum step plan(struct mm *mm, user_addr_t at, user_addr_t *end,
                      const enum fault_access *asked, enum fault_access *access)
{
    struct vm_area *vma = vma_find(&mm->areas, at);

    if (!vma || user_before(at, vma->start)) {
        *end = vma ? vma->start : user_addr(0);
        return STEP_SKIP;
    }
    *end = vma->end;
    if (asked) {
        *access = *asked;
        if (!(vma->flags & (*asked == FAULT_WRITE ? VM_WRITE : VM_ACCESS)))
            return STEP_REFUSE;
    } else {
        *access = writes_private(vma) ? FAULT_WRITE : FAULT_READ;
        if (vma->flags & VM_LOCKONFAULT)
            return STEP_NEXT;
    }
    return is_there(mm, at, *access == FAULT_WRITE) ? STEP_NEXT : STEP_FAULT;
}

static int fault_in(struct mm *mm, user_addr_t at, enum fault_access access)
{
    switch (mm_fault(mm, at, access)) {
    case FAULT_DONE:
    case FAULT_MAJOR:
    case FAULT_RETRY: break;
    case FAULT_OOM: return -ENOMEM;
    case FAULT_SEGV_MAPERR:
    case FAULT_SEGV_ACCERR:
    case FAULT_BUS: return task_fatal_pending(current) ? -EINTR : -EFAULT;
    }
    return task_fatal_pending(current) ? -EINTR : 0;
}

// @asked: NULL: as locking does, and holes are passed over. @errors: end at
// the first; else the rest of that area is left out. Return: 0; -errno.
static int walk(struct mm *mm, user_addr_t start, u32 bytes,
                const enum fault_access *asked, enum errors errors)
{
    u64 at = start.v, end = (u64)start.v + bytes;
    int hole = 0;

    while (at < end) {
        enum fault_access access;
        user_addr_t next;
        enum step step;
        int err = 0;

        mutex_lock(&mm->lock);
        step = plan(mm, user_addr((u32)at), &next, asked, &access);
        mutex_unlock(&mm->lock);
        switch (step) {
        case STEP_SKIP:
            hole = asked ? -ENOMEM : 0; // said at the end, the rest is done
            at = next.v ? next.v : end;
            continue;
        case STEP_REFUSE: return -EINVAL;
        case STEP_FAULT: err = fault_in(mm, user_addr((u32)at), access); break;
        case STEP_NEXT: break;
        }
        if (err && (errors == ERRORS_END || err == -EINTR))
            return err;
        at = err ? next.v : at + PAGE_SIZE;
        cond_resched();
    }
    return hole;
}

int mm_populate(struct mm *mm, user_addr_t start, u32 bytes)
{
    return walk(mm, start, bytes, NULL, ERRORS_END);
}

void mm_populate_quietly(struct mm *mm, user_addr_t start, u32 bytes)
{
    (void)walk(mm, start, bytes, NULL, ERRORS_PASS);
}

int mm_populate_for(struct mm *mm, user_addr_t start, u32 bytes,
                    enum fault_access access)
{
    return walk(mm, start, bytes, &access, ERRORS_END);
}
