// mm/kswapd.c - reclaim in the background
// SPDX-License-Identifier: MIT
//
// kswapd is woken by an allocation that finds a zone below its low mark, and
// works until all zones that are of use to it are above their high marks, each
// with the reserve that it keeps from requests of that class, and with a block
// of the order that was asked for. Hopeless zones are left out: what cannot be
// freed is not looked for over and over.
//
// Effort rises only when a round did not free what it should have. When at the
// highest no block of that order has come together, single frames have to do:
// reclaim frees pages, it does not move them.
//
// It is a kernel thread, which go before programs (kernel/sched.c): memory
// should be free before somebody has to wait for it.

#include <mm/reclaim.h>

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include <mm/stat.h>

#include "reclaim_private.h"

// So soon after it is called quickly.
#define QUICKLY_NS (100ull * NSEC_PER_MSEC)

static WAIT_QUEUE(kswapd_queue);
static bool wanted;
static enum zone_id wanted_highest; // the most of who woke it
static u32 wanted_order;

static bool zone_is_balanced(const struct zone *zone, u32 order,
                             enum zone_id highest)
{
    return !zone->managed || zone_hopeless(zone) ||
           zone_above(zone, order, zone->mark[MARK_HIGH], highest);
}

static bool is_balanced(u32 order, enum zone_id highest)
{
    for (u32 id = 0; id <= (u32)highest; id++)
        if (!zone_is_balanced(&zones[id], order, highest))
            return false;
    return true;
}

// ---- the marks, in the trace ------------------------------------------------

// Through which mark each zone's free frames went last.
static enum trace_mark passed[ZONES] = {TRACE_MARK_HIGH, TRACE_MARK_HIGH,
                                        TRACE_MARK_HIGH};

static void note_mark(const struct zone *zone, enum trace_mark mark)
{
    if (passed[zone->id] == mark)
        return;
    passed[zone->id] = mark;
    if (trace_on(reclaim))
        trace_write(TRACE_MARK, (u32)zone->id, mark, zone->buddy.free_frames, 0,
                    0);
}

static bool is_below(const struct zone *zone, enum zone_mark mark,
                     enum zone_id highest)
{
    return zone->managed &&
           zone->buddy.free_frames <= zone->mark[mark] + zone->reserve[highest];
}

static void note_low(enum zone_id highest)
{
    for (u32 id = 0; id <= (u32)highest; id++) {
        const struct zone *zone = &zones[id];

        if (passed[id] == TRACE_MARK_MIN && !is_below(zone, MARK_MIN, highest))
            passed[id] = TRACE_MARK_LOW; // it may go through it once more
        else if (passed[id] == TRACE_MARK_HIGH &&
                 is_below(zone, MARK_LOW, highest))
            note_mark(zone, TRACE_MARK_LOW);
    }
}

void reclaim_note_min(enum zone_id highest)
{
    for (u32 id = 0; id <= (u32)highest; id++)
        if (is_below(&zones[id], MARK_MIN, highest))
            note_mark(&zones[id], TRACE_MARK_MIN);
}

static void note_high(enum zone_id highest)
{
    for (u32 id = 0; id <= (u32)highest; id++)
        if (!is_below(&zones[id], MARK_HIGH, highest))
            note_mark(&zones[id], TRACE_MARK_HIGH);
}

// ---- kswapd -----------------------------------------------------------------

// Blocks that would merge count only when they have.
static void merge_frames(u32 order)
{
    u32 flags;

    if (!order)
        return;
    flags = irq_save();
    zone_for_each (zone)
        (void)buddy_merge_hot(&zone->buddy, BUDDY_HOT_MAX);
    irq_restore(flags);
}

// Return: whether it freed what it should have.
static bool balance_round(u32 order, struct scan *scan)
{
    u32 before = scan->reclaimed, target = 0;
    u64 start = trace_start(reclaim);

    for (u32 id = (u32)scan->highest + 1; id-- > 0;) {
        struct zone *zone = &zones[id];
        u32 aim = max(zone->mark[MARK_HIGH], RECLAIM_BATCH);

        if (zone_is_balanced(zone, order, scan->highest))
            continue;
        target += aim;
        scan->target = scan->reclaimed + aim;
        shrink_zone(zone, scan);
    }
    shrink_slabs(scan);
    merge_frames(order);
    scan_trace(scan, start);
    return scan->reclaimed - before >= target;
}

static void balance(u32 order, enum zone_id highest)
{
    struct scan scan = {
        .highest = highest,
        .gfp = GFP_HIGHUSER,
        .kswapd = true,
        .priority = PRIORITY_START,
    };

    vm_count(VM_PAGEOUTRUN);
    while (scan.priority && !is_balanced(order, highest)) {
        u32 before = scan.reclaimed;

        if (!balance_round(order, &scan))
            scan.priority--;
        if (scan.reclaimed - before < RECLAIM_BATCH)
            (void)reclaim_throttle(&scan);
        if (order && is_balanced(0, highest) &&
            scan.priority < PRIORITY_START / 2)
            order = 0;
        cond_resched();
    }
    note_high(highest);
}

// Counted as Linux does: how often its work did not last.
static void rest(u32 order, enum zone_id highest)
{
    int why = wait_event_full(&kswapd_queue, READ_ONCE(wanted),
                              WAIT_INTERRUPTIBLE, time_ns() + QUICKLY_NS);

    if (why != -ETIMEDOUT)
        vm_count(VM_KSWAPD_LOW_HIT_QUICKLY);
    else if (!is_balanced(order, highest))
        vm_count(VM_KSWAPD_HIGH_HIT_QUICKLY);
}

static void kswapd(void *unused)
{
    (void)unused;
    current->flags |= TF_MEMALLOC;
    for (;;) {
        enum zone_id highest;
        u32 order;

        // Idle, and shown as such; no signal comes.
        (void)wait_event_interruptible(&kswapd_queue, READ_ONCE(wanted));
        highest = wanted_highest;
        order = wanted_order;
        wanted = false;
        wanted_highest = ZONE_DMA;
        wanted_order = 0;
        balance(order, highest);
        rest(order, highest);
    }
}

void kswapd_wake(enum zone_id highest, u32 order)
{
    u32 flags;

    if (is_balanced(order, highest))
        return;
    note_low(highest);
    flags = irq_save();
    wanted_highest = max(wanted_highest, highest);
    wanted_order = max(wanted_order, order);
    wanted = true;
    irq_restore(flags);
    wake_up(&kswapd_queue);
}

void kswapd_init(void)
{
    if (!kthread_start(kswapd, NULL, "kswapd"))
        panic("no memory for kswapd");
}
