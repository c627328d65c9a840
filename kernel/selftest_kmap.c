// kernel/selftest_kmap.c - selftest=kmap: windows onto high memory
// SPDX-License-Identifier: MIT
//
//  1. PKMAP_WINDOWS holders use up the pool; two who want one page more sleep,
//     and both go on when one window is given back.
//  2. A timer interrupt opens windows of kmap_atomic while the task that it
//     interrupted holds some; neither sees the other's page.
//  3. The first and the last free frame of each zone, written through kmap, are
//     the same frames through another mapping.

#include "selftest_private.h"

#include <arch/cpu.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/layout.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define ATOMIC_HELD 3u // by the task
#define ATOMIC_IRQ  2u // by the handler, on top
#define WAITERS     2u

// ---- 1. the pool -----------------------------------------------------------

static struct page *wanted; // by the waiters
static u32 waiters_done;

static void waiter(void *unused)
{
    u32 *window = kmap(wanted);

    (void)unused;
    *window += 1;
    kunmap(wanted);
    waiters_done++;
}

static struct page *alloc_high(void)
{
    struct page *page = page_alloc(GFP_HIGHUSER | GFP_NOWARN);

    if (page && !page_is_highmem(page)) {
        page_put(page);
        return NULL;
    }
    return page;
}

static void give_back(struct page **pages)
{
    for (u32 i = 0; i < PKMAP_WINDOWS; i++) {
        kunmap(pages[i]);
        page_put(pages[i]);
    }
}

static enum selftest_result test_pool(struct page **pages)
{
    struct task *tasks[WAITERS];

    for (u32 i = 0; i < PKMAP_WINDOWS; i++) {
        u32 *window;

        pages[i] = alloc_high();
        EXPECT(pages[i]);
        window = kmap(pages[i]);
        *window = i;
    }
    wanted = alloc_high();
    EXPECT(wanted);
    page_clear_content(wanted);
    waiters_done = 0;
    for (u32 i = 0; i < WAITERS; i++) {
        tasks[i] = kthread_start(waiter, NULL, "kmap-waiter");
        EXPECT(tasks[i]);
        EXPECT(COMES_TRUE(READ_ONCE(tasks[i]->state) == TASK_SLEEPING));
    }
    EXPECT(READ_ONCE(waiters_done) == 0);

    kunmap(pages[7]);
    EXPECT(COMES_TRUE(READ_ONCE(waiters_done) == WAITERS));
    EXPECT(*(u32 *)kmap(wanted) == WAITERS);
    kunmap(wanted);
    page_put(wanted);

    // The one that was given back has lost nothing but its window.
    EXPECT(*(u32 *)kmap(pages[7]) == 7);
    for (u32 i = 0; i < PKMAP_WINDOWS; i++) {
        u32 value;

        page_read(&value, pages[i], 0, sizeof(value));
        EXPECT(value == i);
    }
    give_back(pages);
    return SELFTEST_OK;
}

// ---- 2. in an interrupt ----------------------------------------------------

static struct {
    struct timer timer;
    struct page *pages[ATOMIC_IRQ];
    bool right, done;
} in_irq;

static void timer_fn(struct timer *timer)
{
    u32 *windows[ATOMIC_IRQ];

    (void)timer;
    for (u32 i = 0; i < ATOMIC_IRQ; i++) {
        windows[i] = kmap_atomic(in_irq.pages[i]);
        *windows[i] = 100 + i;
    }
    in_irq.right = true;
    for (u32 i = ATOMIC_IRQ; i-- > 0;) {
        in_irq.right &= *windows[i] == 100 + i;
        kunmap_atomic(windows[i]);
    }
    WRITE_ONCE(in_irq.done, true);
}

// Wait without sleeping, a second at most.
static bool irq_came(void)
{
    u64 deadline = time_ns() + NSEC_PER_SEC;

    while (!READ_ONCE(in_irq.done) && time_ns() < deadline)
        cpu_relax();
    return READ_ONCE(in_irq.done);
}

static enum selftest_result test_interrupt(void)
{
    struct page *pages[ATOMIC_HELD];
    u32 *windows[ATOMIC_HELD];

    for (u32 i = 0; i < ATOMIC_IRQ; i++)
        EXPECT((in_irq.pages[i] = alloc_high()));
    for (u32 i = 0; i < ATOMIC_HELD; i++)
        EXPECT((pages[i] = alloc_high()));
    for (u32 i = 0; i < ATOMIC_HELD; i++) {
        windows[i] = kmap_atomic(pages[i]);
        *windows[i] = i;
    }
    in_irq.done = false;
    timer_start(&in_irq.timer, time_ns(), timer_fn);
    EXPECT(irq_came());
    EXPECT(in_irq.right);
    for (u32 i = ATOMIC_HELD; i-- > 0;) {
        EXPECT(*windows[i] == i);
        kunmap_atomic(windows[i]);
    }
    for (u32 i = 0; i < ATOMIC_IRQ; i++) {
        u32 value;

        page_read(&value, in_irq.pages[i], 0, sizeof(value));
        EXPECT(value == 100 + i);
        page_put(in_irq.pages[i]);
    }
    for (u32 i = 0; i < ATOMIC_HELD; i++)
        page_put(pages[i]);
    return SELFTEST_OK;
}

// ---- 3. the ends of the zones ----------------------------------------------

static bool is_free(const struct page *page)
{
    return page_state(page) == PAGE_STATE_FREE;
}

// Write through @a, look through @b; leaves the content as it was.
static bool same_memory(u8 *a, const u8 *b, u8 *saved)
{
    bool same;

    memcpy(saved, a, PAGE_SIZE);
    for (u32 i = 0; i < PAGE_SIZE; i++)
        a[i] = (u8)(i * 7 + i / 256 + 1);
    same = memcmp(a, b, PAGE_SIZE) == 0;
    memcpy(a, saved, PAGE_SIZE);
    return same && memcmp(b, saved, PAGE_SIZE) == 0;
}

static enum selftest_result test_frame(struct page *page, u8 *saved)
{
    u8 *a = kmap(page), *b = memremap(page_to_phys(page), PAGE_SIZE);
    bool free, same;
    u32 flags;

    EXPECT(b && b != a);
    flags = irq_save(); // a handler could take the frame
    free = is_free(page);
    same = free && same_memory(a, b, saved);
    irq_restore(flags);
    kunmap(page);
    memunmap(b);
    EXPECT(same || !free);
    return SELFTEST_OK;
}

static enum selftest_result test_zone(const struct zone *zone, u8 *saved)
{
    struct page *first = &mem_map[zone->buddy.base];
    struct page *last = first + zone->buddy.frames - 1;

    while (first < last && !is_free(first))
        first++;
    while (first < last && !is_free(last))
        last--;
    if (test_frame(first, saved) != SELFTEST_OK)
        return SELFTEST_FAILED;
    log_info("kmap zone=%s first=%u last=%u", zone->name, page_to_pfn(first).v,
             page_to_pfn(last).v);
    return test_frame(last, saved);
}

enum selftest_result selftest_kmap(void)
{
    struct page **pages = kmalloc(PKMAP_WINDOWS * sizeof(*pages), GFP_KERNEL);
    u8 *saved = kmalloc(PAGE_SIZE, GFP_KERNEL);
    enum selftest_result result = SELFTEST_OK;

    EXPECT(pages && saved);
    zone_for_each (zone) {
        if (zone->managed && result == SELFTEST_OK)
            result = test_zone(zone, saved);
    }
    if (result == SELFTEST_OK &&
        zones[ZONE_HIGHMEM].buddy.free_frames < 2 * PKMAP_WINDOWS)
        result = SELFTEST_SKIPPED;
    if (result == SELFTEST_OK)
        result = test_interrupt();
    if (result == SELFTEST_OK)
        result = test_pool(pages);
    kfree(saved);
    kfree(pages);
    return result;
}
