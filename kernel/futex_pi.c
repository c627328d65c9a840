// kernel/futex_pi.c - locks that know their owner
// SPDX-License-Identifier: MIT
//
// The word holds the number of the owning thread, FUTEX_WAITERS if the kernel
// must be asked to unlock, and FUTEX_OWNER_DIED. Without waiters programs
// change it by themselves. With waiters unlocking hands the lock over: the word
// gets the next one's number before that one runs, so nobody can come between.
// The order is that of waiting.
//
// Who is handed the lock by the end of its owner writes the word itself when it
// runs (the owner may not have it mapped any more); until then it stays in the
// queue, marked w->owns, and who comes meanwhile waits for it.
//
// All waiters under one key wait for the same owner, and an owner that ends
// looks for those who wait for it; so w->owner is always a task that lives.
//
// Priorities: there are no real-time classes, every runnable task gets its
// share, so an owner cannot be kept from running for ever by those in between.
// Its nice value is not changed for the sake of who waits. Not done: the
// requeueing forms (FUTEX_WAIT_REQUEUE_PI), which no C library uses today.

#include <base/errno.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <linux/futex.h>

#include "futex_internal.h"
#include "signal_internal.h"

static u32 waiter_count; // in all queues

static struct futex_waiter *first_waiter(const struct futex_key *key)
{
    struct futex_waiter *w;

    list_for_each_entry (w, futex_queue_of(key), link)
        if (w->is_pi && futex_key_equal(&w->key, key))
            return w;
    return NULL;
}

// hand_over - to @next, who all the others wait for from now on.
static void hand_over(struct futex_waiter *next, bool owner_died)
{
    struct futex_waiter *w;

    next->owns = true;
    next->owner_died = owner_died;
    list_for_each_entry (w, futex_queue_of(&next->key), link)
        if (w->is_pi && futex_key_equal(&w->key, &next->key))
            w->owner = next->task;
    wake_up(&next->queue);
}

// owner_by_number - Return: 0; -ESRCH; -EPERM; -EBUSY: it is about to end, and
// the word will change.
static int owner_by_number(u32 value, struct task **out)
{
    struct task *task = task_find((s32)(value & FUTEX_TID_MASK));

    if (!task || (task->flags & TF_FUTEXES_LEFT))
        return -ESRCH;
    if (task->flags & TF_KTHREAD)
        return -EPERM;
    if (task->flags & TF_EXITING)
        return -EBUSY;
    *out = task;
    return 0;
}

// try_lock - one look at the word. Return: 0: locked; 1: @w->owner has it,
// FUTEX_WAITERS is set and nothing has slept since; -EAGAIN: look again;
// -EDEADLK; -ESRCH; -EPERM; -EBUSY; -EFAULT; -EINTR.
static int try_lock(struct futex_waiter *w, u32 __user *word, bool only_try)
{
    const struct futex_waiter *first;
    u32 value, tid;
    int error = futex_read(&value, word);

    if (error)
        return error;
    tid = value & FUTEX_TID_MASK;
    if (tid == (u32)current->pid)
        return -EDEADLK;
    first = first_waiter(&w->key);
    if (!first && !tid)
        return futex_swap(word, value,
                          (u32)current->pid | (value & FUTEX_OWNER_DIED));
    if (first)
        w->owner = first->owner;
    else
        error = owner_by_number(value, &w->owner);
    if (error)
        return error;
    if (only_try || (value & FUTEX_WAITERS))
        return 1;
    error = futex_swap(word, value, value | FUTEX_WAITERS);
    return error ? error : 1;
}

// claim - write into the word who has it now; its owner has died.
static s32 claim(u32 __user *word)
{
    for (;;) {
        u32 value;
        int error = futex_read(&value, word);

        if (!error)
            error = futex_swap(word, value,
                               (u32)current->pid | FUTEX_WAITERS |
                                   FUTEX_OWNER_DIED);
        if (!error)
            return 0;
        error = futex_make_writable(word);
        if (error)
            return error;
    }
}

static s32 wait_for_owner(struct futex_waiter *w, u32 __user *word,
                          u64 deadline_ns)
{
    s32 result;

    wait_queue_init(&w->queue);
    list_add_tail(&w->link, futex_queue_of(&w->key));
    waiter_count++;
    result =
        wait_event_full(&w->queue, w->owns, WAIT_INTERRUPTIBLE, deadline_ns);
    if (w->owns)
        result = w->owner_died ? claim(word) : 0;
    else if (result == -EINTR)
        result = -ERESTARTNOINTR;
    list_del(&w->link);
    waiter_count--;
    return result;
}

s32 futex_lock_pi(u32 __user *word, u32 op, u64 deadline_ns, bool only_try)
{
    struct futex_waiter w = {.is_pi = true, .task = current};
    s32 result = futex_key_get(word, op, &w.key);

    while (!result) {
        result = try_lock(&w, word, only_try);
        if (!result)
            return 0;
        if (result > 0)
            return only_try ? -EAGAIN : wait_for_owner(&w, word, deadline_ns);
        if (result == -EFAULT) {
            result = futex_make_writable(word);
        } else if (result == -EBUSY && !task_fatal_pending(current)) {
            sched_yield();
            result = 0;
        } else if (result == -EAGAIN) {
            result = 0;
        }
    }
    return result == -EBUSY ? -EINTR : result;
}

s32 futex_unlock_pi(u32 __user *word, u32 op)
{
    struct futex_key key;
    s32 result = futex_key_get(word, op, &key);

    while (!result) {
        struct futex_waiter *next;
        u32 value;

        result = futex_read(&value, word);
        if (result)
            break;
        if ((value & FUTEX_TID_MASK) != (u32)current->pid)
            return -EPERM;
        next = first_waiter(&key);
        result = futex_swap(word, value,
                            next ? (u32)next->task->pid | FUTEX_WAITERS : 0);
        if (!result) {
            if (next)
                hand_over(next, false);
            return 0;
        }
        result = futex_make_writable(word);
    }
    return result;
}

void futex_pi_leave(void)
{
    if (!waiter_count)
        return;
    for (u32 i = 0; i < FUTEX_QUEUES; i++) {
        struct futex_waiter *w;

        list_for_each_entry (w, &futex_queues[i], link)
            if (w->is_pi && w->owner == current && !w->owns)
                hand_over(w, true);
    }
}
