// mm/reclaim_private.h - what the parts of reclaim share
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/zone.h>

#define PRIORITY_START 12u // one page in 2^12 of a list; down to 0: all
#define RECLAIM_BATCH  32u // pages looked at in one go, and wanted at least

// Why pages that were looked at stayed, each counted once: as SKIPPED of the
// trace has it (kernel/trace_records.def).
struct skipped {
    u32 used, dirty, locked, no_slot, busy;
};

// One reclaim, on behalf of one who is short of memory, or of kswapd.
struct scan {
    enum zone_id highest; // zones above are of no use to him
    u32 gfp;              // what he may do
    bool kswapd;
    bool take_used; // not only what was not used lately
    u32 priority;
    u32 target;    // pages; then it is enough
    u32 scanned;   // since the caches were last asked to shrink
    u32 reclaimed; // pages
    u32 stalls;    // waits in which no write was done
    u32 dirty;     // of files, met since the last throttle, and not written yet
    u32 round_dirty, round_written; // in this batch: of files; to swap
    u32 looked_at, stolen;          // as PGSCAN and PGSTEAL count; and the rest
    struct skipped skipped;
};

// What becomes of a page that was looked at.
enum page_fate {
    FATE_KEEP,     // back to the inactive list
    FATE_ACTIVATE, // to the active list
    FATE_FREE,     // our reference is the last
};

// shrink_page - decide, and do what can be done about one page, which is on no
// list and held by the caller (mm/reclaim_page.c). May sleep for a transfer.
enum page_fate shrink_page(struct page *page, struct scan *scan);

// scan_trace - RECLAIM and SKIPPED: what has been done since the last time, or
// since @scan began, which was at @start (0: not traced).
void scan_trace(struct scan *scan, u64 start);

// shrink_zone - look at a share of the lists of @zone that is the priority's;
// stops when the target is reached (mm/reclaim_lists.c).
void shrink_zone(struct zone *zone, struct scan *scan);

// lru_take_tail - take up to @want pages off the tail of a list, each with a
// reference. lru_put_back - the reverse; pages that are nobody's any more are
// freed.
u32 lru_take_tail(struct zone *zone, enum lru_list list, u32 want,
                  struct page **pages);
void lru_put_back(struct page *page, enum lru_list from);

// shrink_slabs - the caches, at the pace of the lists. Counts what it freed.
void shrink_slabs(struct scan *scan);

// zone_hopeless - it was looked through several times, and nothing could be
// freed. Over when a page of it is freed.
bool zone_hopeless(const struct zone *zone);

// reclaim_throttle - writes are what is waited for: until one is done, or for
// 100 ms; not again when that was in vain a few times. Return: false: killed
// meanwhile.
bool reclaim_throttle(struct scan *scan);
