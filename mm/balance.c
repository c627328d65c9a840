// mm/balance.c - how much of which list reclaim looks at [P]
// SPDX-License-Identifier: MIT
//
// The rules are Linux 6.1's. Its costs are sums of pages with the past decayed;
// so are these, for each zone, since ours have the lists.

#include <mm/balance.h>

#include <base/bits.h>
#include <lib/div64.h>
#include <lib/sqrt.h>

#define PAGES_PER_GIB_SHIFT 18u
#define COST_PART           4u // of the lists: beyond it the past is halved
// Shares are of this order whatever the costs are.
#define SHARE_SCALE 1024u

u32 balance_inactive_ratio(u32 pages)
{
    u32 gib = pages >> PAGES_PER_GIB_SHIFT;

    return gib ? u32_sqrt(10 * gib) : 1;
}

void balance_note(struct balance_cost *cost, bool is_file, u32 pages,
                  u32 lru_pages)
{
    if (is_file)
        cost->file += pages;
    else
        cost->anon += pages;
    while (cost->anon + cost->file > lru_pages / COST_PART &&
           cost->anon + cost->file > 1) {
        cost->anon /= 2;
        cost->file /= 2;
    }
}

static u32 share_of(u32 willing, u32 cost, u32 total)
{
    u64 share = (u64)willing * SHARE_SCALE * (total + 1);

    u64_div(&share, cost + 1);
    u64_div(&share, SWAPPINESS_MAX);
    return (u32)share;
}

void balance_share(const struct balance_cost *cost, u32 swappiness,
                   struct balance_share *out_share)
{
    u32 both = cost->anon + cost->file;
    u32 total = 3 * both;

    out_share->anon = share_of(swappiness, both + cost->anon, total);
    out_share->file =
        share_of(SWAPPINESS_MAX - swappiness, both + cost->file, total);
}

u32 balance_part(u32 pages, u32 part, u32 whole)
{
    u64 share = (u64)pages * part;
    u32 rest = u64_div(&share, whole);

    return (u32)share + (rest > 0);
}
