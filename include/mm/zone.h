// include/mm/zone.h - zones: kinds of frames, their marks and LRU lists
// SPDX-License-Identifier: MIT
//
// DMA below 16 MiB, Normal up to the end of the direct map, HighMem above.
// A request names the highest zone it can use; it is served from there
// downwards. Lower zones keep `reserve` frames more from requests that could
// have used a higher one, so that user pages cannot eat the memory that only
// the kernel can use.
//
// Marks, in free frames: below low, kswapd is woken; it works until high; below
// min only those who free memory, or may not wait, get anything.
//
// Locking: free lists and LRU lists are touched with interrupts off.
#pragma once

#include <mm/balance.h>
#include <mm/buddy.h>
#include <mm/page_alloc.h>

enum zone_mark {
    MARK_MIN,
    MARK_LOW,
    MARK_HIGH,
    MARKS
};

enum lru_list {
    LRU_INACTIVE_ANON,
    LRU_ACTIVE_ANON,
    LRU_INACTIVE_FILE,
    LRU_ACTIVE_FILE,
    LRU_UNEVICTABLE, // locked in memory: reclaim does not look at it
    LRU_LISTS
};
#define LRU_EVICTABLE_LISTS LRU_UNEVICTABLE // those before it

struct zone {
    struct buddy buddy; // base, frames: what the zone spans
    const char *name;
    enum zone_id id;
    u32 present; // frames of RAM, those that the firmware keeps left out
    u32 managed; // frames given to the buddy allocator, ever
    u32 mark[MARKS];
    u32 reserve[ZONES];  // [class]: kept from requests of that class
    u32 low_free[ZONES]; // mark[MARK_LOW] + reserve[class]
    struct list_head lru[LRU_LISTS]; // newest first
    u32 lru_pages[LRU_LISTS];
    u32 failed_scans; // pages scanned since one was freed
    // mm/reclaim_lists.c, mm/workingset.c:
    struct balance_cost cost;
    u32 age; // pages that left the inactive lists, see mm/refault.h
    u32 refaults_seen[2]; // of anonymous pages, of files
};

extern struct zone zones[ZONES];

#define zone_for_each(zone)                                                    \
    for (struct zone *zone = zones; zone < zones + ZONES; zone++)

static inline struct zone *page_zone(const struct page *page)
{
    return &zones[page_zone_id(page)];
}

// zone_above - whether the free frames of @zone are above @mark for a request
// of 2^@order by class @highest. Any context.
bool zone_above(const struct zone *zone, u32 order, u32 mark,
                enum zone_id highest);

// zone_init - before any frame is added. zone_add - frames [first, end), all
// inside the zone, become free. zone_marks_init - after the last zone_add.
void zone_init(enum zone_id id, u32 first, u32 end);
void zone_add(enum zone_id id, u32 first, u32 end);
void zone_marks_init(void);

// What vm.min_free_kbytes and vm.lowmem_reserve_ratio are, one ratio per zone
// (0: keep nothing). Setting recomputes marks and reserves of all zones.
// Return: 0; -EINVAL: less than anything works with, or over half of low
// memory. Context: task.
u32 zone_min_free(void);
__must_check int zone_set_min_free(u32 kib);
void zone_reserve_ratio(u32 *ratios);
void zone_set_reserve_ratio(const u32 *ratios);

// LRU lists (mm/reclaim.c). A page on a list has PG_LRU; the lists hold no
// reference. Any context.
void lru_add(struct page *page);        // at the head, active if PG_ACTIVE
void lru_add_tail(struct page *page);   // next to be looked at
void lru_remove(struct page *page);     // no-op when it is on none
void lru_activate(struct page *page);   // to the active list
void lru_rotate(struct page *page);     // to the tail of the inactive list
void lru_deactivate(struct page *page); // to the head of the inactive list

// Pages that must stay (PG_MLOCKED, or of a mapping that is unevictable) are
// put on LRU_UNEVICTABLE by all of these.
// lru_mlock, lru_munlock - @page is (not) mapped by a VM_LOCKED area any more:
// PG_MLOCKED, its count, its list. No-op when it is so already.
// lru_lazyfree - @page, anonymous, clean and of no slot, is not wanted any
// more: to the inactive list of files. lru_unlazyfree - @page, off the lists,
// is. lru_refresh - mapping->unevictable has changed: to the list where it
// belongs.
void lru_mlock(struct page *page);
void lru_munlock(struct page *page);
void lru_lazyfree(struct page *page);
void lru_unlazyfree(struct page *page);
void lru_refresh(struct page *page);

// lru_isolate - take @page off its list, with a reference for the caller.
// Return: false: it is on none, or unevictable.
__must_check bool lru_isolate(struct page *page);

// lru_isolate_tail - the same for up to @want pages of a list that is not that
// of the unevictable ones, from its tail. Return: how many.
u32 lru_isolate_tail(struct zone *zone, enum lru_list list, u32 want,
                     struct page **pages);

// lru_note_cost - reclaiming @pages of that kind was in vain, or was not free.
void lru_note_cost(struct zone *zone, bool is_file, u32 pages);

// zone_reclaimable_pages - pages of @zone that reclaim may take, as far as
// there is room in swap (mm/reclaim_lists.c).
u32 zone_reclaimable_pages(const struct zone *zone);

// lru_mark_accessed - used through a system call: inactive, unreferenced ->
// referenced -> active.
void lru_mark_accessed(struct page *page);
