// include/kernel/wait.h - sleeping until something is true
// SPDX-License-Identifier: MIT
//
//     wait_event(&queue, condition);
//
// The condition is evaluated with interrupts off and the task already on the
// queue, so a wake-up between test and sleep is not lost. Wakers change the
// state first, then call wake_up (any context).
#pragma once

#include <arch/cpu.h>
#include <base/errno.h>
#include <base/list.h>
#include <base/types.h>

struct task;

struct wait_queue {
    struct list_head waiters;
};

// A task may wait on several queues, with an entry on each: prepare all, look,
// wait_sleep, finish all. Or a function waits (wait_add): it is called for each
// wake-up, with interrupts off, and may wake others, but not change the queue.
struct wait_entry {
    struct list_head link;
    struct task *task; // or NULL:
    void (*fn)(struct wait_entry *entry, u32 events);
    u32 irq_flags; // of the caller
};

#define WAIT_QUEUE_INIT(name)                                                  \
    {                                                                          \
        LIST_HEAD_INIT((name).waiters)                                         \
    }
#define WAIT_QUEUE(name) struct wait_queue name = WAIT_QUEUE_INIT(name)

static inline void wait_queue_init(struct wait_queue *queue)
{
    list_init(&queue->waiters);
}

enum wait_kind {
    WAIT_UNINTERRUPTIBLE, // only the event
    WAIT_KILLABLE,        // or a fatal signal
    WAIT_INTERRUPTIBLE,   // or any signal
};

// Steps of wait_event: enqueue (if @entry is not on @queue yet; it need not be
// initialised) and set the state; sleep; dequeue. Interrupts are off from
// wait_prepare on; wait_finish enables them again if they had been.
void wait_prepare(struct wait_queue *queue, struct wait_entry *entry,
                  enum wait_kind kind);
void wait_finish(struct wait_queue *queue, struct wait_entry *entry);

// wait_sleep - give the CPU away until woken. Return: 0; -EINTR when a signal
// of a kind that @kind waits for is pending (at once, then); -ETIMEDOUT when
// time_ns() has reached @deadline_ns (0: no deadline).
__must_check int wait_sleep(enum wait_kind kind, u64 deadline_ns);

// wait_add - @entry->fn (and task NULL), or the task, is on the queue until
// wait_remove; one that is on none may be removed if it is list_init'ed.
void wait_add(struct wait_queue *queue, struct wait_entry *entry);
void wait_remove(struct wait_entry *entry);

// Nobody is on it. A waiter that comes from now on sees what was changed
// before.
static inline bool wait_queue_is_empty(const struct wait_queue *queue)
{
    barrier();
    return list_empty(&queue->waiters);
}

// wake_waiters - what is left of the two below when somebody waits.
void wake_waiters(struct wait_queue *queue, u32 events);
#define WAKE_ANYTHING 0xffffffffu // as events

// wake_up_events - wake all who wait, where it is known what there is now
// (poll(2)'s bits) that there was not: functions are told; with 0 they are not
// called. So who waits for one thing at the edge is not told of another. Any
// context. Inline: on most queues there is nobody.
static inline void wake_up_events(struct wait_queue *queue, u32 events)
{
    if (!wait_queue_is_empty(queue))
        wake_waiters(queue, events);
}

// wake_up - wake all who wait, for whatever. Any context.
static inline void wake_up(struct wait_queue *queue)
{
    wake_up_events(queue, WAKE_ANYTHING);
}

// wake_up_one - wake the task that has waited longest. No functions are there.
void wake_up_one(struct wait_queue *queue);

// Value: 0, -EINTR or -ETIMEDOUT.
#define wait_event_full(queue, condition, kind, deadline_ns)                   \
    ({                                                                         \
        struct wait_entry wait_entry_;                                         \
        u64 wait_deadline_ = (deadline_ns); /* may be time_ns() + x: once */   \
        int wait_result_ = 0;                                                  \
        for (;;) {                                                             \
            wait_prepare((queue), &wait_entry_, (kind));                       \
            if (condition)                                                     \
                break;                                                         \
            wait_result_ = wait_sleep((kind), wait_deadline_);                 \
            if (wait_result_)                                                  \
                break;                                                         \
        }                                                                      \
        wait_finish((queue), &wait_entry_);                                    \
        wait_result_;                                                          \
    })

#define wait_event(queue, condition)                                           \
    ((void)wait_event_full(queue, condition, WAIT_UNINTERRUPTIBLE, 0))
#define wait_event_interruptible(queue, condition)                             \
    wait_event_full(queue, condition, WAIT_INTERRUPTIBLE, 0)
#define wait_event_killable(queue, condition)                                  \
    wait_event_full(queue, condition, WAIT_KILLABLE, 0)

// wait_event_io, wait_event_killable_io - for a disk: meanwhile the task counts
// among tasks_in_io, and an idle CPU's time as waiting for I/O.
extern u32 tasks_in_io;

#define wait_event_io(queue, condition)                                        \
    do {                                                                       \
        tasks_in_io++;                                                         \
        wait_event(queue, condition);                                          \
        tasks_in_io--;                                                         \
    } while (0)
#define wait_event_killable_io(queue, condition)                               \
    ({                                                                         \
        int io_result_;                                                        \
        tasks_in_io++;                                                         \
        io_result_ = wait_event_killable(queue, condition);                    \
        tasks_in_io--;                                                         \
        io_result_;                                                            \
    })
