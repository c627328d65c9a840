// mm/mmap.c - mapping, unmapping, protecting, moving, and the break
// SPDX-License-Identifier: MIT
//
// Each call takes mm->lock once and leaves the tree merged. Page tables are
// filled by faults (mm/fault.c), not here.
//
// Placement: from below the room that is left for the stack downwards; when
// that is full, anywhere. MMAP_FIXED takes its place from whatever is there.

#include <mm/mm.h>

#include <kernel/task.h>
#include <lib/fmt.h>
#include <mm/rmap.h>
#include <mm/stack_gap.h>
#include <mm/swap.h>
#include <mm/vm_sysctl.h>
#include <mm/zap.h>
#include <mm/zone.h>

#include "vma_ops.h"

#define STACK_ROOM_MIN (128u * MIB) // below the top, not used for placement
#define AREAS_MAX      65530u       // as Linux's max_map_count

static user_addr_t placement_top(const struct mm *mm)
{
    u32 room = max(mm->stack_limit_bytes, STACK_ROOM_MIN);

    return user_addr(TASK_SIZE - min(room, TASK_SIZE / 6 * 5));
}

static int find_place(struct mm *mm, u32 bytes, user_addr_t *out)
{
    user_addr_t low = user_addr(MMAP_MIN_ADDR);
    int err = vma_find_gap_topdown(&mm->areas, bytes, low, placement_top(mm),
                                   STACK_GUARD_BYTES, out);

    if (err)
        err = vma_find_gap_topdown(&mm->areas, bytes, low, user_addr(TASK_SIZE),
                                   STACK_GUARD_BYTES, out);
    return err;
}

static bool is_free(struct mm *mm, user_addr_t start, u32 bytes)
{
    struct vm_area *vma = vma_find(&mm->areas, start);

    return !vma || !user_before(vma->start, user_add(start, bytes));
}

// More than all memory and swap together can never be used.
static bool obviously_too_much(u32 bytes, u32 vm_flags)
{
    u32 total = zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed +
                zones[ZONE_HIGHMEM].managed + swap_total_pages();

    if (vm_overcommit || !(vm_flags & VM_WRITE) ||
        (vm_flags & (VM_SHARED | VM_NORESERVE)))
        return false;
    return bytes >> PAGE_SHIFT > total;
}

static int choose_place(struct mm *mm, const struct mmap_request *rq, u32 bytes,
                        user_addr_t *out)
{
    user_addr_t hint = user_page(rq->addr);

    if (rq->how & MMAP_FIXED) {
        if (hint.v != rq->addr.v)
            return -EINVAL;
        if (bytes > TASK_SIZE || hint.v > TASK_SIZE - bytes)
            return -ENOMEM;
        if (hint.v < MMAP_MIN_ADDR)
            return -EPERM;
        *out = hint;
        if (is_free(mm, hint, bytes))
            return 0;
        if (rq->how & MMAP_NOREPLACE)
            return -EEXIST;
        return mm_unmap_locked(mm, hint, user_add(hint, bytes));
    }
    if (hint.v >= MMAP_MIN_ADDR && bytes <= TASK_SIZE &&
        hint.v <= TASK_SIZE - bytes && is_free(mm, hint, bytes)) {
        *out = hint;
        return 0;
    }
    return find_place(mm, bytes, out);
}

static int map_locked(struct mm *mm, const struct mmap_request *rq, u32 bytes,
                      user_addr_t *out)
{
    struct vm_area *vma;
    user_addr_t start;
    int err;

    if (mm->areas.count >= AREAS_MAX || obviously_too_much(bytes, rq->vm_flags))
        return -ENOMEM;
    vma = vma_alloc();
    if (!vma)
        return -ENOMEM;
    err = choose_place(mm, rq, bytes, &start);
    if (err)
        goto err_free;
    vma->start = start;
    vma->end = user_add(start, bytes);
    vma->flags = rq->vm_flags;
    vma->pgoff = rq->file ? rq->pgoff : start.v >> PAGE_SHIFT;
    if (rq->file) {
        err = rq->bind(rq->file, vma);
        if (err)
            goto err_free;
    }
    err = vma_link(mm, vma);
    ASSERT(!err); // the place was free, and nobody slept
    vma_merge(mm, vma);
    *out = start;
    return 0;

err_free:
    vma_free(vma);
    return err;
}

// Fault in all of [start, start + bytes); what cannot be is left to be found
// out by the access.
static void populate(struct mm *mm, user_addr_t start, u32 bytes,
                     enum fault_access access)
{
    for (u32 done = 0; done < bytes; done += PAGE_SIZE) {
        enum fault_result result = mm_fault(mm, user_add(start, done), access);

        if (result != FAULT_DONE || task_fatal_pending(current))
            return;
    }
}

int mm_map(struct mm *mm, const struct mmap_request *rq, user_addr_t *out)
{
    u32 bytes = ALIGN_UP(rq->bytes, PAGE_SIZE);
    int err;

    if (!rq->bytes)
        return -EINVAL;
    if (!bytes)
        return -ENOMEM; // wrapped
    if ((u64)rq->pgoff + (bytes >> PAGE_SHIFT) > 0xffffffffu)
        return -EOVERFLOW;
    mutex_lock(&mm->lock);
    err = map_locked(mm, rq, bytes, out);
    mutex_unlock(&mm->lock);
    if (!err && (rq->how & MMAP_POPULATE))
        populate(mm, *out, bytes,
                 rq->vm_flags & VM_WRITE ? FAULT_WRITE : FAULT_READ);
    return err;
}

// Whether [start, start + bytes) is a range of whole pages of user addresses.
static int check_range(user_addr_t start, u32 *bytes)
{
    if (start.v & (PAGE_SIZE - 1) || *bytes > TASK_SIZE)
        return -EINVAL;
    *bytes = ALIGN_UP(*bytes, PAGE_SIZE);
    return start.v > TASK_SIZE - *bytes ? -EINVAL : 0;
}

int mm_unmap(struct mm *mm, user_addr_t start, u32 bytes)
{
    int err = check_range(start, &bytes);

    if (err || !bytes)
        return -EINVAL;
    mutex_lock(&mm->lock);
    err = mm_unmap_locked(mm, start, user_add(start, bytes));
    mutex_unlock(&mm->lock);
    return err;
}

static void protect_entries(struct vm_area *vma)
{
    user_addr_t a = vma->start;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, vma->end)
    {
        pte_t pte = pte_read(slot);
        u32 prot = vma_prot(vma);

        if (!pte_is_present(pte))
            continue;
        // Never writable by this: the first write finds out what it may
        // have (copy-on-write, zero page).
        if (!pte_is_writable(pte))
            prot &= ~(u32)PMAP_WRITE;
        pte_write(slot, pte_modify(pte, prot));
    }
    pmap_flush_range(&vma->mm->pmap, vma->start, vma->end);
}

// Make the part of @vma in [start, end) an area of its own.
// Return: it, or NULL: no memory.
static struct vm_area *carve(struct mm *mm, struct vm_area *vma,
                             user_addr_t start, user_addr_t end)
{
    if (user_before(vma->start, start)) {
        if (vma_cut(mm, vma, start))
            return NULL;
        vma = vma_next(vma);
    }
    if (user_before(end, vma->end) && vma_cut(mm, vma, end))
        return NULL;
    return vma;
}

static int protect_locked(struct mm *mm, user_addr_t start, user_addr_t end,
                          u32 vm_access)
{
    user_addr_t at = start;

    while (user_before(at, end)) {
        struct vm_area *vma = vma_find(&mm->areas, at);

        if (!vma || user_before(at, vma->start))
            return -ENOMEM;
        if (vm_access & ~(vma->flags >> 4) & VM_ACCESS)
            return -EACCES;
        if ((vma->flags & VM_ACCESS) != vm_access) {
            vma = carve(mm, vma, at, end);
            if (!vma)
                return -ENOMEM;
            vma->flags = (vma->flags & ~(u32)VM_ACCESS) | vm_access;
            protect_entries(vma);
        }
        at = vma->end;
        vma_merge(mm, vma);
    }
    return 0;
}

int mm_protect(struct mm *mm, user_addr_t start, u32 bytes, u32 vm_access)
{
    int err = check_range(start, &bytes);

    static_assert(VM_READ << 4 == VM_MAYREAD && VM_EXEC << 4 == VM_MAYEXEC,
                  "permission by shift");
    if (err)
        return start.v & (PAGE_SIZE - 1) ? -EINVAL : -ENOMEM;
    mutex_lock(&mm->lock);
    err = protect_locked(mm, start, user_add(start, bytes), vm_access);
    mutex_unlock(&mm->lock);
    return err;
}

int mm_discard(struct mm *mm, user_addr_t start, u32 bytes)
{
    user_addr_t end, at = start;
    int err = check_range(start, &bytes);

    if (err)
        return err;
    end = user_add(start, bytes);
    mutex_lock(&mm->lock);
    while (user_before(at, end)) {
        struct vm_area *vma = vma_find(&mm->areas, at);

        if (!vma || !user_before(vma->start, end)) {
            err = -ENOMEM;
            break;
        }
        if (vma->flags & VM_LOCKED) {
            err = -EINVAL;
            break;
        }
        if (user_before(at, vma->start)) {
            err = -ENOMEM; // a hole: said at the end, the rest is done
            at = vma->start;
        }
        zap_range(vma, at, user_addr(min(end.v, vma->end.v)));
        at = vma->end;
    }
    mutex_unlock(&mm->lock);
    return err;
}

// Move all entries of @from to @to, which has room for them; tables exist.
static void move_entries(struct vm_area *from, struct vm_area *to, u32 bytes,
                         user_addr_t old)
{
    user_addr_t a = old, end = user_add(old, bytes);
    pte_t *slot;

    pmap_for_each_slot(slot, &from->mm->pmap, a, end)
    {
        user_addr_t target = user_add(to->start, user_bytes(old, a));
        pte_t pte = pte_exchange(slot, PTE_NONE);

        if (!pte_is_none(pte))
            pte_write(pmap_lookup(&to->mm->pmap, target), pte);
    }
    pmap_flush_range(&from->mm->pmap, old, end);
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

static int move_area(struct mm *mm, struct vm_area *vma, user_addr_t old,
                     u32 old_bytes, u32 new_bytes, user_addr_t *out)
{
    struct vm_area *to;
    user_addr_t place;
    int err = find_place(mm, new_bytes, &place);

    if (err)
        return err;
    err = make_tables(mm, place, old_bytes);
    if (err)
        goto err_tables;
    to = vma_dup(vma, mm);
    if (!to) {
        err = -ENOMEM;
        goto err_tables;
    }
    to->start = place;
    to->end = user_add(place, new_bytes);
    to->pgoff = vma_pgoff_of(vma, old); // so that rmap finds the pages there
    err = vma_link(mm, to);
    ASSERT(!err);
    move_entries(vma, to, old_bytes, old);
    *out = place;
    // The old range is empty; only splitting it can fail, then it stays.
    return mm_unmap_locked(mm, old, user_add(old, old_bytes));

err_tables:
    pmap_free_tables(&mm->pmap, place, user_add(place, new_bytes));
    return err;
}

static int remap_locked(struct mm *mm, user_addr_t old, u32 old_bytes,
                        u32 new_bytes, bool may_move, user_addr_t *out)
{
    struct vm_area *vma = vma_find(&mm->areas, old);
    user_addr_t old_end = user_add(old, old_bytes);

    *out = old;
    if (!vma || user_before(old, vma->start) || user_before(vma->end, old_end))
        return -EFAULT;
    if (new_bytes == old_bytes)
        return 0;
    if (new_bytes < old_bytes)
        return mm_unmap_locked(mm, user_add(old, new_bytes), old_end);
    if (obviously_too_much(new_bytes - old_bytes, vma->flags))
        return -ENOMEM;
    if (user_eq(vma->end, old_end) && new_bytes <= TASK_SIZE &&
        old.v <= TASK_SIZE - new_bytes &&
        is_free(mm, old_end, new_bytes - old_bytes)) {
        vma_set_bounds(mm, vma, vma->start, user_add(old, new_bytes));
        vma_merge(mm, vma);
        return 0;
    }
    if (!may_move || mm->areas.count >= AREAS_MAX)
        return -ENOMEM;
    return move_area(mm, vma, old, old_bytes, new_bytes, out);
}

int mm_remap(struct mm *mm, user_addr_t old, u32 old_bytes, u32 new_bytes,
             bool may_move, user_addr_t *out)
{
    int err = check_range(old, &old_bytes);

    if (err || !new_bytes || !old_bytes)
        return -EINVAL;
    new_bytes = ALIGN_UP(new_bytes, PAGE_SIZE);
    if (!new_bytes || new_bytes > TASK_SIZE)
        return -ENOMEM;
    mutex_lock(&mm->lock);
    err = remap_locked(mm, old, old_bytes, new_bytes, may_move, out);
    mutex_unlock(&mm->lock);
    return err;
}

static int grow_heap(struct mm *mm, u32 from, u32 to)
{
    struct vm_area *heap = vma_find(&mm->areas, user_addr(from - 1));
    struct vm_area *vma;

    if (to > TASK_SIZE || !is_free(mm, user_addr(from), to - from) ||
        obviously_too_much(to - from, VM_WRITE))
        return -ENOMEM;
    if (heap && heap->end.v == from && (heap->flags & VM_HEAP)) {
        vma_set_bounds(mm, heap, heap->start, user_addr(to));
        return 0;
    }
    vma = vma_alloc();
    if (!vma)
        return -ENOMEM;
    vma->start = user_addr(from);
    vma->end = user_addr(to);
    vma->pgoff = from >> PAGE_SHIFT;
    vma->flags =
        VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_HEAP;
    return vma_link(mm, vma);
}

user_addr_t mm_set_brk(struct mm *mm, user_addr_t brk)
{
    u32 old, new;
    int err = 0;

    mutex_lock(&mm->lock);
    if (user_before(brk, mm->brk_start) || brk.v > TASK_SIZE)
        goto out;
    old = ALIGN_UP(mm->brk.v, PAGE_SIZE);
    new = ALIGN_UP(brk.v, PAGE_SIZE);
    if (new > old)
        err = grow_heap(mm, old, new);
    else if (new < old)
        err = mm_unmap_locked(mm, user_addr(new), user_addr(old));
    if (!err)
        mm->brk = brk;
out:
    brk = mm->brk;
    mutex_unlock(&mm->lock);
    return brk;
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
        fmt_print(buf, size, "%08x-%08x %c%c%c%c%s%s pgoff=%u", vma->start.v,
                  vma->end.v, vma->flags & VM_READ ? 'r' : '-',
                  vma->flags & VM_WRITE ? 'w' : '-',
                  vma->flags & VM_EXEC ? 'x' : '-',
                  vma->flags & VM_SHARED ? 's' : 'p',
                  vma->flags & VM_STACK ? " stack" : "",
                  vma->flags & VM_HEAP ? " heap" : "", vma->pgoff);
    }
}
