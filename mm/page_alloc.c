// mm/page_alloc.c - the page allocator on top of the zones' buddy lists
// SPDX-License-Identifier: MIT
//
// An allocation goes through up to four attempts, each asking less of the
// zones: above the low mark; (kswapd woken) above min, or part of min for who
// cannot wait; without any mark for who frees memory by it; and, for who can
// wait, reclaim and again, until reclaim finds nothing and the OOM killer has
// had its turn.
//
// Single frames are taken from those freed last, which have not merged with
// their buddies yet (mm/buddy.h): docs/performance.md has what that saves.

#include <mm/page_alloc.h>

#include <arch/cpu.h>
#include <kernel/irq.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <mm/gfp_scope.h>
#include <mm/highmem.h>
#include <mm/inject.h>
#include <mm/oom.h>
#include <mm/reclaim.h>
#include <mm/stat.h>
#include <mm/swap_cache.h>
#include <mm/zone.h>

#define LOG_NAME "zone"
#include <kernel/log.h>

// How often a failed reclaim is repeated before the OOM killer is asked.
#define RECLAIM_RETRIES 16u // each may have waited 0.4 s for a write: 7 s

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

// By the two zone bits of the flags.
static enum zone_id highest_zone(u32 gfp)
{
    static const u8 highest[] = {
        [0] = ZONE_NORMAL,
        [GFP_ZONE_DMA] = ZONE_DMA,
        [GFP_ZONE_HIGHMEM] = ZONE_HIGHMEM,
        [GFP_ZONE_DMA | GFP_ZONE_HIGHMEM] = ZONE_DMA,
    };

    return (enum zone_id)highest[gfp & (GFP_ZONE_DMA | GFP_ZONE_HIGHMEM)];
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

// A block becomes its owner's. All its frames are in one zone, so that their
// flags are the same.
static __always_inline void prepare(struct page *page, u32 gfp, u32 order)
{
    u32 flags = (page->flags & PAGE_ZONE_MASK) | PAGE_STATE_KERNEL;

    ASSERT((page->refcount | page->mapcount) == 0);
#if !FAULTLINE_DEBUG // with its checks the compiler refuses
#pragma GCC unroll 8
#endif
    for (struct page *p = page; p < page + (1u << order); p++) {
        p->flags = flags;
        p->owner = NULL;
        p->index = 0;
        p->private = 0;
    }
    page->refcount = 1;
    page->private = order;
    page->index = gfp >> GFP_OWNER_SHIFT & GFP_OWNER_MASK;
}

// Inline: for order 0, known when it is compiled, little is left.
static __always_inline struct page *zone_take(struct zone *zone, u32 gfp,
                                              u32 order)
{
    enum migrate_type type = migrate_type(gfp);
    u32 flags = irq_save();
    struct page *page = order ? buddy_alloc(&zone->buddy, order, type)
                              : buddy_alloc_frame(&zone->buddy, type);

    irq_restore(flags);
    if (unlikely(!page))
        return NULL;
    prepare(page, gfp, order);
    vm_count_many(VM_PGALLOC_DMA + (u32)zone->id, 1u << order);
    return page;
}

enum alloc_mark {
    ALLOC_LOW,
    ALLOC_MIN,
    ALLOC_ANY
};

static __noinline struct page *try_zones(u32 gfp, u32 order,
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

// One frame of a zone that is above its low mark: most of all allocations.
static __always_inline struct page *try_frame(u32 gfp)
{
    u32 highest = highest_zone(gfp);

    struct zone *zone = &zones[highest];

    do {
        struct page *page;

        if (unlikely(zone->buddy.free_frames <= zone->low_free[highest]))
            continue;
        page = zone_take(zone, gfp, 0);
        if (likely(page))
            return page;
    } while (zone-- > zones);
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

static void merge_hot_frames(void)
{
    u32 flags = irq_save();

    zone_for_each (zone)
        (void)buddy_merge_hot(&zone->buddy, BUDDY_HOT_MAX);
    irq_restore(flags);
}

// No zone is above its mark: make room, or find out that there is none.
static struct page *alloc_slow(u32 gfp, u32 order)
{
    enum zone_id highest = highest_zone(gfp);
    struct oom_request request = {gfp, order, highest, 0};
    struct page *page;
    u32 failures = 0;

    kswapd_wake(highest, order);
    if (order > 0) // the marks count blocks as they are
        merge_hot_frames();
    page = try_zones(gfp, order, ALLOC_MIN);
    if (page)
        return page;
    reclaim_note_min(highest);
    if (may_use_reserve(gfp)) {
        page = try_zones(gfp, order, ALLOC_ANY);
        if (page || !(gfp & GFP_WAIT) || (current->flags & TF_MEMALLOC))
            return page;
    }
    if (!(gfp & GFP_WAIT))
        return NULL;

    for (;;) {
        bool progress;

        progress = reclaim_direct(highest, gfp, order);
        page = try_zones(gfp, order, ALLOC_MIN);
        if (page)
            return page;
        if (may_use_reserve(gfp))
            return try_zones(gfp, order, ALLOC_ANY);
        if (task_fatal_pending(current) || (gfp & GFP_NORETRY) || order > 3 ||
            swapoff_check() == -ENOMEM)
            return NULL;
        failures = progress ? 0 : failures + 1;
        if (failures > RECLAIM_RETRIES ||
            (!progress && !reclaim_could_help(highest))) {
            if ((current->flags & TF_NO_OOM) || !oom_kill(&request))
                return NULL;
            request.rounds++;
            failures = 0;
        }
    }
}

static void clear_block(struct page *page, u32 order)
{
    for (u32 i = 0; i < 1u << order; i++)
        page_clear_content(&page[i]);
}

// What the caller's context leaves of @gfp.
static inline u32 allowed(u32 gfp)
{
    if (!(gfp & GFP_WAIT))
        return gfp;
    might_sleep();
    return gfp_in_scope(gfp);
}

// No zone is above its low mark. Return: a block, cleared if @gfp says so;
// NULL.
static __noinline struct page *alloc_hard(u32 gfp, u32 order)
{
    struct page *page = alloc_slow(gfp, order);

    if (!page && !(gfp & GFP_NOWARN) && !task_fatal_pending(current))
        log_warn("no memory: order=%u gfp=%#x free=%u,%u,%u", order, gfp,
                 zones[0].buddy.free_frames, zones[1].buddy.free_frames,
                 zones[2].buddy.free_frames);
    if (page && (gfp & GFP_ZERO))
        clear_block(page, order);
    return page;
}

static __always_inline struct page *take_frame(u32 gfp)
{
    struct page *page = try_frame(gfp);

    if (unlikely(!page))
        return alloc_hard(gfp, 0);
    if (gfp & GFP_ZERO)
        page_clear_content(page);
    return page;
}

static struct page *take_block(u32 gfp, u32 order)
{
    struct page *page = try_zones(gfp, order, ALLOC_LOW);

    if (unlikely(!page))
        return alloc_hard(gfp, order);
    if (gfp & GFP_ZERO)
        clear_block(page, order);
    return page;
}

// ---- watched: by fault injection, by the trace ------------------------------

// For both there is one test on the way of an allocation.
u32 page_alloc_watchers;

void page_alloc_watch(enum page_alloc_watcher who, bool on)
{
    u32 flags = irq_save();

    if (on)
        page_alloc_watchers |= who;
    else
        page_alloc_watchers &= ~(u32)who;
    irq_restore(flags);
}

static __always_inline void trace_alloc(const struct page *page, u32 gfp,
                                        u32 order)
{
    if (page && trace_on(page))
        trace_write(TRACE_ALLOC, page_to_pfn(page).v, gfp,
                    order | page_zone_id(page) << TRACE_ZONE_SHIFT, 0, 0);
}

// @classes: of injection, besides that of the flags.
static __noinline struct page *frame_watched(u32 gfp, u32 classes, u32 caller)
{
    struct page *page;

    if (unlikely(inject_enabled) &&
        ((classes && inject_check(classes, gfp, caller)) ||
         inject_check(inject_page_class(gfp), gfp, caller)))
        return NULL;
    page = take_frame(gfp);
    trace_alloc(page, gfp, 0);
    return page;
}

static __noinline struct page *block_watched(u32 gfp, u32 order, u32 caller)
{
    struct page *page;

    if (inject_fails(inject_page_class(gfp), gfp, caller))
        return NULL;
    page = take_block(gfp, order);
    trace_alloc(page, gfp, order);
    return page;
}

// ----------------------------------------------------------------------------

static __always_inline struct page *alloc_frame(u32 gfp, u32 classes,
                                                u32 caller)
{
    gfp = allowed(gfp);
    if (unlikely(page_alloc_watchers))
        return frame_watched(gfp, classes, caller);
    return take_frame(gfp);
}

struct page *page_alloc(u32 gfp)
{
    return alloc_frame(gfp, 0, CALLER_ADDRESS);
}

struct page *page_alloc_table(u32 caller)
{
    return alloc_frame(GFP_KERNEL | GFP_ZERO, INJECT_TABLE, caller);
}

struct page *page_alloc_order(u32 gfp, u32 order)
{
    ASSERT(order < BUDDY_ORDERS);
    if (order == 0)
        return page_alloc(gfp);
    gfp = allowed(gfp);
    if (unlikely(page_alloc_watchers))
        return block_watched(gfp, order, CALLER_ADDRESS);
    return take_block(gfp, order);
}

void *page_alloc_lowmem(u32 gfp, u32 order)
{
    struct page *page;

    ASSERT(!(gfp & GFP_ZONE_HIGHMEM));
    page = page_alloc_order(gfp, order);
    return page ? page_address(page) : NULL;
}
