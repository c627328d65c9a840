// mm/shrinker.c - caches that give memory back when it is short
// SPDX-License-Identifier: MIT
//
// Pages are aged by the LRU lists; what lies in slabs is not on them. So caches
// are asked to shrink at the pace at which pages are looked at: of each, the
// same fraction. What is less than one object, or may not be done in this
// context, is remembered and done next time, up to all there is.
//
// Locking: tasks only. Shrinkers are registered at boot and stay.

#include <mm/shrinker.h>

#include <base/bits.h>
#include <kernel/mutex.h>
#include <kernel/task.h>
#include <lib/div64.h>
#include <mm/page_alloc.h>
#include <mm/stat.h>

#define DEBT_SHIFT 8u

static LIST_HEAD(shrinkers);

void shrinker_register(struct shrinker *shrinker)
{
    ASSERT(shrinker->count && shrinker->scan);
    shrinker->debt = 0;
    list_add_tail(&shrinker->link, &shrinkers);
}

// Whether the current task holds no lock that a file system may want.
static bool file_systems_open(void)
{
    for (const struct mutex *m = current->held; m; m = m->held_next)
        if (m->rank > MUTEX_RANK_FILE_POS)
            return false;
    return true;
}

static bool may_run(const struct shrinker *shrinker, u32 gfp)
{
    return !(shrinker->flags & SHRINKER_FS) ||
           ((gfp & GFP_FS) && file_systems_open());
}

static u32 shrink_one(struct shrinker *shrinker, u32 scanned, u32 lru_pages,
                      u32 gfp)
{
    u32 count = shrinker->count();
    u64 share = (u64)count * scanned;
    u32 want;

    // No remainder is lost to speak of: 1/256 object per round.
    share <<= DEBT_SHIFT;
    u64_div(&share, max(lru_pages, 1u));
    shrinker->debt = min(shrinker->debt + share, (u64)count << DEBT_SHIFT);
    want = (u32)(shrinker->debt >> DEBT_SHIFT);
    if (!want || !may_run(shrinker, gfp))
        return 0;
    shrinker->debt -= (u64)want << DEBT_SHIFT;
    vm_count_many(VM_SLABS_SCANNED, want);
    return shrinker->scan(want);
}

u32 shrink_caches(u32 scanned, u32 lru_pages, u32 gfp)
{
    struct shrinker *shrinker;
    u32 freed = 0;

    list_for_each_entry (shrinker, &shrinkers, link)
        freed += shrink_one(shrinker, scanned, lru_pages, gfp);
    return freed;
}

u32 shrink_all(void)
{
    struct shrinker *shrinker;
    u32 freed = 0;

    list_for_each_entry (shrinker, &shrinkers, link)
        if (may_run(shrinker, GFP_KERNEL))
            freed += shrinker->scan(shrinker->count());
    return freed;
}
