// mm/oom_score.c - how bad a task is, in numbers [P]
// SPDX-License-Identifier: MIT
//
// What counts is what killing gives back: resident pages, swap slots and page
// tables. Time used, age and user do not: a rule that everybody can compute is
// worth more than one that is sometimes kinder.

#include <mm/oom.h>

#include <lib/div64.h>

// Linux takes per milles of whole thousands of pages; on a machine of 64 MiB
// that would be 5 % too little for a task at 1000 to be worse than a hog.
static s32 per_mille(s32 adj, u32 total_pages)
{
    u64 part = (u64)total_pages * (u32)(adj < 0 ? -adj : adj);

    u64_div(&part, OOM_ADJ_MAX);
    return adj < 0 ? -(s32)part : (s32)part;
}

s32 oom_badness(const struct oom_size *size, s32 adj, u32 total_pages)
{
    s32 points = (s32)(size->rss + size->swap + size->tables);

    if (adj == OOM_ADJ_MIN)
        return OOM_NEVER;
    return points + per_mille(adj, total_pages);
}

// 1000 is a task of no size; a third is taken off, so that 1000 extra per mille
// and all of memory make 2000.
u32 oom_scale(s32 badness, u32 total_pages)
{
    u64 part;
    s32 score;

    if (badness == OOM_NEVER)
        return 0;
    part = (u32)(badness < 0 ? -badness : badness);
    part *= 1000;
    u64_div(&part, total_pages ? total_pages : 1);
    score = (badness < 0 ? -(s32)part : (s32)part) + 1000;
    return score > 0 ? (u32)score * 2 / 3 : 0;
}

s32 oom_adj_from_old(s32 old)
{
    if (old == OOM_OLD_ADJ_MAX)
        return OOM_ADJ_MAX;
    return old * OOM_ADJ_MAX / -OOM_OLD_ADJ_NEVER;
}

s32 oom_adj_to_old(s32 adj)
{
    if (adj == OOM_ADJ_MAX)
        return OOM_OLD_ADJ_MAX;
    return adj * -OOM_OLD_ADJ_NEVER / OOM_ADJ_MAX;
}
