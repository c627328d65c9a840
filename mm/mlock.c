// mm/mlock.c - memory that stays in memory
// SPDX-License-Identifier: MIT
//
// Locking is a flag of areas; pages follow it. A page gets PG_MLOCKED when it
// is mapped in such an area (rmap_add), or here, when the area becomes one; it
// loses it when the last such mapping goes (rmap_remove), or here. Which
// mappings of a page are locked is found by reverse mapping, not counted: a
// count would have to follow every split and merge.
//
// Rejected: unmapping nothing and leaving the pages on the lists, where reclaim
// would meet each of them again and again (Linux before 2.6.28).

#include <mm/mlock.h>

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/stat.h>
#include <mm/zone.h>

#include "mmap_private.h"
#include "vma_ops.h"

// The area's pages follow its flag.
static void follow_flag(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, end)
    {
        pte_t pte = pte_read(slot);
        struct page *page;

        if (!pte_is_present(pte) || !pfn_has_page(pte_pfn(pte)))
            continue;
        page = pfn_to_page(pte_pfn(pte));
        if (page_state(page) == PAGE_STATE_RESERVED)
            continue; // the zero page
        if (vma->flags & VM_LOCKED)
            lru_mlock(page);
        else if (page_test(page, PG_MLOCKED) && !rmap_is_locked(page))
            lru_munlock(page);
    }
}

// [start, end), within *@vma, gets @lock_flags. Return: 0; -ENOMEM.
static int set_area(struct mm *mm, struct vm_area **vma, user_addr_t start,
                    user_addr_t end, u32 lock_flags)
{
    bool was = (*vma)->flags & VM_LOCKED;
    u32 flags = ((*vma)->flags & ~(u32)VM_LOCK_FLAGS) | lock_flags;
    int err;

    if ((*vma)->flags & VM_DONTEXPAND) // the kernel's own: there anyway
        return 0;
    err = area_set_flags(mm, vma, start, end, flags);
    if (!err && was != !!(lock_flags & VM_LOCKED))
        follow_flag(*vma, start, end);
    return err;
}

// Return: 0; -ENOMEM: a hole (what came before it is done), or no memory.
static int set_range(struct mm *mm, user_addr_t start, user_addr_t end,
                     u32 lock_flags)
{
    while (user_before(start, end)) {
        struct vm_area *vma = vma_find(&mm->areas, start);
        user_addr_t part_end;

        if (!vma || user_before(start, vma->start))
            return -ENOMEM;
        part_end = user_addr(min(vma->end.v, end.v));
        if (set_area(mm, &vma, start, part_end, lock_flags))
            return -ENOMEM;
        start = part_end;
    }
    return 0;
}

// Whole pages around [start, start + bytes); a length that is rounded up to
// 2^32 is 0, as on Linux.
static void widen(user_addr_t *start, u32 *bytes)
{
    *bytes = ALIGN_UP(*bytes + (start->v & (PAGE_SIZE - 1)), PAGE_SIZE);
    *start = user_page(*start);
}

// Return: 0; -EINVAL: it wraps. Beyond TASK_SIZE is a hole like any other.
static int check_end(user_addr_t start, u32 bytes)
{
    return start.v + bytes < start.v ? -EINVAL : 0;
}

// Pages of [start, end) that are locked already.
static u32 locked_pages(struct mm *mm, user_addr_t start, user_addr_t end)
{
    struct vm_area *vma = vma_find(&mm->areas, start);
    u32 bytes = 0;

    for (; vma && user_before(vma->start, end); vma = vma_next(vma))
        if (vma->flags & VM_LOCKED)
            bytes += user_bytes(user_addr(max(vma->start.v, start.v)),
                                user_addr(min(vma->end.v, end.v)));
    return bytes >> PAGE_SHIFT;
}

static bool is_within_limit(struct mm *mm, user_addr_t start, u32 bytes)
{
    u32 limit = limit_pages(MM_LIMIT_MEMLOCK);
    u32 pages = mm->locked_pages + (bytes >> PAGE_SHIFT);

    return capable(CAP_IPC_LOCK) || pages <= limit ||
           pages - locked_pages(mm, start, user_add(start, bytes)) <= limit;
}

int mm_lock(struct mm *mm, user_addr_t start, u32 bytes, u32 lock_flags)
{
    int err;

    if (!limit_can_lock())
        return -EPERM;
    widen(&start, &bytes);
    mutex_lock(&mm->lock);
    err = is_within_limit(mm, start, bytes) ? check_end(start, bytes) : -ENOMEM;
    if (!err)
        err = set_range(mm, start, user_add(start, bytes), lock_flags);
    mutex_unlock(&mm->lock);
    if (err)
        return err;
    err = mm_populate(mm, start, bytes);
    // POSIX has other names for these.
    if (err == -EFAULT)
        return -ENOMEM;
    return err == -ENOMEM ? -EAGAIN : err;
}

int mm_unlock(struct mm *mm, user_addr_t start, u32 bytes)
{
    int err;

    widen(&start, &bytes);
    err = check_end(start, bytes);
    if (err)
        return err;
    mutex_lock(&mm->lock);
    err = set_range(mm, start, user_add(start, bytes), 0);
    mutex_unlock(&mm->lock);
    return err;
}

static void set_all(struct mm *mm, u32 lock_flags)
{
    struct vm_area *vma = vma_first(&mm->areas);

    while (vma) {
        // Nothing is split: nothing can fail.
        int err = set_area(mm, &vma, vma->start, vma->end, lock_flags);

        ASSERT(!err);
        vma = vma_next(vma);
    }
}

int mm_lock_all(struct mm *mm, bool set_now, u32 now, u32 future)
{
    int err = 0;

    if (!limit_can_lock())
        return -EPERM;
    mutex_lock(&mm->lock);
    if (set_now && !capable(CAP_IPC_LOCK) &&
        mm->total_pages > limit_pages(MM_LIMIT_MEMLOCK))
        err = -ENOMEM;
    if (!err) {
        mm->future_lock = future;
        if (set_now)
            set_all(mm, now);
    }
    mutex_unlock(&mm->lock);
    if (!err && set_now)
        mm_populate_quietly(mm, user_addr(0), TASK_SIZE);
    return err;
}

void mm_unlock_all(struct mm *mm)
{
    mutex_lock(&mm->lock);
    mm->future_lock = 0;
    set_all(mm, 0);
    mutex_unlock(&mm->lock);
}

void mapping_set_unevictable(struct mapping *mapping, bool unevictable)
{
    struct page *page;
    u32 index = 0;

    mapping->unevictable = unevictable;
    while (radix_tree_gang_lookup(&mapping->pages, index, 1, (void **)&page,
                                  &index)) {
        if (!radix_is_value(page)) {
            lru_refresh(page);
            if (!unevictable)
                vm_count(VM_UNEVICTABLE_SCANNED);
        }
        if (++index == 0)
            return;
        cond_resched();
    }
}
