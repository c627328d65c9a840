// mm/madvise.c - advice on memory
// SPDX-License-Identifier: MIT
//
// Advice that is a property is a flag of areas, which are split for it. Advice
// that is an action is done on the pages there are: mm/madvise_pages.c.
//
// Source: madvise(2); errno and order as Linux 6.1.

#include <mm/madvise.h>

#include <base/errno.h>
#include <mm/pagecache.h>
#include <mm/zap.h>

#include "madvise_private.h"
#include "mmap_private.h"

struct flag_advice {
    u32 set, clear;
};

// By advice; {0, 0}: an action.
static const struct flag_advice flag_advice[] = {
    [ADVICE_NORMAL] = {0, VM_SEQ_READ | VM_RAND_READ},
    [ADVICE_RANDOM] = {VM_RAND_READ, VM_SEQ_READ},
    [ADVICE_SEQUENTIAL] = {VM_SEQ_READ, VM_RAND_READ},
    [ADVICE_DONT_FORK] = {VM_DONTCOPY, 0},
    [ADVICE_DO_FORK] = {0, VM_DONTCOPY},
    [ADVICE_WIPE_ON_FORK] = {VM_WIPEONFORK, 0},
    [ADVICE_KEEP_ON_FORK] = {0, VM_WIPEONFORK},
    [ADVICE_DONT_DUMP] = {VM_DONTDUMP, 0},
    [ADVICE_DO_DUMP] = {0, VM_DONTDUMP},
    [ADVICE_PAGE_OUT] = {0, 0},
};

static bool is_anonymous(const struct vm_area *vma)
{
    return !vma->ops;
}

static int change_flags(struct mm *mm, struct vm_area **vma, user_addr_t start,
                        user_addr_t end, const struct flag_advice *change)
{
    u32 flags = ((*vma)->flags & ~change->clear) | change->set;

    if ((change->set & VM_WIPEONFORK) &&
        (!is_anonymous(*vma) || ((*vma)->flags & VM_SHARED)))
        return -EINVAL;
    if ((change->clear & VM_DONTCOPY) && ((*vma)->flags & VM_PFNMAP))
        return -EINVAL;
    if ((change->clear & VM_DONTDUMP) && ((*vma)->flags & VM_DONTEXPAND))
        return -EINVAL;
    return area_set_flags(mm, vma, start, end, flags) ? -EAGAIN : 0;
}

static int advise_pages(struct vm_area *vma, user_addr_t start, user_addr_t end,
                        enum advice advice)
{
    if (advice == ADVICE_WILL_NEED) {
        advise_will_need(vma, start, end);
        return 0;
    }
    if (vma->flags & (VM_LOCKED | VM_PFNMAP))
        return -EINVAL;
    switch (advice) {
    case ADVICE_DISCARD: zap_range(vma, start, end); break;
    case ADVICE_FREE:
        if (!is_anonymous(vma))
            return -EINVAL;
        advise_free(vma, start, end);
        break;
    case ADVICE_COLD: advise_cold(vma, start, end); break;
    case ADVICE_PAGE_OUT:
        if (!vma->ops || !vma->ops->is_ours || vma->ops->is_ours(vma))
            advise_page_out(vma, start, end);
        break;
    default: return -EINVAL;
    }
    return 0;
}

int mm_advise(struct mm *mm, user_addr_t start, u32 bytes, enum advice advice)
{
    const struct flag_advice *change = &flag_advice[advice];
    user_addr_t end = user_add(start, bytes);
    int hole = 0, err = 0;

    static_assert(ARRAY_SIZE(flag_advice) == ADVICE_PAGE_OUT + 1, "all advice");
    mutex_lock(&mm->lock);
    while (!err && user_before(start, end)) {
        struct vm_area *vma = vma_find(&mm->areas, start);
        user_addr_t part_end;

        if (!vma || !user_before(vma->start, end)) {
            hole = -ENOMEM;
            break;
        }
        if (user_before(start, vma->start)) {
            hole = -ENOMEM; // said at the end, the rest is done
            start = vma->start;
        }
        part_end = user_addr(min(vma->end.v, end.v));
        if (change->set | change->clear)
            err = change_flags(mm, &vma, start, part_end, change);
        else
            err = advise_pages(vma, start, part_end, advice);
        start = part_end;
    }
    mutex_unlock(&mm->lock);
    return err ? err : hole;
}
