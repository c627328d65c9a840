// mm/brk.c - the break: the end of the heap
// SPDX-License-Identifier: MIT
//
// The heap is an area like any other; only its end is known by two names.

#include <mm/mm.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <mm/commit.h>
#include <mm/mlock.h>
#include <mm/stack_gap.h>

#include "mmap_private.h"
#include "vma_ops.h"

// Data, and a page and a stack's gap behind it: free?
static bool has_room(struct mm *mm, u32 from, u32 to)
{
    struct vm_area *next = vma_find(&mm->areas, user_addr(from));
    u32 gap = next && (next->flags & VM_GROWSDOWN) ? STACK_GUARD_BYTES : 0;

    return to <= TASK_SIZE && (!next || to + PAGE_SIZE + gap <= next->start.v);
}

static int link_heap(struct mm *mm, u32 from, u32 to, u32 flags)
{
    struct vm_area *vma = vma_alloc();
    int err;

    if (!vma)
        return -ENOMEM;
    vma->start = user_addr(from);
    vma->end = user_addr(to);
    vma->pgoff = from >> PAGE_SHIFT;
    vma->flags = flags;
    err = vma_link(mm, vma);
    ASSERT(!err); // there was room
    vma_merge(mm, vma);
    return 0;
}

static int grow_heap(struct mm *mm, u32 from, u32 to)
{
    struct vm_area *heap = vma_find(&mm->areas, user_addr(from - 1));
    u32 flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC |
                VM_ACCOUNT | mm->future_lock;
    u32 pages = (to - from) >> PAGE_SHIFT;
    int err = 0;

    flags |= implied_access(VM_READ, flags);
    if (!has_room(mm, from, to) || !limit_may_lock(mm, flags, to - from) ||
        !limit_may_grow(mm, flags, pages) ||
        mm->areas.count > vm_max_map_count || vm_commit(pages))
        return -ENOMEM;
    if (heap && heap->end.v == from && heap->flags == flags && !heap->ops &&
        vma_pgoff_of(heap, user_addr(from)) == from >> PAGE_SHIFT)
        vma_set_bounds(mm, heap, heap->start, user_addr(to));
    else
        err = link_heap(mm, from, to, flags);
    if (err)
        vm_uncommit(pages);
    return err;
}

static bool is_within_limit(const struct mm *mm, user_addr_t brk)
{
    u32 data = mm->data_end.v - mm->data_start.v;

    return (u64)user_bytes(mm->brk_start, brk) + data <=
           limit_bytes(MM_LIMIT_DATA);
}

user_addr_t mm_set_brk(struct mm *mm, user_addr_t brk)
{
    u32 old, new, grown = 0;
    int err = 0;

    mutex_lock(&mm->lock);
    if (user_before(brk, mm->brk_start) || brk.v > TASK_SIZE ||
        !is_within_limit(mm, brk))
        goto out;
    old = ALIGN_UP(mm->brk.v, PAGE_SIZE);
    new = ALIGN_UP(brk.v, PAGE_SIZE);
    if (new > old)
        err = grow_heap(mm, old, new);
    else if (new < old)
        err = mm_unmap_locked(mm, user_addr(new), user_addr(old));
    if (err)
        goto out;
    mm->brk = brk;
    if (trace_of(mm) && new != old)
        trace_write(TRACE_MAP, ALIGN_UP(mm->brk_start.v, PAGE_SIZE), new,
                    (u32)TRACE_MAP_BRK | TRACE_MAP_READ | TRACE_MAP_WRITE |
                        (u32)TRACE_AREA_HEAP << TRACE_MAP_AREA_SHIFT,
                    0, 0);
    if (new > old && (mm->future_lock & VM_LOCKED))
        grown = new - old;
out:
    brk = mm->brk;
    mutex_unlock(&mm->lock);
    if (grown)
        mm_populate_quietly(mm, user_addr(ALIGN_UP(brk.v, PAGE_SIZE) - grown),
                            grown);
    return brk;
}
