// mm/mprotect.c - changing what may be done with a mapping
// SPDX-License-Identifier: MIT
//
// An entry never becomes writable by this: the first write finds out what it
// may have (copy-on-write, the zero page). Private memory that becomes writable
// is promised then, and stays promised when it becomes read-only again: what
// was written is still there.

#include <mm/mm.h>

#include <base/errno.h>
#include <mm/commit.h>
#include <mm/mlock.h>

#include "mmap_private.h"
#include "vma_ops.h"

struct protect_request {
    u32 vm_access;
    bool down; // PROT_GROWSDOWN: from the start of the stack
};

struct vm_area *area_carve(struct mm *mm, struct vm_area *vma,
                           user_addr_t start, user_addr_t end)
{
    if (user_before(vma->start, start)) {
        if (mm->areas.count >= vm_max_map_count || vma_cut(mm, vma, start))
            return NULL;
        vma = vma_next(vma);
    }
    if (user_before(end, vma->end) &&
        (mm->areas.count >= vm_max_map_count || vma_cut(mm, vma, end)))
        return NULL;
    return vma;
}

int area_set_flags(struct mm *mm, struct vm_area **vma, user_addr_t start,
                   user_addr_t end, u32 flags)
{
    struct vm_area *part = *vma;

    if (part->flags == flags)
        return 0;
    part = area_carve(mm, part, start, end);
    if (!part)
        return -ENOMEM;
    vma_set_flags(mm, part, flags);
    *vma = vma_merge(mm, part);
    return 0;
}

static void protect_entries(struct vm_area *vma, user_addr_t start,
                            user_addr_t end)
{
    user_addr_t a = start;
    pte_t *slot;

    pmap_for_each_used(slot, &vma->mm->pmap, a, end)
    {
        pte_t pte = pte_read(slot);
        u32 prot = vma_prot(vma);

        if (!pte_is_present(pte))
            continue;
        if (!pte_is_writable(pte))
            prot &= ~(u32)PMAP_WRITE;
        pte_write(slot, pte_modify(pte, prot));
    }
    pmap_flush_range(&vma->mm->pmap, start, end);
}

// The part [start, end) of an area gets @flags. *@charged: pages promised.
// Return: 0; -ENOMEM.
static int may_become(struct mm *mm, const struct vm_area *vma, u32 pages,
                      u32 *flags, u32 *charged)
{
    const u32 never = VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE;

    *charged = 0;
    if (!(*flags & VM_WRITE))
        return 0;
    if (!limit_may_grow(mm, *flags, pages) &&
        limit_may_grow(mm, vma->flags, pages))
        return -ENOMEM;
    if (vma->flags & never)
        return 0;
    if (vm_commit(pages))
        return -ENOMEM;
    *charged = pages;
    *flags |= VM_ACCOUNT;
    return 0;
}

static int protect_area(struct mm *mm, struct vm_area **vma, user_addr_t start,
                        user_addr_t end, u32 vm_access)
{
    u32 flags, charged;
    int err;

    vm_access = implied_access(vm_access, (*vma)->flags);
    flags = ((*vma)->flags & ~(u32)VM_ACCESS) | vm_access;
    if (vm_access & ~((*vma)->flags >> 4) & VM_ACCESS)
        return -EACCES;
    if (flags == (*vma)->flags)
        return 0;
    err = may_become(mm, *vma, user_bytes(start, end) >> PAGE_SHIFT, &flags,
                     &charged);
    if (err)
        return err;
    err = area_set_flags(mm, vma, start, end, flags);
    if (err) {
        vm_uncommit(charged);
        return err;
    }
    protect_entries(*vma, start, end);
    return 0;
}

// Private locked memory that becomes writable gets its own pages at once.
static bool wants_pages(u32 old_flags, u32 vm_access)
{
    return (old_flags & (VM_LOCKED | VM_SHARED | VM_WRITE)) == VM_LOCKED &&
           (vm_access & VM_WRITE);
}

static int protect_locked(struct mm *mm, user_addr_t start, user_addr_t end,
                          const struct protect_request *rq, bool *populate)
{
    struct vm_area *vma = vma_find(&mm->areas, start);

    if (!vma)
        return -ENOMEM;
    if (rq->down) {
        if (!user_before(vma->start, end))
            return -ENOMEM;
        if (!(vma->flags & VM_GROWSDOWN))
            return -EINVAL;
        start = vma->start;
    }
    while (user_before(start, end)) {
        user_addr_t part_end;
        int err;

        vma = vma_find(&mm->areas, start);
        if (!vma || user_before(start, vma->start))
            return -ENOMEM;
        part_end = user_addr(min(vma->end.v, end.v));
        *populate |= wants_pages(vma->flags, rq->vm_access);
        err = protect_area(mm, &vma, start, part_end, rq->vm_access);
        if (err)
            return err;
        start = part_end;
    }
    return 0;
}

static int protect(struct mm *mm, user_addr_t start, u32 bytes,
                   const struct protect_request *rq)
{
    bool populate = false;
    int err;

    static_assert(VM_READ << 4 == VM_MAYREAD && VM_EXEC << 4 == VM_MAYEXEC,
                  "permission by shift");
    if (!user_eq(start, user_page(start)))
        return -EINVAL;
    if (!bytes)
        return 0;
    bytes = ALIGN_UP(bytes, PAGE_SIZE);
    if (start.v + bytes <= start.v) // beyond TASK_SIZE is a hole like any other
        return -ENOMEM;
    mutex_lock(&mm->lock);
    err = protect_locked(mm, start, user_add(start, bytes), rq, &populate);
    if (trace_of(mm)) // on an error what came before it is changed
        trace_mapped(mm, TRACE_MAP_MPROTECT, start, bytes);
    mutex_unlock(&mm->lock);
    if (populate)
        mm_populate_quietly(mm, start, min(bytes, TASK_SIZE - start.v));
    return err;
}

int mm_protect(struct mm *mm, user_addr_t start, u32 bytes, u32 vm_access)
{
    const struct protect_request rq = {.vm_access = vm_access};

    return protect(mm, start, bytes, &rq);
}

int mm_protect_stack(struct mm *mm, user_addr_t start, u32 bytes, u32 vm_access)
{
    const struct protect_request rq = {.vm_access = vm_access, .down = true};

    return protect(mm, start, bytes, &rq);
}
