// mm/mmap.c - mapping and unmapping
// SPDX-License-Identifier: MIT
//
// Each call takes mm->lock once and leaves the tree merged. Page tables are
// filled by faults (mm/fault.c), not here; a mapping that is to be populated or
// locked is faulted in after the lock is let go.
//
// A new mapping passes, in Linux's order: the number of areas, a place, the
// limits, what is there (unmapped), the promise of memory, the file. What was
// unmapped for one that then fails is gone, as on Linux.

#include <mm/mm.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <lib/fmt.h>
#include <mm/commit.h>
#include <mm/mlock.h>
#include <mm/vm_sysctl.h>

#include "mmap_private.h"
#include "vma_ops.h"

// Pages of areas in [start, end).
static u32 count_pages(struct mm *mm, user_addr_t start, user_addr_t end)
{
    struct vm_area *vma = vma_find(&mm->areas, start);
    u32 bytes = 0;

    for (; vma && user_before(vma->start, end); vma = vma_next(vma))
        bytes += user_bytes(user_addr(max(vma->start.v, start.v)),
                            user_addr(min(vma->end.v, end.v)));
    return bytes >> PAGE_SHIFT;
}

// What the request's flags become. Return: 0; -EPERM; -EAGAIN: RLIMIT_MEMLOCK.
static int choose_flags(struct mm *mm, const struct mmap_request *rq, u32 bytes,
                        u32 *out)
{
    u32 flags = rq->vm_flags | mm->future_lock;

    if (rq->how & MMAP_LOCKED) {
        if (!limit_can_lock())
            return -EPERM;
        flags |= VM_LOCKED;
    }
    if (!limit_may_lock(mm, flags, bytes))
        return -EAGAIN;
    if (vm_overcommit == COMMIT_NEVER)
        flags &= ~(u32)VM_NORESERVE;
    if ((flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE)
        flags |= VM_ACCOUNT;
    *out = flags;
    return 0;
}

// Room for @vma, whose place and flags are set: limits, what is there, memory.
static int make_room(struct mm *mm, const struct vm_area *vma)
{
    u32 pages = vma_pages(vma);
    int err;

    if (!limit_may_grow(mm, vma->flags, pages) &&
        !limit_may_grow(mm, vma->flags,
                        pages - count_pages(mm, vma->start, vma->end)))
        return -ENOMEM;
    err = mm_unmap_locked(mm, vma->start, vma->end);
    if (!err && (vma->flags & VM_ACCOUNT))
        err = vm_commit(pages);
    return err;
}

static int fill_in(struct mm *mm, const struct mmap_request *rq, u32 bytes,
                   struct vm_area *vma)
{
    int err =
        place_find(mm, rq->addr, bytes, rq->how & MMAP_FIXED, &vma->start);

    if (err)
        return err;
    if ((rq->how & MMAP_NOREPLACE) && !place_is_free(mm, vma->start, bytes))
        return -EEXIST;
    vma->end = user_add(vma->start, bytes);
    vma->pgoff = rq->file ? rq->pgoff : vma->start.v >> PAGE_SHIFT;
    return choose_flags(mm, rq, bytes, &vma->flags);
}

static int map_locked(struct mm *mm, const struct mmap_request *rq, u32 bytes,
                      user_addr_t *out, u32 *out_flags)
{
    struct vm_area *vma;
    int err;

    if (mm->areas.count > vm_max_map_count)
        return -ENOMEM;
    vma = vma_alloc();
    if (!vma)
        return -ENOMEM;
    err = fill_in(mm, rq, bytes, vma);
    if (!err)
        err = make_room(mm, vma);
    if (err)
        goto err_free;
    if (rq->file) {
        err = rq->bind(rq->file, vma);
        if (err)
            goto err_uncommit;
    }
    err = vma_link(mm, vma);
    ASSERT(!err); // the place was free, and nobody else has the lock
    *out = vma->start;
    *out_flags = vma->flags;
    vma_merge(mm, vma);
    return 0;

err_uncommit:
    if (vma->flags & VM_ACCOUNT)
        vm_uncommit(vma_pages(vma));
err_free:
    vma_free(vma);
    return err;
}

int mm_map(struct mm *mm, const struct mmap_request *rq, user_addr_t *out)
{
    u32 bytes = ALIGN_UP(rq->bytes, PAGE_SIZE), flags = 0;
    int err;

    if (!rq->bytes)
        return -EINVAL;
    if (!bytes)
        return -ENOMEM; // wrapped
    if ((u64)rq->pgoff + (bytes >> PAGE_SHIFT) > 0xffffffffu)
        return -EOVERFLOW;
    mutex_lock(&mm->lock);
    err = map_locked(mm, rq, bytes, out, &flags);
    if (trace_of(mm) && !err)
        trace_mapped(mm, TRACE_MAP_MMAP, *out, bytes);
    mutex_unlock(&mm->lock);
    // What cannot be faulted in is found out by the access.
    if (!err && ((rq->how & MMAP_POPULATE) || (flags & VM_LOCKED)))
        mm_populate_quietly(mm, *out, bytes);
    return err;
}

// The area at @start, if it and its neighbours up to @end map one file, shared
// and writable, and in the same way. NULL: not so.
static struct vm_area *find_shared(struct mm *mm, user_addr_t start,
                                   user_addr_t end)
{
    struct vm_area *first = vma_find(&mm->areas, start), *at, *next;

    if (!first || !vma_contains(first, start))
        return NULL;
    // Linux does not call it shared where the file cannot be written.
    if (!(first->flags & VM_SHARED) || !(first->flags & VM_MAYWRITE))
        return NULL;
    for (at = first; user_before(at->end, end); at = next) {
        next = vma_next(at);
        if (!next || !user_eq(next->start, at->end) ||
            next->file != first->file || next->flags != first->flags)
            return NULL;
    }
    return first;
}

static int remap_locked(struct mm *mm, user_addr_t start, u32 bytes, u32 pgoff,
                        u32 *out_flags)
{
    const struct vm_area *old = find_shared(mm, start, user_add(start, bytes));
    struct mmap_request rq = {0};
    struct vm_area *vma;
    int err;

    if (!old)
        return -EINVAL;
    if (mm->areas.count > vm_max_map_count)
        return -ENOMEM;
    // It has the file when the old area, and what that held, is gone.
    vma = vma_dup(old, mm);
    if (!vma)
        return -ENOMEM;
    vma->start = start;
    vma->end = user_add(start, bytes);
    vma->pgoff = pgoff;
    // What madvise and mlock2 have said of the old area is forgotten.
    rq.vm_flags = old->flags & (VM_ACCESS | VM_SHARED | VM_MAYREAD |
                                VM_MAYWRITE | VM_MAYEXEC);
    rq.how = old->flags & VM_LOCKED ? MMAP_LOCKED : 0;
    err = choose_flags(mm, &rq, bytes, &vma->flags);
    if (!err)
        err = make_room(mm, vma);
    if (err) {
        vma_release(vma);
        return err;
    }
    err = vma_link(mm, vma);
    ASSERT(!err); // the place is free
    *out_flags = vma->flags;
    vma_merge(mm, vma);
    return 0;
}

int mm_remap_pages(struct mm *mm, user_addr_t start, u32 bytes, u32 pgoff,
                   bool populate)
{
    u32 flags = 0;
    int err;

    if (start.v + bytes <= start.v || pgoff + (bytes >> PAGE_SHIFT) < pgoff)
        return -EINVAL;
    mutex_lock(&mm->lock);
    err = remap_locked(mm, start, bytes, pgoff, &flags);
    if (trace_of(mm) && !err)
        trace_mapped(mm, TRACE_MAP_MMAP, start, bytes);
    mutex_unlock(&mm->lock);
    if (!err && (populate || (flags & VM_LOCKED)))
        mm_populate_quietly(mm, start, bytes);
    return err;
}

int mm_unmap(struct mm *mm, user_addr_t start, u32 bytes)
{
    int err;

    if (range_check(start, &bytes) || !bytes)
        return -EINVAL;
    mutex_lock(&mm->lock);
    err = mm_unmap_locked(mm, start, user_add(start, bytes));
    if (trace_of(mm) && !err)
        trace_unmapped(start, bytes);
    mutex_unlock(&mm->lock);
    return err;
}

static const char *name_of(const struct mm *mm, const struct vm_area *vma)
{
    if (mm_area_is_heap(mm, vma))
        return " heap";
    return mm_area_is_stack(mm, vma) ? " stack" : "";
}

void mm_describe_address(struct mm *mm, user_addr_t addr, char *buf,
                         size_t size)
{
    struct vm_area *vma = mm ? vma_find(&mm->areas, addr) : NULL;

    if (!mm) {
        fmt_print(buf, size, "no address space");
    } else if (!vma || user_before(addr, vma->start)) {
        fmt_print(buf, size, "no area; next at %08x", vma ? vma->start.v : 0);
    } else {
        fmt_print(
            buf, size, "%08x-%08x %c%c%c%c%s pgoff=%u", vma->start.v,
            vma->end.v, vma->flags & VM_READ ? 'r' : '-',
            vma->flags & VM_WRITE ? 'w' : '-', vma->flags & VM_EXEC ? 'x' : '-',
            vma->flags & VM_SHARED ? 's' : 'p', name_of(mm, vma), vma->pgoff);
    }
}
