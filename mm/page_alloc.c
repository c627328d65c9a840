// mm/page_alloc.c - the page allocator on top of the zones' buddy lists
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

#include <mm/page_alloc.h>

#include <arch/cpu.h>
#include <kernel/irq.h>
#include <kernel/task.h>
#include <mm/gfp_scope.h>
#include <mm/highmem.h>
#include <mm/inject.h>
#include <mm/reclaim.h>
#include <mm/stat.h>
#include <mm/zone.h>

#define LOG_NAME "zone"
#include <kernel/log.h>

// How often a failed reclaim is repeated before the OOM killer is asked.
#define RECLAIM_RETRIES 8u

bool page_is_highmem(const struct page *page)
{
    return page_zone_id(page) == ZONE_HIGHMEM;
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

// Inline, so that the first attempt has no trace of the others.
static __always_inline struct page *try_with(u32 gfp, u32 order,
                                             enum alloc_mark how)
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

static __noinline struct page *try_zones(u32 gfp, u32 order,
                                         enum alloc_mark how)
{
    return try_with(gfp, order, how);
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
    page = try_with(gfp, order, ALLOC_LOW);
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
