// mm/vma_ops.c - areas with all that hangs on them
// SPDX-License-Identifier: MIT

#include "vma_ops.h"

#include <kernel/panic.h>
#include <mm/commit.h>
#include <mm/limits.h>
#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/zap.h>

static struct kmem_cache *vma_cache;

void vma_cache_init(void)
{
    vma_cache = kmem_cache_create("vm_area", sizeof(struct vm_area), 0);
    if (!vma_cache)
        panic("no memory for the vm_area cache");
}

struct vm_area *vma_alloc(void)
{
    struct vm_area *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL | GFP_ZERO);

    if (vma) {
        list_init(&vma->anon_link);
        list_init(&vma->mapping_link);
    }
    return vma;
}

void vma_free(struct vm_area *vma)
{
    kmem_cache_free(vma_cache, vma);
}

// @pages (negative: fewer) more of areas with @flags.
static void count(struct mm *mm, u32 flags, s32 pages)
{
    mm->total_pages += (u32)pages;
    if (vma_is_data(flags))
        mm->data_pages += (u32)pages;
    if (flags & VM_GROWSDOWN)
        mm->stack_pages += (u32)pages;
    if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
        mm->exec_pages += (u32)pages;
    if (flags & VM_LOCKED)
        mm->locked_pages += (u32)pages;
    mm->peak_pages = max(mm->peak_pages, mm->total_pages);
}

static void link_mapping(struct vm_area *vma)
{
    if (vma->mapping)
        list_add_tail(&vma->mapping_link, &vma->mapping->areas);
}

int vma_link(struct mm *mm, struct vm_area *vma)
{
    int err;

    vma->mm = mm;
    err = vma_insert(&mm->areas, vma);
    if (err)
        return err;
    link_mapping(vma);
    count(mm, vma->flags, (s32)vma_pages(vma));
    return 0;
}

void vma_release(struct vm_area *vma)
{
    rmap_unlink(vma);
    list_del(&vma->mapping_link);
    if (vma->ops && vma->ops->close)
        vma->ops->close(vma);
    vma_free(vma);
}

void vma_unlink(struct mm *mm, struct vm_area *vma)
{
    count(mm, vma->flags, -(s32)vma_pages(vma));
    if (vma->flags & VM_ACCOUNT)
        vm_uncommit(vma_pages(vma));
    vma_remove(&mm->areas, vma);
    vma_release(vma);
}

struct vm_area *vma_dup(const struct vm_area *vma, struct mm *mm)
{
    struct vm_area *copy = vma_alloc();

    if (!copy)
        return NULL;
    *copy = *vma;
    copy->mm = mm;
    list_init(&copy->anon_link);
    list_init(&copy->mapping_link);
    rmap_link(copy, vma);
    if (copy->ops && copy->ops->open)
        copy->ops->open(copy);
    return copy;
}

int vma_cut(struct mm *mm, struct vm_area *vma, user_addr_t at)
{
    struct vm_area *upper = vma_alloc();

    if (!upper)
        return -ENOMEM;
    vma_split(&mm->areas, vma, at, upper);
    rmap_link(upper, vma);
    link_mapping(upper);
    if (upper->ops && upper->ops->open)
        upper->ops->open(upper);
    return 0;
}

// Join two neighbours; the lower one stays.
static void join(struct mm *mm, struct vm_area *lower, struct vm_area *upper)
{
    user_addr_t end = upper->end;

    if (!lower->anon_vma)
        rmap_link(lower, upper);
    vma_remove(&mm->areas, upper);
    vma_resize(&mm->areas, lower, lower->start, end);
    vma_release(upper);
}

struct vm_area *vma_merge(struct mm *mm, struct vm_area *vma)
{
    struct vm_area *other = vma_next(vma);

    if (other && user_eq(vma->end, other->start) && vma_can_merge(vma, other))
        join(mm, vma, other);
    other = vma_prev(vma);
    if (other && user_eq(other->end, vma->start) && vma_can_merge(other, vma)) {
        join(mm, other, vma);
        return other;
    }
    return vma;
}

void vma_set_bounds(struct mm *mm, struct vm_area *vma, user_addr_t start,
                    user_addr_t end)
{
    u32 before = vma_pages(vma);

    vma_resize(&mm->areas, vma, start, end);
    ASSERT(vma_pages(vma) >= before);
    count(mm, vma->flags, (s32)(vma_pages(vma) - before));
}

void vma_set_flags(struct mm *mm, struct vm_area *vma, u32 flags)
{
    s32 pages = (s32)vma_pages(vma);

    if (flags == vma->flags)
        return;
    count(mm, vma->flags, -pages);
    vma->flags = flags;
    count(mm, vma->flags, pages);
}

// Free the tables that [start, end), which no area is in any more, had for
// itself. @below ends and @above begins nearest to it; or NULL. Other tables
// between the two there are none: they went with what they were made for.
static void free_tables(struct mm *mm, user_addr_t start, user_addr_t end,
                        const struct vm_area *below,
                        const struct vm_area *above)
{
    u32 low = ALIGN_DOWN(start.v, PTE_TABLE_SPAN);
    u32 high = min(ALIGN_UP(end.v, PTE_TABLE_SPAN), TASK_SIZE);

    if (below)
        low = max(low, below->end.v);
    if (above)
        high = min(high, above->start.v);
    pmap_free_tables(&mm->pmap, user_addr(low), user_addr(high));
}

int mm_unmap_locked(struct mm *mm, user_addr_t start, user_addr_t end)
{
    struct vm_area *vma = vma_find(&mm->areas, start), *next, *below;

    if (!vma || !user_before(vma->start, end))
        return 0;
    if (user_before(vma->start, start)) {
        // A hole in the middle is one area more.
        if (user_before(end, vma->end) && mm->areas.count >= vm_max_map_count)
            return -ENOMEM;
        if (vma_cut(mm, vma, start))
            return -ENOMEM;
        vma = vma_next(vma);
    }
    next = vma_find(&mm->areas, user_addr(end.v - 1));
    if (next && user_before(next->start, end) && user_before(end, next->end) &&
        vma_cut(mm, next, end))
        return -ENOMEM;

    below = vma_prev(vma);
    for (; vma && user_before(vma->start, end); vma = next) {
        next = vma_next(vma);
        zap_range(vma, vma->start, vma->end);
        vma_unlink(mm, vma);
    }
    free_tables(mm, start, end, below, vma);
    return 0;
}
