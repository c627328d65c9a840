// kernel/wait.c - sleeping until something is true
// SPDX-License-Identifier: MIT
//
// A waiter stays on its queue from the first wait_prepare to wait_finish,
// however often it is woken between; a waker changes states only. So wake_up
// may be called by anyone for any reason, and the condition decides.
//
// Locking: interrupts off.

#include <kernel/wait.h>

#include <base/assert.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>

struct wakeup {
    struct timer timer;
    struct task *task;
};

static bool is_queued(const struct wait_queue *queue,
                      const struct wait_entry *entry)
{
    struct list_head *pos;

    list_for_each (pos, &queue->waiters)
        if (pos == &entry->link)
            return true;
    return false;
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry,
                  enum wait_kind kind)
{
    u32 flags = irq_save();

    if (!is_queued(queue, entry)) {
        entry->task = current;
        entry->irq_flags = flags;
        list_add_tail(&entry->link, &queue->waiters);
    }
    current->wait_kind = kind;
    current->state = TASK_SLEEPING;
}

void wait_finish(struct wait_queue *queue, struct wait_entry *entry)
{
    u32 flags = irq_save();

    ASSERT(is_queued(queue, entry));
    list_del(&entry->link);
    current->state = TASK_RUNNING;
    irq_restore(flags);
    // Not irq_restore: with several entries, in whatever order they are
    // finished, interrupts are on again after the first prepared one.
    if (entry->irq_flags & EFLAGS_IF)
        irq_enable();
}

static bool signal_for(enum wait_kind kind)
{
    switch (kind) {
    case WAIT_UNINTERRUPTIBLE: return false;
    case WAIT_KILLABLE: return task_fatal_pending(current);
    case WAIT_INTERRUPTIBLE: return signal_pending(current);
    }
    return false;
}

static void wake_by_timer(struct timer *timer)
{
    task_wake(container_of(timer, struct wakeup, timer)->task);
}

int wait_sleep(enum wait_kind kind, u64 deadline_ns)
{
    struct wakeup wakeup = {.task = current};

    ASSERT(!irq_enabled());
    ASSERT(sched_started());
    if (signal_for(kind))
        return -EINTR;
    if (deadline_ns && time_ns() >= deadline_ns)
        return -ETIMEDOUT;
    if (current->state == TASK_RUNNING) // woken since wait_prepare
        return 0;
    if (deadline_ns)
        timer_start(&wakeup.timer, deadline_ns, wake_by_timer);
    schedule();
    timer_cancel(&wakeup.timer);
    return 0;
}

void wait_add(struct wait_queue *queue, struct wait_entry *entry)
{
    u32 flags = irq_save();

    list_add_tail(&entry->link, &queue->waiters);
    irq_restore(flags);
}

void wait_remove(struct wait_entry *entry)
{
    u32 flags = irq_save();

    list_del(&entry->link);
    irq_restore(flags);
}

void wake_waiters(struct wait_queue *queue, u32 events)
{
    u32 flags = irq_save();
    struct wait_entry *entry;

    list_for_each_entry (entry, &queue->waiters, link) {
        if (entry->task)
            task_wake(entry->task);
        else if (events)
            entry->fn(entry, events);
    }
    irq_restore(flags);
}

void wake_up_one(struct wait_queue *queue)
{
    u32 flags = irq_save();
    struct wait_entry *entry;

    list_for_each_entry (entry, &queue->waiters, link) {
        if (entry->task->state == TASK_SLEEPING) {
            task_wake(entry->task);
            break;
        }
    }
    irq_restore(flags);
}
