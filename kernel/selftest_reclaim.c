// kernel/selftest_reclaim.c - selftest=reclaim: what reclaim is made of
// SPDX-License-Identifier: MIT

#include "selftest_private.h"

#include <arch/cpu.h>
#include <mm/gfp_scope.h>
#include <mm/pagecache.h>
#include <mm/reclaim.h>
#include <mm/shrinker.h>
#include <mm/zone.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

static enum selftest_result test_scopes(void)
{
    u32 outer = memalloc_nofs_save(), inner;

    EXPECT(gfp_in_scope(GFP_KERNEL) == GFP_NOFS);
    inner = memalloc_noio_save();
    EXPECT(gfp_in_scope(GFP_KERNEL) == GFP_NOIO);
    EXPECT(gfp_in_scope(GFP_ATOMIC) == GFP_ATOMIC);
    EXPECT(gfp_in_scope(GFP_HIGHUSER) & GFP_ZONE_HIGHMEM);
    memalloc_noio_restore(inner);
    EXPECT(gfp_in_scope(GFP_KERNEL) == GFP_NOFS);
    memalloc_nofs_restore(outer);
    EXPECT(gfp_in_scope(GFP_KERNEL) == GFP_KERNEL);
    return SELFTEST_OK;
}

static u32 objects; // that the pretended cache holds

static u32 count_objects(void)
{
    return objects;
}

static u32 scan_objects(u32 want)
{
    objects -= want;
    return want;
}

static struct shrinker pretended = {
    .name = "selftest",
    .flags = SHRINKER_FS,
    .count = count_objects,
    .scan = scan_objects,
};

static enum selftest_result test_shrinker(void)
{
    shrinker_register(&pretended);
    objects = 1000;
    shrink_caches(10, 100, GFP_KERNEL);
    EXPECT(objects == 900);
    // Where it may not be done it is owed; less than one object, too.
    shrink_caches(10, 100, GFP_NOFS);
    EXPECT(objects == 900);
    shrink_caches(0, 100, GFP_KERNEL);
    EXPECT(objects == 810);
    for (u32 i = 0; i < 100; i++)
        shrink_caches(1, 100 * 810, GFP_KERNEL);
    EXPECT(objects == 809 || objects == 810);
    shrink_caches(5, 1, GFP_KERNEL); // never more than there are
    EXPECT(objects == 0);
    return SELFTEST_OK;
}

// ---- a write that does not end ---------------------------------------------

// More reclaims than it takes for all pages there are at boot.
#define RECLAIMS_MAX 64u

static int start_and_leave(struct mapping *mapping, struct page *page)
{
    (void)mapping;
    (void)page;
    return 0;
}

static const struct mapping_ops stalled_ops = {.writepage = start_and_leave};

// Reclaim that frees nothing says so, though a page is being written all the
// while: who wrote it may be waiting for memory.
static bool comes_to_nothing(void)
{
    for (u32 i = 0; i < RECLAIMS_MAX; i++)
        if (!reclaim_direct(ZONE_NORMAL, GFP_KERNEL, 0))
            return true;
    return false;
}

static enum selftest_result test_stalled_write(void)
{
    static struct mapping mapping;
    struct page *page;
    bool result;

    mapping_init(&mapping, &stalled_ops, NULL, PAGE_SIZE);
    EXPECT(mapping_grab_page(&mapping, 0, &page) == 0);
    page_mark_dirty(page);
    page_unlock(page);
    mapping_start_write(&mapping, 0, 0);
    EXPECT(page_test(page, PG_WRITEBACK));
    result = comes_to_nothing();
    page_write_done(page, 0);
    page_put(page);
    mapping_destroy(&mapping);
    EXPECT(result);
    return SELFTEST_OK;
}

// ---- the reserve -----------------------------------------------------------

// What who must not wait leaves of a zone: three eighths of the min mark, and
// what is kept from requests that could be met higher up.
static u32 atomic_floor(const struct zone *zone)
{
    u32 mark = zone->mark[MARK_MIN];

    mark -= mark / 2;
    return mark - mark / 4 + zone->reserve[ZONE_NORMAL];
}

// Frame by frame, linked by their lru. Return: how many.
static u32 take_all(struct list_head *taken)
{
    struct page *page;
    u32 count = 0;

    while ((page = page_alloc(GFP_ATOMIC | GFP_NOWARN))) {
        list_add(&page->lru, taken);
        count++;
    }
    return count;
}

static void give_all(struct list_head *taken)
{
    while (!list_empty(taken)) {
        struct page *page = list_first_entry(taken, struct page, lru);

        list_del(&page->lru);
        page_put(page);
    }
}

// Interrupts are off: nobody reclaims, nobody else takes or gives.
static enum selftest_result test_atomic(void)
{
    u32 flags = irq_save(), left[ZONES], taken_frames, before = 0, after = 0;
    LIST_HEAD(taken);

    zone_for_each (zone)
        before += zone->buddy.free_frames;
    taken_frames = take_all(&taken);
    zone_for_each (zone)
        left[zone->id] = zone->buddy.free_frames;
    give_all(&taken);
    zone_for_each (zone)
        after += zone->buddy.free_frames;
    irq_restore(flags);
    EXPECT(taken_frames > 0 && after == before);
    zone_for_each (zone) {
        if (zone->id > ZONE_NORMAL || !zone->managed)
            continue;
        log_info("atomic zone=%s left=%u floor=%u", zone->name, left[zone->id],
                 atomic_floor(zone));
        EXPECT(left[zone->id] >= atomic_floor(zone));
    }
    // To the last of them.
    EXPECT(left[ZONE_NORMAL] <= atomic_floor(&zones[ZONE_NORMAL]) + 1);
    return SELFTEST_OK;
}

enum selftest_result selftest_reclaim(void)
{
    enum selftest_result result = test_scopes();

    if (result == SELFTEST_OK)
        result = test_shrinker();
    if (result == SELFTEST_OK)
        result = test_stalled_write();
    return result == SELFTEST_OK ? test_atomic() : result;
}
