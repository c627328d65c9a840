// kernel/selftest_cost.c - selftest=cost: what the paths of mm cost
// SPDX-License-Identifier: MIT
//
// Time stamps around one run, the least of many, less what the stamps cost.
// Under QEMU's -icount the time stamp counts instructions (tools/vm --icount),
// and the figures are the same in every run; docs/performance.md has them.

#include "selftest_private.h"

#include <arch/cpu.h>
#include <mm/highmem.h>
#include <mm/slab.h>
#include <mm/zone.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define RUNS 64u
#define MANY 1024u // frames at a time: far more than are hot

static struct page *page_a, *page_b; // for those that need one

static void nothing(void) {}

static void order_0(void)
{
    struct page *page = page_alloc(GFP_HIGHUSER);

    if (page)
        page_free(page);
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

// A frame that is hot: the one freed last.
static enum selftest_result report_order_0(void)
{
    struct page *hot = page_alloc(GFP_HIGHUSER);

    EXPECT(hot);
    page_free(hot);
    report("order_0", order_0);
    return SELFTEST_OK;
}

// On average, when so many frames are taken that blocks are split for them, and
// given back so that they merge again.
static enum selftest_result report_many(void)
{
    struct page **pages = kmalloc(MANY * sizeof(*pages), GFP_KERNEL);
    u32 count = 0;
    u64 start;

    EXPECT(pages);
    start = cpu_tsc();
    while (count < MANY && (pages[count] = page_alloc(GFP_HIGHUSER)))
        count++;
    for (u32 i = 0; i < count; i++)
        page_free(pages[i]);
    log_info("cost order_0_of_%u=%u", MANY,
             (u32)(cpu_tsc() - start) / max(count, 1u));
    kfree(pages);
    EXPECT(count == MANY);
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
    return report_many();
}
