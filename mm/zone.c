// mm/zone.c - zones and the page allocator on top of the buddy lists
// SPDX-License-Identifier: MIT
//
// An allocation goes through up to four attempts, each asking less of the
// zones: above the low mark; (kswapd woken) above min, or part of min for who
// cannot wait; without any mark for who frees memory by it; and, for who can
// wait, reclaim and again, until reclaim finds nothing and the OOM killer has
// had its turn.
//
// Rejected: per-CPU hot lists. With one CPU and lists under irq_save they
// save little; to be measured before they are added.

#include <mm/zone.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <kernel/task.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <mm/gfp_scope.h>
#include <mm/highmem.h>
#include <mm/inject.h>
#include <mm/reclaim.h>
#include <mm/stat.h>

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

// How often a failed reclaim is repeated before the OOM killer is asked.
#define RECLAIM_RETRIES 8u

bool page_is_highmem(const struct page *page)
{
    return page_zone_id(page) == ZONE_HIGHMEM;
}

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

static u32 square_root(u32 n)
{
    u32 root = 0;

    for (u32 bit = 1u << 15; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= n)
            root |= bit;
    return root;
}

static u32 low_memory_pages(void)
{
    return zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed;
}

// min_free_kbytes: of low memory, shared out by size.
static u32 min_free_kib;

static u32 default_min_free_kib(void)
{
    u32 kib = square_root(low_memory_pages() * (PAGE_SIZE / KIB)) * 4;

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
        log_zone(zone);
    }
}

void zone_marks_init(void)
{
    min_free_kib = default_min_free_kib();
    set_marks();
    group_types();
}

bool zone_above(const struct zone *zone, u32 order, u32 mark,
                enum zone_id highest)
{
    u32 free = zone->buddy.free_frames;
    u32 want = mark + zone->reserve[highest] + (1u << order) - 1;

    if (free <= want)
        return false;
    // Large blocks: what lies in smaller ones is of no use.
    for (u32 o = 0; o < order; o++) {
        free -= zone->buddy.free_blocks[o] << o;
        mark >>= 1;
        if (free <= mark)
            return false;
    }
    return true;
}

static enum zone_id highest_zone(u32 gfp)
{
    if (gfp & GFP_ZONE_DMA)
        return ZONE_DMA;
    return gfp & GFP_ZONE_HIGHMEM ? ZONE_HIGHMEM : ZONE_NORMAL;
}

// What of the min mark a request must leave.
static u32 mark_for(const struct zone *zone, u32 gfp)
{
    u32 mark = zone->mark[MARK_MIN];

    if (gfp & GFP_HIGH)
        mark -= mark / 2;
    if (!(gfp & GFP_WAIT))
        mark -= mark / 4;
    return mark;
}

static enum migrate_type migrate_type(u32 gfp)
{
    static_assert(GFP_MOVABLE >> GFP_TYPE_SHIFT == MIGRATE_MOVABLE, "bits");
    static_assert(GFP_RECLAIMABLE >> GFP_TYPE_SHIFT == MIGRATE_RECLAIMABLE,
                  "bits");
    u32 type = gfp >> GFP_TYPE_SHIFT & 3u;

    ASSERT(type < MIGRATE_TYPES);
    return (enum migrate_type)type;
}

static struct page *zone_take(struct zone *zone, u32 gfp, u32 order)
{
    u32 flags = irq_save();
    struct page *page = buddy_alloc(&zone->buddy, order, migrate_type(gfp));

    irq_restore(flags);
    if (!page)
        return NULL;
    ASSERT((page->refcount | page->mapcount) == 0);
    for (struct page *p = page; p < page + (1u << order); p++) {
        p->flags = (p->flags & PAGE_ZONE_MASK) | PAGE_STATE_KERNEL;
        p->owner = NULL;
        p->index = 0;
        p->private = 0;
    }
    page->refcount = 1;
    page->private = order;
    page->index = gfp >> GFP_OWNER_SHIFT & GFP_OWNER_MASK;
    vm_count_many(VM_PGALLOC_DMA + (u32)zone->id, 1u << order);
    return page;
}

enum alloc_mark {
    ALLOC_LOW,
    ALLOC_MIN,
    ALLOC_ANY
};

static struct page *try_zones(u32 gfp, u32 order, enum alloc_mark how)
{
    enum zone_id highest = highest_zone(gfp);

    for (s32 id = (s32)highest; id >= 0; id--) {
        struct zone *zone = &zones[id];
        struct page *page;

        if (how == ALLOC_LOW &&
            !zone_above(zone, order, zone->mark[MARK_LOW], highest))
            continue;
        if (how == ALLOC_MIN &&
            !zone_above(zone, order, mark_for(zone, gfp), highest))
            continue;
        page = zone_take(zone, gfp, order);
        if (page)
            return page;
    }
    return NULL;
}

static bool may_use_reserve(u32 gfp)
{
    if (gfp & GFP_MEMALLOC)
        return true;
    if (irq_context())
        return false;
    return current->flags & (TF_MEMALLOC | TF_OOM_VICTIM);
}

// No zone is above its mark: make room, or find out that there is none.
static struct page *alloc_slow(u32 gfp, u32 order)
{
    enum zone_id highest = highest_zone(gfp);
    struct page *page;
    u32 failures = 0;

    kswapd_wake(highest, order);
    page = try_zones(gfp, order, ALLOC_MIN);
    if (page)
        return page;
    if (may_use_reserve(gfp)) {
        page = try_zones(gfp, order, ALLOC_ANY);
        if (page || !(gfp & GFP_WAIT) || (current->flags & TF_MEMALLOC))
            return page;
    }
    if (!(gfp & GFP_WAIT))
        return NULL;

    for (;;) {
        bool progress;

        vm_count(VM_ALLOCSTALL);
        progress = reclaim_direct(highest, gfp, order);
        page = try_zones(gfp, order, ALLOC_MIN);
        if (page)
            return page;
        if (may_use_reserve(gfp))
            return try_zones(gfp, order, ALLOC_ANY);
        if (task_fatal_pending(current) || (gfp & GFP_NORETRY) || order > 3)
            return NULL;
        failures = progress ? 0 : failures + 1;
        if (failures > RECLAIM_RETRIES) {
            if (!(gfp & GFP_IO) || !oom_kill(highest, order))
                return NULL;
            failures = 0;
        }
    }
}

struct page *page_alloc_order(u32 gfp, u32 order)
{
    struct page *page;

    ASSERT(order < BUDDY_ORDERS);
    if (gfp & GFP_WAIT)
        might_sleep();
    gfp = gfp_in_scope(gfp);
    if (inject_fails(inject_page_class(gfp), gfp, CALLER_ADDRESS))
        return NULL;
    page = try_zones(gfp, order, ALLOC_LOW);
    if (unlikely(!page))
        page = alloc_slow(gfp, order);
    if (unlikely(!page)) {
        if (!(gfp & GFP_NOWARN))
            log_warn("no memory: order=%u gfp=%#x free=%u,%u,%u", order, gfp,
                     zones[0].buddy.free_frames, zones[1].buddy.free_frames,
                     zones[2].buddy.free_frames);
        return NULL;
    }
    if (gfp & GFP_ZERO)
        for (u32 i = 0; i < 1u << order; i++)
            page_clear_content(&page[i]);
    return page;
}

void page_free_order(struct page *page, u32 order)
{
    struct zone *zone = page_zone(page);
    u32 flags;

    // Few instructions: this is on the way of every frame.
    ASSERT((u32)page->refcount <= 1 && page->mapcount == 0);
    ASSERT(
        !(page->flags & (1u << PG_LRU | 1u << PG_LOCKED | 1u << PG_SWAPCACHE)));
    static_assert(PAGE_STATE_RESERVED == 0 && PAGE_STATE_FREE == 1, "below");
    ASSERT(page_state(page) > PAGE_STATE_FREE);
    page->refcount = 0;
    for (struct page *p = page; p < page + (1u << order); p++) {
        p->flags = (p->flags & PAGE_ZONE_MASK) | PAGE_STATE_FREE;
        p->owner = NULL;
    }
    flags = irq_save();
    buddy_free(&zone->buddy, page, order);
    zone->failed_scans = 0;
    irq_restore(flags);
    vm_count_many(VM_PGFREE, 1u << order);
}

void page_put(struct page *page)
{
    u32 flags = irq_save();

    ASSERT(page->refcount > 0);
    if (--page->refcount == 0) {
        lru_remove(page);
        irq_restore(flags);
        page_free_order(page, 0);
        return;
    }
    irq_restore(flags);
}

void *page_alloc_lowmem(u32 gfp, u32 order)
{
    struct page *page;

    ASSERT(!(gfp & GFP_ZONE_HIGHMEM));
    page = page_alloc_order(gfp, order);
    return page ? page_address(page) : NULL;
}

void page_free_lowmem(void *addr, u32 order)
{
    page_free_order(virt_to_page(addr), order);
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
