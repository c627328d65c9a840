// kernel/mutex.c - sleeping locks with a rank
// SPDX-License-Identifier: MIT
//
// A mutex that others wait for is handed over when it is unlocked: its owner
// becomes the one that has waited longest, before that one even runs. So a task
// that locks and unlocks in a loop cannot starve the others.
//
// Locking: only tasks touch mutexes, and the kernel is not preempted, so the
// fields need no protection; the wait queue has its own.

#include <kernel/mutex.h>

#include <base/assert.h>
#include <kernel/task.h>

void mutex_init(struct mutex *mutex, enum mutex_rank rank)
{
    *mutex = (struct mutex){.rank = rank};
    wait_queue_init(&mutex->queue);
}

bool mutex_held(const struct mutex *mutex)
{
    return mutex->owner == current;
}

static void push_held(struct task *me, struct mutex *mutex)
{
    mutex->held_next = me->held;
    me->held = mutex;
}

static void drop_held(struct task *me, struct mutex *mutex)
{
    struct mutex **at = &me->held;

    if (likely(*at == mutex)) { // the last one taken
        me->held = mutex->held_next;
        return;
    }
    while (*at != mutex)
        at = &(*at)->held_next;
    *at = mutex->held_next;
}

static void assert_rank(const struct task *me, const struct mutex *mutex)
{
    for (const struct mutex *m = me->held; m; m = m->held_next)
        ASSERT(m->rank < mutex->rank);
}

// Out of line: nearly always nobody has it.
static __noinline void wait_for(struct mutex *mutex)
{
    wait_event(&mutex->queue, mutex->owner == current);
}

void mutex_lock(struct mutex *mutex)
{
    struct task *me = current;

    might_sleep();
    assert_rank(me, mutex);
    if (likely(!mutex->owner))
        mutex->owner = me;
    else
        wait_for(mutex);
    push_held(me, mutex);
}

// Of any rank: who does not wait cannot be part of a deadlock.
bool mutex_trylock(struct mutex *mutex)
{
    if (mutex->owner)
        return false;
    mutex->owner = current;
    push_held(current, mutex);
    return true;
}

void mutex_unlock(struct mutex *mutex)
{
    struct wait_entry *next;

    ASSERT(mutex_held(mutex));
    drop_held(current, mutex);
    mutex->held_next = NULL;
    if (list_empty(&mutex->queue.waiters)) {
        mutex->owner = NULL;
        return;
    }
    next = list_first_entry(&mutex->queue.waiters, struct wait_entry, link);
    mutex->owner = next->task;
    task_wake(next->task);
}
