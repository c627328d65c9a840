// kernel/signal_queue.c - the pending signals of tasks and processes
// SPDX-License-Identifier: MIT
//
// A pending signal is a bit in a set and, if memory was found, an entry of the
// list beside it with its siginfo: one entry for the standard ones (1-31),
// several for real-time ones, up to RLIMIT_SIGPENDING in a process.
//
// Who sends the same signal again and again reserves an entry for it: it is
// sent without memory being needed, and is pending once at most. Reserved ones
// count as queued.
//
// Locking: interrupts off.

#include "signal_internal.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/signal_handlers.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

static struct kmem_cache *queue_cache;
WAIT_QUEUE(signal_arrivals);

// Interrupts off, both.
static void queue_add(struct process *process, struct pending_signals *pending,
                      struct queued_signal *q)
{
    list_add_tail(&q->link, &pending->info);
    process->signals_queued++;
}

static void queue_free(struct process *process, struct queued_signal *q)
{
    list_del(&q->link);
    if (q->taken)
        return; // reserved
    process->signals_queued--;
    kmem_cache_free(queue_cache, q);
}

void signal_init(void)
{
    queue_cache = kmem_cache_create("signal", sizeof(struct queued_signal), 0);
    ASSERT(queue_cache);
}

void signal_flush(struct process *process, struct pending_signals *pending,
                  u64 set)
{
    u32 flags = irq_save();
    struct queued_signal *q, *next;

    pending->set &= ~set;
    list_for_each_entry_safe (q, next, &pending->info, link) {
        if (set & signal_bit(q->info.signal))
            queue_free(process, q);
    }
    irq_restore(flags);
}

static void mark_pending(struct process *process,
                         struct pending_signals *pending, s32 signal)
{
    struct task *task;

    pending->set |= signal_bit(signal);
    for_each_thread (task, process)
        signal_note(task);
    wake_up_events(&signal_arrivals, POLLIN | POLLRDNORM);
}

static bool queue_is_full(const struct process *process)
{
    return process->signals_queued >= process->limits[RLIMIT_SIGPENDING].soft;
}

int signal_enqueue(struct process *process, struct pending_signals *pending,
                   const struct signal_info *info)
{
    struct queued_signal *q = NULL;

    if (info->signal < SIGNAL_RT_FIRST &&
        (pending->set & signal_bit(info->signal)))
        return 0;
    if (info->signal < SIGNAL_RT_FIRST || !queue_is_full(process))
        q = kmem_cache_alloc(queue_cache, GFP_ATOMIC | GFP_NOWARN);
    if (!q && info->signal >= SIGNAL_RT_FIRST)
        return -EAGAIN;
    if (q) { // without, a standard one comes with its number only
        q->info = *info;
        q->taken = NULL;
        queue_add(process, pending, q);
    }
    mark_pending(process, pending, info->signal);
    return 0;
}

// ---- reserved entries -------------------------------------------------------

struct queued_signal *signal_reserve(struct process *process)
{
    struct queued_signal *q;

    if (queue_is_full(process))
        return NULL;
    q = kmem_cache_alloc(queue_cache, GFP_KERNEL | GFP_ZERO);
    if (!q)
        return NULL;
    list_init(&q->link);
    process->signals_queued++;
    return q;
}

void signal_unreserve(struct process *process, struct queued_signal *q)
{
    q->taken = NULL;
    if (list_empty(&q->link))
        queue_free(process, q);
}

void signal_enqueue_reserved(struct process *process,
                             struct pending_signals *pending,
                             struct queued_signal *q)
{
    list_add_tail(&q->link, &pending->info);
    mark_pending(process, pending, q->info.signal);
}

void signal_flush_timers(struct process *process,
                         struct pending_signals *pending)
{
    struct queued_signal *q, *next;
    u64 gone = 0, kept = 0;

    list_for_each_entry_safe (q, next, &pending->info, link) {
        u64 bit = signal_bit(q->info.signal);

        if (q->info.code != SI_TIMER) {
            kept |= bit;
            continue;
        }
        gone |= bit;
        queue_free(process, q);
    }
    pending->set &= ~(gone & ~kept);
}

// ---- taking -----------------------------------------------------------------

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
static void take(struct pending_signals *pending, s32 signal,
                 struct signal_info *out)
{
    struct queued_signal *q, *next, *reserved = NULL;
    bool found = false;
    bool more = false;

    *out = (struct signal_info){.signal = signal, .code = SI_USER};
    list_for_each_entry_safe (q, next, &pending->info, link) {
        if (q->info.signal != signal)
            continue;
        if (found) {
            more = true;
            break;
        }
        found = true;
        *out = q->info;
        if (q->taken)
            reserved = q;
        queue_free(current->process, q);
    }
    if (!more)
        pending->set &= ~signal_bit(signal);
    if (reserved) // it may be sent again at once
        reserved->taken(reserved, out);
}

bool signal_dequeue(u64 blocked, struct signal_info *out)
{
    u32 flags = irq_save();
    struct pending_signals *from = &current->pending;
    u64 own = from->set & ~blocked;
    u64 shared = current->process->pending.set & ~blocked;

    if (!own || (shared & ~own & signal_bit(SIGKILL))) {
        from = &current->process->pending;
        own = shared;
    }
    if (own)
        take(from, next_signal(own), out);
    if (own && (signal_bit(out->signal) & signals_stop))
        current->process->stop_taken = true;
    signal_note(current);
    irq_restore(flags);
    return own != 0;
}
