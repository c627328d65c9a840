// kernel/selftest_census.c - selftest=census, drift: does it find what is wrong
// SPDX-License-Identifier: MIT
//
// One number after the other is made wrong and then right again; the census has
// to name it each time, and be content before and after. `drift` leaves one
// wrong: whatever looks at the census afterwards has to complain.

#include "selftest_private.h"

#include <lib/string.h>
#include <mm/census.h>
#include <mm/owner.h>
#include <mm/slab.h>
#include <mm/zone.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

static struct page *cached_page, *stack_page;

static struct page *find_page(bool (*fits)(const struct page *page))
{
    for (u32 n = 0; n < mem_map_frames; n++)
        if (fits(&mem_map[n]))
            return &mem_map[n];
    return NULL;
}

static bool is_cached(const struct page *page)
{
    return page_state(page) == PAGE_STATE_CACHE && page_test(page, PG_LRU);
}

static bool is_stack(const struct page *page)
{
    return page_state(page) == PAGE_STATE_KERNEL && page->index == OWNER_STACK;
}

static void wrong_refcount(s32 by)
{
    cached_page->refcount += by;
}

static void wrong_mapcount(s32 by)
{
    cached_page->mapcount += by;
}

static void wrong_index(s32 by)
{
    cached_page->index += (u32)by * 1000;
}

static void wrong_owner(s32 by)
{
    stack_page->index += (u32)by * (OWNER_EXEC - OWNER_STACK);
}

static void wrong_free(s32 by)
{
    zones[ZONE_NORMAL].buddy.free_frames += (u32)by;
}

static void wrong_lru(s32 by)
{
    page_zone(cached_page)->lru_pages[LRU_ACTIVE_ANON] += (u32)by;
}

static void wrong_book(enum page_owner owner, s32 by)
{
    if (by > 0)
        owner_take(owner, (u32)by);
    else
        owner_give(owner, (u32)-by);
}

static void wrong_other(s32 by)
{
    wrong_book(OWNER_OTHER, by);
}

static void wrong_kmalloc(s32 by)
{
    wrong_book(OWNER_KMALLOC, by);
}

static void wrong_vmalloc(s32 by)
{
    wrong_book(OWNER_VMALLOC, by);
}

static void wrong_stacks(s32 by)
{
    wrong_book(OWNER_STACK, by);
}

static void wrong_dma(s32 by)
{
    wrong_book(OWNER_DMA, by);
}

static void wrong_pipes(s32 by)
{
    wrong_book(OWNER_PIPE, by);
}

static const struct {
    void (*damage)(s32 by); // by 1, and then by -1
    const char *line;       // how the line that tells it ends
} cases[] = {
    {wrong_refcount, "frames.bad_refcount"},
    {wrong_mapcount, "frames.bad_mapcount"},
    {wrong_index, "frames.not_in_cache"},
    {wrong_owner, "frames.bad_owner"},
    {wrong_free, "zone.Normal.buddy_broken"},
    {wrong_lru, ".active_anon"},
    {wrong_other, "kernel.other"},
    {wrong_kmalloc, "kernel.kmalloc"},
    {wrong_vmalloc, "kernel.vmalloc"},
    {wrong_stacks, "kernel.stacks"},
    {wrong_dma, "kernel.dma"},
    {wrong_pipes, "kernel.pipes"},
};

static bool ends_with(const char *text, const char *end)
{
    size_t bytes = strlen(text), tail = strlen(end);

    return bytes >= tail && strcmp(text + bytes - tail, end) == 0;
}

static bool names(const struct census *census, const char *line)
{
    for (u32 i = 0; i < census->count; i++)
        if (census->lines[i].verdict == CENSUS_MISMATCH &&
            ends_with(census->lines[i].name, line))
            return true;
    return false;
}

static enum selftest_result find_damage(struct census *census)
{
    EXPECT(census_take(census) == 0 && census->mismatches == 0);
    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        int err;

        cases[i].damage(1);
        err = census_take(census);
        cases[i].damage(-1);
        EXPECT(!err);
        if (!names(census, cases[i].line)) {
            log_err("census does not see %s", cases[i].line);
            return SELFTEST_FAILED;
        }
    }
    EXPECT(census_check());
    return SELFTEST_OK;
}

enum selftest_result selftest_census(void)
{
    struct census *census = kmalloc(sizeof(*census), GFP_KERNEL);
    enum selftest_result result;

    EXPECT(census);
    cached_page = find_page(is_cached);
    stack_page = find_page(is_stack);
    EXPECT(cached_page && stack_page);
    result = find_damage(census);
    kfree(census);
    return result;
}

enum selftest_result selftest_drift(void)
{
    wrong_pipes(1);
    return SELFTEST_OK;
}
