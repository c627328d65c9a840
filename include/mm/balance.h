// include/mm/balance.h - how much of which list reclaim looks at [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define SWAPPINESS_MAX 200u

// balance_inactive_ratio - how many times the inactive pages the active ones of
// @pages, both together, may be: 1 below 1 GiB, then the root of 10 per GiB.
u32 balance_inactive_ratio(u32 pages);

static inline bool balance_inactive_is_low(u32 inactive, u32 active)
{
    return (u64)inactive * balance_inactive_ratio(inactive + active) < active;
}

// What reclaiming from either kind of page has cost a zone lately: pages that
// were written, came back, or were looked at in vain.
struct balance_cost {
    u32 anon, file;
};

// balance_note - @pages more. The past counts half once both together are more
// than a quarter of the @lru_pages of the zone.
void balance_note(struct balance_cost *cost, bool is_file, u32 pages,
                  u32 lru_pages);

// balance_share - parts of the effort for anonymous pages and for files: by
// swappiness (0-200, of 200), and against what it has cost. Both have at least
// a third of the costs counted against them, so that neither is forgotten.
struct balance_share {
    u32 anon, file; // of anon + file, which is not 0
};
void balance_share(const struct balance_cost *cost, u32 swappiness,
                   struct balance_share *out_share);

// balance_part - @pages * @part / @whole (not 0), rounded up if there is a part
// at all.
u32 balance_part(u32 pages, u32 part, u32 whole);
