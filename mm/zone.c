// mm/zone.c - zones: what frames they have, their marks and reserves
// SPDX-License-Identifier: MIT
//
// mm/page_alloc.c takes frames out of them. See zone.h for what the marks and
// reserves mean.

#include <mm/zone.h>

#include <base/errno.h>
#include <lib/div64.h>
#include <lib/sqrt.h>
#include <lib/string.h>
#include <mm/reclaim.h>

#define LOG_NAME "zone"
#include <kernel/log.h>

struct zone zones[ZONES] = {
    [ZONE_DMA] = {.name = "DMA", .id = ZONE_DMA},
    [ZONE_NORMAL] = {.name = "Normal", .id = ZONE_NORMAL},
    [ZONE_HIGHMEM] = {.name = "HighMem", .id = ZONE_HIGHMEM},
};

struct page *mem_map;
u32 mem_map_frames;

// The migrate type of each pageblock, up to 64 GiB.
#define FRAMES_MAX (1u << (36 - PAGE_SHIFT))
static u8 block_types[FRAMES_MAX / BUDDY_BLOCK_FRAMES];

// Kept apart only if each type can have this many pageblocks.
#define BLOCKS_PER_TYPE 8u

// Frames of a zone that requests of higher classes leave alone: the managed
// frames above, divided by this.
static u32 reserve_ratio[ZONES] = {
    [ZONE_DMA] = 256, [ZONE_NORMAL] = 32, [ZONE_HIGHMEM] = 1};

#define MIN_FREE_KIB_LEAST 128u

void zone_init(enum zone_id id, u32 first, u32 end)
{
    struct zone *zone = &zones[id];

    // Pageblocks belong to one zone.
    ASSERT(first == end || IS_ALIGNED(first, BUDDY_BLOCK_FRAMES));
    ASSERT(end <= FRAMES_MAX);
    buddy_init(&zone->buddy, mem_map, block_types, first, end - first);
    for (u32 i = 0; i < LRU_LISTS; i++)
        list_init(&zone->lru[i]);
    for (u32 n = first; n < end; n++)
        mem_map[n].flags = PAGE_STATE_RESERVED | (u32)id << PAGE_ZONE_SHIFT;
}

void zone_add(enum zone_id id, u32 first, u32 end)
{
    struct zone *zone = &zones[id];

    for (u32 n = first; n < end; n++) {
        ASSERT(page_state(&mem_map[n]) == PAGE_STATE_RESERVED);
        page_set_state(&mem_map[n], PAGE_STATE_FREE);
        mem_map[n].refcount = 0;
    }
    buddy_add_range(&zone->buddy, first, end);
    zone->managed += end - first;
}

static u32 lowmem_mark(const struct zone *zone, u32 low_pages, u32 min_pages)
{
    u64 mark = (u64)min_pages * zone->managed;

    u64_div(&mark, max(low_pages, 1u));
    return (u32)mark;
}

static u32 highmem_mark(const struct zone *zone)
{
    u32 mark = max(zone->managed / 1024, 32u);

    return zone->managed ? min(mark, 128u) : 0;
}

static void log_zone(const struct zone *zone)
{
    log_info("zone=%s pfn=%u-%u managed=%u min=%u low=%u high=%u "
             "reserve=%u,%u",
             zone->name, zone->buddy.base,
             zone->buddy.base + zone->buddy.frames, zone->managed,
             zone->mark[MARK_MIN], zone->mark[MARK_LOW], zone->mark[MARK_HIGH],
             zone->reserve[ZONE_NORMAL], zone->reserve[ZONE_HIGHMEM]);
}

static u32 low_memory_pages(void)
{
    return zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed;
}

// min_free_kbytes: of low memory, shared out by size.
static u32 min_free_kib;

static u32 default_min_free_kib(void)
{
    u32 kib = u32_sqrt(low_memory_pages() * (PAGE_SIZE / KIB)) * 4;

    return min(max(kib, MIN_FREE_KIB_LEAST), 65536u);
}

static void group_types(void)
{
    u32 blocks = 0;

    zone_for_each (zone)
        blocks += zone->managed / BUDDY_BLOCK_FRAMES;
    if (blocks < BLOCKS_PER_TYPE * MIGRATE_TYPES) {
        log_info("pageblocks=%u: too few to keep migrate types apart", blocks);
        return;
    }
    zone_for_each (zone)
        buddy_group(&zone->buddy);
}

static void set_marks(void)
{
    u32 low_pages = low_memory_pages();
    u32 min_pages = min_free_kib / (PAGE_SIZE / KIB);

    zone_for_each (zone) {
        u32 above = 0, mark = zone->id == ZONE_HIGHMEM
                                  ? highmem_mark(zone)
                                  : lowmem_mark(zone, low_pages, min_pages);

        zone->mark[MARK_MIN] = mark;
        zone->mark[MARK_LOW] = mark + mark / 4;
        zone->mark[MARK_HIGH] = mark + mark / 2;
        for (u32 id = (u32)zone->id + 1; id < ZONES; id++) {
            above += zones[id].managed;
            zone->reserve[id] =
                reserve_ratio[zone->id] ? above / reserve_ratio[zone->id] : 0;
        }
        for (u32 id = 0; id < ZONES; id++)
            zone->low_free[id] = zone->mark[MARK_LOW] + zone->reserve[id];
        log_zone(zone);
    }
}

void zone_marks_init(void)
{
    min_free_kib = default_min_free_kib();
    set_marks();
    group_types();
}

u32 zone_min_free(void)
{
    return min_free_kib;
}

int zone_set_min_free(u32 kib)
{
    // Half of low memory is what somebody should be able to work with.
    if (kib < MIN_FREE_KIB_LEAST ||
        kib / (PAGE_SIZE / KIB) > low_memory_pages() / 2)
        return -EINVAL;
    min_free_kib = kib;
    set_marks();
    kswapd_wake(ZONE_HIGHMEM, 0); // the marks may be above what is free now
    return 0;
}

void zone_reserve_ratio(u32 *ratios)
{
    memcpy(ratios, reserve_ratio, sizeof(reserve_ratio));
}

void zone_set_reserve_ratio(const u32 *ratios)
{
    memcpy(reserve_ratio, ratios, sizeof(reserve_ratio));
    set_marks();
}
