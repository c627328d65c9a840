// kernel/signal_queue.c - the pending signals of a task
// SPDX-License-Identifier: MIT
//
// A pending signal is a bit in task->sig_pending and, if memory was found, an
// entry of task->sig_queue with its siginfo: one entry for the standard ones
// (1-31), several for real-time ones, up to RLIMIT_SIGPENDING.
//
// Locking: interrupts off.

#include "signal_internal.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/signal_handlers.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

struct queued_signal {
    struct list_head link;
    struct signal_info info;
};

static struct kmem_cache *queue_cache;

// Interrupts off, both.
static void queue_add(struct task *task, struct queued_signal *q)
{
    list_add_tail(&q->link, &task->sig_queue);
    task->sig_queue_length++;
}

static void queue_free(struct task *task, struct queued_signal *q)
{
    list_del(&q->link);
    task->sig_queue_length--;
    kmem_cache_free(queue_cache, q);
}

void signal_init(void)
{
    queue_cache = kmem_cache_create("signal", sizeof(struct queued_signal), 0);
    ASSERT(queue_cache);
}

void signal_flush(struct task *task, u64 set)
{
    u32 flags = irq_save();
    struct queued_signal *q, *next;

    task->sig_pending &= ~set;
    list_for_each_entry_safe (q, next, &task->sig_queue, link) {
        if (set & signal_bit(q->info.signal))
            queue_free(task, q);
    }
    irq_restore(flags);
}

int signal_enqueue(struct task *task, const struct signal_info *info)
{
    u64 bit = signal_bit(info->signal);
    struct queued_signal *q = NULL;

    if (info->signal < SIGNAL_RT_FIRST && (task->sig_pending & bit))
        return 0;
    if (info->signal < SIGNAL_RT_FIRST ||
        task->sig_queue_length < task->limits[RLIMIT_SIGPENDING].soft)
        q = kmem_cache_alloc(queue_cache, GFP_ATOMIC | GFP_NOWARN);
    if (!q && info->signal >= SIGNAL_RT_FIRST)
        return -EAGAIN;
    if (q) { // without, a standard one comes with its number only
        q->info = *info;
        queue_add(task, q);
    }
    task->sig_pending |= bit;
    return 0;
}

// next_signal - of a set that is not empty: what kills for certain first, then
// faults, then by number. Who is killed while the kernel answers its fault must
// not be seen to die of that fault.
static s32 next_signal(u64 set)
{
    u32 low;

    if (set & signal_bit(SIGKILL))
        return SIGKILL;
    if (set & signals_sync)
        set &= signals_sync;
    low = (u32)set;
    return low ? __builtin_ffs((s32)low)
               : 32 + __builtin_ffs((s32)(u32)(set >> 32));
}

// take - the first queued entry of @signal; the bit stays if there are more.
// Interrupts off.
static void take(struct task *task, s32 signal, struct signal_info *out)
{
    struct queued_signal *q, *next;
    bool found = false;
    bool more = false;

    *out = (struct signal_info){.signal = signal, .code = SI_USER};
    list_for_each_entry_safe (q, next, &task->sig_queue, link) {
        if (q->info.signal != signal)
            continue;
        if (found) {
            more = true;
            break;
        }
        found = true;
        *out = q->info;
        queue_free(task, q);
    }
    if (!more)
        task->sig_pending &= ~signal_bit(signal);
}

bool signal_dequeue(struct task *task, u64 blocked, struct signal_info *out)
{
    u32 flags = irq_save();
    u64 set = task->sig_pending & ~blocked;

    if (set)
        take(task, next_signal(set), out);
    irq_restore(flags);
    return set != 0;
}
