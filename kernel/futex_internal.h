// kernel/futex_internal.h - what the futex files share
// SPDX-License-Identifier: MIT
#pragma once

#include <base/list.h>
#include <kernel/futex.h>
#include <kernel/wait.h>

#include "futex_key.h"

struct task;

// Stands in a queue, on the waiter's stack.
struct futex_waiter {
    struct list_head link;
    struct wait_queue queue;
    struct futex_key key;
    u32 bitset;
    bool woken; // and off the list
    // Of a lock with an owner (futex_pi.c):
    bool is_pi;
    bool owns;          // the lock was handed over to it; still on the list
    bool owner_died;    // ... by the end of its owner
    struct task *task;  // who waits ...
    struct task *owner; // ... for whom
};

// futex_queue_of - where waiters under that key stand.
struct list_head *futex_queue_of(const struct futex_key *key);
// futex_queues - all queues, FUTEX_QUEUES of them.
#define FUTEX_QUEUES 64u // a power of two
extern struct list_head futex_queues[FUTEX_QUEUES];

// futex_wake_key - up to @count waiters. Return: how many; -EINVAL: one waits
// for a lock that is handed over.
s32 futex_wake_key(const struct futex_key *key, s32 count, u32 bitset);
s32 futex_wake_word(const u32 __user *word, u32 op, s32 count, u32 bitset);

// futex_wait - while the word is @value. @deadline_ns 0: none. Return: 0:
// woken; -EAGAIN: it is not; -EFAULT; -EINVAL; -ETIMEDOUT; -ERESTARTSYS;
// -ERESTART_RESTARTBLOCK, with a deadline.
struct futex_wait {
    const u32 __user *word;
    u32 op, value, bitset;
    u64 deadline_ns;
};
s32 futex_wait(const struct futex_wait *wait);

// futex_word.c: reads and changes at a moment after which nothing has slept.

// futex_read - Return: 0; -EFAULT; -EINTR: killed while the page came.
__must_check int futex_read(u32 *out, const u32 __user *word);

// futex_swap - the word becomes @new if it is @old. Does not sleep. Return: 0;
// -EAGAIN: it is not; -EFAULT: it may not be there: futex_make_writable.
__must_check int futex_swap(u32 __user *word, u32 old, u32 new);

// futex_make_writable - bring the page in and make it writable. May sleep.
// Return: 0; -EFAULT; -EINTR.
__must_check int futex_make_writable(u32 __user *word);

// futex_requeue.c
struct futex_requeue {
    const u32 __user *from, *to;
    s32 count, most; // to wake, to move
    bool compares;
    u32 value;
};
s32 futex_requeue(const struct futex_requeue *rq, u32 op);
s32 futex_wake_op(u32 __user *word, u32 __user *word2, u32 op, s32 count,
                  s32 count2, u32 what);

// futex_pi.c
s32 futex_lock_pi(u32 __user *word, u32 op, u64 deadline_ns, bool only_try);
s32 futex_unlock_pi(u32 __user *word, u32 op);

// futex_pi_leave - the locks that the current task owns go to the next ones.
void futex_pi_leave(void);
