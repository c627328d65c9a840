// kernel/selftest_cost.c - selftest=cost: what the paths of mm cost
// SPDX-License-Identifier: MIT
//
// Time stamps around one run, the least of many, less what the stamps cost.
// Under QEMU's -icount the time stamp counts instructions (tools/vm --icount),
// and the figures are the same in every run; docs/memory.md has them.

#include "selftest_private.h"

#include <arch/cpu.h>
#include <mm/highmem.h>
#include <mm/slab.h>
#include <mm/zone.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define RUNS 64u
#define PINS 2048u // frames taken to get at a whole pageblock

static struct page *page_a, *page_b; // for those that need one

static void nothing(void) {}

static void order_0(void)
{
    struct page *page = page_alloc(GFP_HIGHUSER);

    if (page)
        page_free_order(page, 0);
}

static void order_9(void)
{
    struct page *page = page_alloc_order(GFP_HIGHUSER, 9);

    if (page)
        page_free_order(page, 9);
}

static void kmalloc_64(void)
{
    kfree(kmalloc(64, GFP_KERNEL));
}

static void kmap_pair(void)
{
    (void)kmap(page_a);
    kunmap(page_a);
}

static void kmap_atomic_pair(void)
{
    kunmap_atomic(kmap_atomic(page_a));
}

static void clear_page(void)
{
    page_clear_content(page_a);
}

static void copy_page(void)
{
    page_copy(page_a, page_b);
}

static u32 measure(void (*fn)(void))
{
    u32 least = ~0u;

    for (u32 i = 0; i < RUNS; i++) {
        u64 start = cpu_tsc();

        fn();
        least = min(least, (u32)(cpu_tsc() - start));
    }
    return least;
}

static void report(const char *name, void (*fn)(void))
{
    log_info("cost %s=%u", name, measure(fn) - measure(nothing));
}

// With a free block of order 0 at hand: of two frames taken one after the other
// at least one leaves its buddy behind.
static enum selftest_result report_order_0(void)
{
    struct page *pins[2];
    u32 least = ~0u;

    for (u32 i = 0; i < 2; i++) {
        EXPECT((pins[i] = page_alloc(GFP_HIGHUSER)));
        least = min(least, measure(order_0));
    }
    log_info("cost order_0=%u", least - measure(nothing));
    page_put(pins[0]);
    page_put(pins[1]);
    return SELFTEST_OK;
}

// Order 0 when no smaller block is free: the pageblock is split all the way
// down and put together again.
static enum selftest_result report_split(void)
{
    struct page **pins = kmalloc(PINS * sizeof(*pins), GFP_KERNEL);
    u32 count = 0;

    EXPECT(pins);
    do {
        EXPECT(count < PINS && (pins[count] = page_alloc(GFP_HIGHUSER)));
    } while (page_to_pfn(pins[count++]).v % BUDDY_BLOCK_FRAMES);
    page_put(pins[--count]);
    report("order_0_split", order_0);
    while (count)
        page_put(pins[--count]);
    kfree(pins);
    return SELFTEST_OK;
}

enum selftest_result selftest_cost(void)
{
    page_a = page_alloc(GFP_HIGHUSER);
    page_b = page_alloc(GFP_HIGHUSER);
    EXPECT(page_a && page_b);
    if (report_order_0() != SELFTEST_OK)
        return SELFTEST_FAILED;
    report("order_9", order_9);
    report("kmalloc_64", kmalloc_64);
    report("kmap", kmap_pair);
    report("kmap_atomic", kmap_atomic_pair);
    report("clear_page", clear_page);
    report("copy_page", copy_page);
    page_put(page_a);
    page_put(page_b);
    return report_split();
}
