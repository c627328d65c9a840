// mm/mremap.c - growing, shrinking and moving mappings
// SPDX-License-Identifier: MIT
//
// In place where that is possible; else a second area is made, the entries
// move there one by one, and the old area goes. The page numbers (pgoff) move
// with them, so that reverse mapping finds the pages where they now are.
//
// Nothing sleeps while entries move; all tables are made before, and the old
// range is an area of its own by then, so that giving it up takes no memory: a
// move is done wholly or not at all. The old translations are flushed before
// anyone runs.
//
// What is checked, and in which order, is Linux's: programs see it in errno.

#include <mm/mm.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <mm/commit.h>
#include <mm/mlock.h>
#include <mm/rmap.h>

#include "mmap_private.h"
#include "vma_ops.h"

#define MOVE_AREAS_SPARE 3u // a move may split the old area in three

// One call on its way.
struct remap {
    struct mm *mm;
    const struct remap_request *rq;
    u32 old_bytes, new_bytes; // whole pages
    struct vm_area *vma;      // of the old range
};

// Move all entries of [old, old + bytes) to @to, which has room for them;
// tables exist.
static void move_entries(struct mm *mm, user_addr_t old, u32 bytes,
                         user_addr_t to)
{
    user_addr_t a = old, end = user_add(old, bytes);
    pte_t *slot;

    pmap_for_each_slot(slot, &mm->pmap, a, end)
    {
        user_addr_t target = user_add(to, user_bytes(old, a));
        pte_t pte = pte_exchange(slot, PTE_NONE);

        if (!pte_is_none(pte))
            pte_write(pmap_lookup(&mm->pmap, target), pte);
    }
    pmap_flush_range(&mm->pmap, old, end);
}

// Page tables for all of [start, start + bytes): moving must not fail halfway.
static int make_tables(struct mm *mm, user_addr_t start, u32 bytes)
{
    u32 at = start.v, end = start.v + bytes;

    for (; at < end; at = ALIGN_DOWN(at, PTE_TABLE_SPAN) + PTE_TABLE_SPAN)
        if (!pmap_slot(&mm->pmap, user_addr(at)))
            return -ENOMEM;
    return 0;
}

// Tables between the neighbours of [start, end), which has no area.
static void free_tables(struct mm *mm, user_addr_t start, user_addr_t end)
{
    struct vm_area *above = vma_find(&mm->areas, end), *below = NULL;
    struct vm_area *at;

    vma_for_each (at, &mm->areas) {
        if (!user_before(at->start, start))
            break;
        below = at;
    }
    pmap_free_tables(&mm->pmap, below ? below->end : user_addr(0),
                     above ? above->start : user_addr(TASK_SIZE));
}

// The area at the new place: with everything that @r->vma has.
static struct vm_area *make_copy(struct remap *r, user_addr_t place)
{
    struct vm_area *to = vma_dup(r->vma, r->mm);

    if (!to)
        return NULL;
    to->start = place;
    to->end = user_add(place, r->new_bytes);
    to->pgoff = vma_pgoff_of(r->vma, r->rq->old);
    if (!to->ops && !to->anon_vma) // no page has been numbered yet
        to->pgoff = place.v >> PAGE_SHIFT;
    return to;
}

// Give the old range up, which is @r->vma, if there is one. What it was
// promised has moved to the new area, but only if it goes: unmapping takes it
// off the books once more.
static void drop_old(struct remap *r)
{
    int err;

    if (!r->old_bytes)
        return;
    if (r->rq->how & REMAP_DONTUNMAP) {
        vma_set_flags(r->mm, r->vma, r->vma->flags & ~(u32)VM_LOCK_FLAGS);
        return;
    }
    err = mm_unmap_locked(r->mm, r->vma->start, r->vma->end);
    ASSERT(!err); // nothing is split
}

// What the move promises. Both places are on the books until the old one goes:
// what is asked for is what there will be more of.
static int promise(const struct remap *r, u32 pages)
{
    u32 gone = r->rq->how & REMAP_DONTUNMAP ? 0 : r->old_bytes >> PAGE_SHIFT;

    if (!(r->vma->flags & VM_ACCOUNT))
        return 0;
    if (vm_commit(pages - gone))
        return -ENOMEM;
    vm_commit_moved(gone);
    return 0;
}

// The area at @place, with its tables. NULL: no memory; all is as it was.
static struct vm_area *make_place(struct remap *r, user_addr_t place)
{
    u32 pages = r->new_bytes >> PAGE_SHIFT;
    struct vm_area *to;
    int err;

    if (promise(r, pages))
        return NULL;
    to = make_copy(r, place);
    if (!to) {
        if (r->vma->flags & VM_ACCOUNT)
            vm_uncommit(pages);
        return NULL;
    }
    err = vma_link(r->mm, to);
    ASSERT(!err); // the place was free
    if (!make_tables(r->mm, place, r->old_bytes))
        return to;
    vma_unlink(r->mm, to); // gives the promise back
    free_tables(r->mm, place, user_add(place, r->new_bytes));
    return NULL;
}

static int move_area(struct remap *r, user_addr_t place, user_addr_t *out)
{
    user_addr_t end = user_add(r->rq->old, r->old_bytes);
    struct vm_area *part, *to;

    if (r->mm->areas.count + MOVE_AREAS_SPARE >= vm_max_map_count)
        return -ENOMEM;
    if (r->old_bytes) {
        part = area_carve(r->mm, r->vma, r->rq->old, end);
        if (!part)
            return -ENOMEM; // it may have become two
        r->vma = part;
    }
    to = make_place(r, place);
    if (!to) {
        vma_merge(r->mm, r->vma);
        return -ENOMEM;
    }
    move_entries(r->mm, r->rq->old, r->old_bytes, place);
    *out = place;
    if (to->ops && to->ops->moved)
        to->ops->moved(to);
    drop_old(r);
    vma_merge(r->mm, to);
    return 0;
}

// Whether the area may become what is asked for. Finds it.
static int check_growth(struct remap *r)
{
    u32 more = r->new_bytes - r->old_bytes;
    u32 pgoff;

    r->vma = vma_find(&r->mm->areas, r->rq->old);
    if (!r->vma || !vma_contains(r->vma, r->rq->old))
        return -EFAULT;
    if (!r->old_bytes && !(r->vma->flags & VM_SHARED))
        return -EINVAL; // it would double private memory
    if ((r->rq->how & REMAP_DONTUNMAP) && (r->vma->flags & VM_DONTEXPAND))
        return -EINVAL;
    if (r->old_bytes > user_bytes(r->rq->old, r->vma->end))
        return -EFAULT;
    if (!more)
        return 0;
    pgoff = vma_pgoff_of(r->vma, r->rq->old);
    if (pgoff + (r->new_bytes >> PAGE_SHIFT) < pgoff)
        return -EINVAL;
    if (r->vma->flags & VM_DONTEXPAND)
        return -EFAULT;
    if (!limit_may_lock(r->mm, r->vma->flags, more))
        return -EAGAIN;
    if (!limit_may_grow(r->mm, r->vma->flags, more >> PAGE_SHIFT))
        return -ENOMEM;
    return 0;
}

static int move_to(struct remap *r, user_addr_t *out)
{
    const struct remap_request *rq = r->rq;
    struct mm *mm = r->mm;
    u64 old = rq->old.v, place = rq->place.v;
    user_addr_t at;
    int err;

    if (place & (PAGE_SIZE - 1))
        return -EINVAL;
    if (r->new_bytes > TASK_SIZE || place > TASK_SIZE - r->new_bytes)
        return -EINVAL;
    if (old + r->old_bytes > place && place + r->new_bytes > old)
        return -EINVAL;
    if (mm->areas.count + 2 + MOVE_AREAS_SPARE >= vm_max_map_count)
        return -ENOMEM;
    if (rq->how & REMAP_FIXED) {
        err = mm_unmap_locked(mm, rq->place, user_add(rq->place, r->new_bytes));
        if (err)
            return err;
    }
    if (r->old_bytes > r->new_bytes) {
        if (r->old_bytes > TASK_SIZE - rq->old.v)
            return -EINVAL;
        err = mm_unmap_locked(mm, user_add(rq->old, r->new_bytes),
                              user_add(rq->old, r->old_bytes));
        if (err)
            return err;
        r->old_bytes = r->new_bytes;
    }
    err = check_growth(r);
    if (err)
        return err;
    if ((rq->how & REMAP_DONTUNMAP) &&
        !limit_may_grow(mm, r->vma->flags, r->old_bytes >> PAGE_SHIFT))
        return -ENOMEM;
    err = place_find(mm, rq->place, r->new_bytes, rq->how & REMAP_FIXED, &at);
    return err ? err : move_area(r, at, out);
}

// Return: 0; -ENOMEM; 1: there is no room behind it.
static int grow_in_place(struct remap *r)
{
    user_addr_t end = r->vma->end;
    u32 more = r->new_bytes - r->old_bytes;

    if (!user_eq(user_add(r->rq->old, r->old_bytes), end) ||
        more > TASK_SIZE - end.v || !place_is_free(r->mm, end, more))
        return 1;
    if ((r->vma->flags & VM_ACCOUNT) && vm_commit(more >> PAGE_SHIFT))
        return -ENOMEM;
    vma_set_bounds(r->mm, r->vma, r->vma->start, user_add(end, more));
    vma_merge(r->mm, r->vma);
    return 0;
}

static int remap_locked(struct remap *r, user_addr_t *out)
{
    const struct remap_request *rq = r->rq;
    user_addr_t place;
    int err;

    r->vma = vma_find(&r->mm->areas, rq->old);
    if (!r->vma || !vma_contains(r->vma, rq->old))
        return -EFAULT;
    if (rq->how & (REMAP_FIXED | REMAP_DONTUNMAP))
        return move_to(r, out);
    *out = rq->old;
    if (r->new_bytes == r->old_bytes)
        return 0;
    if (r->new_bytes < r->old_bytes) {
        if (r->old_bytes > TASK_SIZE - rq->old.v)
            return -EINVAL;
        return mm_unmap_locked(r->mm, user_add(rq->old, r->new_bytes),
                               user_add(rq->old, r->old_bytes));
    }
    err = check_growth(r);
    if (err)
        return err;
    err = grow_in_place(r);
    if (err <= 0)
        return err;
    if (!(rq->how & REMAP_MAY_MOVE))
        return -ENOMEM;
    err = place_find(r->mm, user_addr(0), r->new_bytes, false, &place);
    return err ? err : move_area(r, place, out);
}

// Which was @old_bytes long, at @r->rq->old, and is at @now.
static void trace_remap(const struct remap *r, u32 old_bytes, user_addr_t now)
{
    const struct remap_request *rq = r->rq;

    if (user_eq(now, rq->old)) {
        if (r->new_bytes < old_bytes)
            trace_unmapped(user_add(now, r->new_bytes),
                           old_bytes - r->new_bytes);
    } else if (old_bytes && !(rq->how & REMAP_DONTUNMAP)) {
        trace_unmapped(rq->old, old_bytes);
    }
    trace_mapped(r->mm, TRACE_MAP_MMAP, now, r->new_bytes);
}

int mm_remap(struct mm *mm, const struct remap_request *rq, user_addr_t *out)
{
    struct remap r = {
        .mm = mm,
        .rq = rq,
        .old_bytes = ALIGN_UP(rq->old_bytes, PAGE_SIZE),
        .new_bytes = ALIGN_UP(rq->new_bytes, PAGE_SIZE),
    };
    u32 old_bytes = r.old_bytes;
    const struct vm_area *vma;
    bool populate = false;
    int err;

    if (((rq->how & REMAP_FIXED) && !(rq->how & REMAP_MAY_MOVE)) ||
        ((rq->how & REMAP_DONTUNMAP) &&
         (!(rq->how & REMAP_MAY_MOVE) || rq->old_bytes != rq->new_bytes)) ||
        !user_eq(rq->old, user_page(rq->old)) || !r.new_bytes)
        return -EINVAL;
    mutex_lock(&mm->lock);
    err = remap_locked(&r, out);
    if (trace_of(mm) && !err)
        trace_remap(&r, old_bytes, *out);
    if (!err && r.new_bytes > old_bytes) {
        vma = vma_find(&mm->areas, *out);
        populate = vma && (vma->flags & VM_LOCKED);
    }
    mutex_unlock(&mm->lock);
    if (populate)
        mm_populate_quietly(mm, user_add(*out, old_bytes),
                            r.new_bytes - old_bytes);
    return err;
}
