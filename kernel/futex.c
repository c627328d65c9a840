// kernel/futex.c - waiting on a word of user memory
// SPDX-License-Identifier: MIT
//
// A waiter stands in one of a few queues under a key (kernel/futex_key.c): an
// address of an address space, or, for memory that is shared between address
// spaces, a place in a file. So all who see the same word find each other,
// wherever it is mapped.
//
// The word is compared in the waiter's own context, and the kernel is not
// preempted, so between the comparison and the sleep no other task can change
// it (futex_word.c).
//
// Beside this file: futex_requeue.c, futex_pi.c (locks with an owner),
// futex_robust.c (what a task leaves behind), sys_futex.c.
//
// Context: tasks only, so no interrupt protection but the wait queues' own.

#include <base/errno.h>
#include <kernel/task.h>
#include <linux/futex.h>

#include "futex_internal.h"
#include "signal_internal.h"

struct list_head futex_queues[FUTEX_QUEUES];

void futex_init(void)
{
    for (u32 i = 0; i < FUTEX_QUEUES; i++)
        list_init(&futex_queues[i]);
}

struct list_head *futex_queue_of(const struct futex_key *key)
{
    u32 hash = (u32)(uintptr_t)key->mm >> 5 ^ (u32)key->serial;

    hash ^= (u32)(key->place >> 2) ^ (u32)(key->place >> 12);
    return &futex_queues[hash & (FUTEX_QUEUES - 1)];
}

static void wake_waiter(struct futex_waiter *w)
{
    list_del(&w->link);
    w->woken = true;
    wake_up(&w->queue);
}

s32 futex_wake_key(const struct futex_key *key, s32 count, u32 bitset)
{
    struct futex_waiter *w, *next;
    s32 woken = 0;

    list_for_each_entry_safe (w, next, futex_queue_of(key), link) {
        if (woken >= count)
            break;
        if (!futex_key_equal(&w->key, key))
            continue;
        if (w->is_pi)
            return -EINVAL;
        if (w->bitset & bitset) {
            wake_waiter(w);
            woken++;
        }
    }
    return woken;
}

s32 futex_wake_word(const u32 __user *word, u32 op, s32 count, u32 bitset)
{
    struct futex_key key;
    s32 result;

    if (!bitset)
        return -EINVAL;
    result = futex_key_get(word, op, &key);
    if (result)
        return result;
    return futex_wake_key(&key, max(count, 1), bitset); // 0 wakes one: Linux
}

void futex_wake(const u32 __user *word, u32 count)
{
    // A word that is not there has nobody who waits on it.
    (void)futex_wake_word(word, 0, (s32)count, FUTEX_BITSET_MATCH_ANY);
}

// restart_later - what restart_syscall is to do: wait on, until the same time.
static s32 restart_later(const struct futex_wait *wait)
{
    current->restart = (struct task_restart){
        .kind = RESTART_FUTEX,
        .deadline_ns = wait->deadline_ns,
        .word = wait->word,
        .value = wait->value,
        .bitset = wait->bitset,
        .format = wait->op,
    };
    return -ERESTART_RESTARTBLOCK;
}

s32 futex_restart(const struct task_restart *restart)
{
    const struct futex_wait wait = {
        .word = restart->word,
        .op = restart->format,
        .value = restart->value,
        .bitset = restart->bitset,
        .deadline_ns = restart->deadline_ns,
    };

    return futex_wait(&wait);
}

s32 futex_wait(const struct futex_wait *wait)
{
    struct futex_waiter w = {.bitset = wait->bitset};
    u32 now;
    s32 result;

    if (!wait->bitset)
        return -EINVAL;
    result = futex_key_get(wait->word, wait->op, &w.key);
    if (!result)
        result = futex_read(&now, wait->word);
    if (result)
        return result;
    if (now != wait->value)
        return -EAGAIN;
    wait_queue_init(&w.queue);
    list_add_tail(&w.link, futex_queue_of(&w.key));
    result = wait_event_full(&w.queue, w.woken, WAIT_INTERRUPTIBLE,
                             wait->deadline_ns);
    if (w.woken)
        return 0;
    list_del(&w.link);
    if (result != -EINTR)
        return result;
    return wait->deadline_ns ? restart_later(wait) : -ERESTARTSYS;
}
