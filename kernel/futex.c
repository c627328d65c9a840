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
// it: a compare that must sleep for its page is done again.
//
// Context: tasks only, so no interrupt protection but the wait queues' own.

#include <kernel/futex.h>

#include <base/errno.h>
#include <kernel/signal.h>
#include <kernel/sys_proc.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/futex.h>

#include "futex_key.h"

#define QUEUES 64u // a power of two

struct futex_waiter {
    struct list_head link;
    struct wait_queue queue;
    struct futex_key key;
    u32 bitset;
    bool woken; // and off the list
};

static struct list_head queues[QUEUES];

void futex_init(void)
{
    for (u32 i = 0; i < QUEUES; i++)
        list_init(&queues[i]);
}

static struct list_head *queue_of(const struct futex_key *key)
{
    u32 hash = (u32)(uintptr_t)key->mm >> 5 ^ (u32)key->serial;

    hash ^= (u32)(key->place >> 2) ^ (u32)(key->place >> 12);
    return &queues[hash & (QUEUES - 1)];
}

static void wake_waiter(struct futex_waiter *w)
{
    list_del(&w->link);
    w->woken = true;
    wake_up(&w->queue);
}

static s32 wake(const struct futex_key *key, s32 count, u32 bitset)
{
    struct futex_waiter *w, *next;
    s32 woken = 0;

    list_for_each_entry_safe (w, next, queue_of(key), link) {
        if (woken >= count)
            break;
        if (futex_key_equal(&w->key, key) && (w->bitset & bitset)) {
            wake_waiter(w);
            woken++;
        }
    }
    return woken;
}

static s32 wake_word(const u32 __user *word, u32 op, u32 count, u32 bitset)
{
    struct futex_key key;
    s32 result;

    if (!bitset)
        return -EINVAL;
    result = futex_key_get(word, op, &key);
    if (result)
        return result;
    return wake(&key, max((s32)count, 1), bitset); // 0 wakes one: Linux
}

void futex_wake(const u32 __user *word, u32 count)
{
    // A word that is not there has nobody who waits on it.
    (void)wake_word(word, 0, count, FUTEX_BITSET_MATCH_ANY);
}

// read_resident - the word, if that does not need to sleep.
static bool read_resident(u32 *out, const u32 __user *word)
{
    int error;

    pagefault_disable();
    error = get_user(*out, word);
    pagefault_enable();
    return error == 0;
}

// compare - that the word is @value, at a moment after which nothing has slept.
// Return: 0; -EAGAIN: it is not; -EFAULT.
static int compare(const u32 __user *word, u32 value)
{
    u32 now;

    while (!read_resident(&now, word)) {
        if (get_user(now, word)) // brings the page in
            return -EFAULT;
        if (task_fatal_pending(current))
            return -EINTR;
    }
    return now == value ? 0 : -EAGAIN;
}

// sleep_on - until woken. The word was compared and nothing has slept since.
static s32 sleep_on(struct futex_waiter *w, u64 deadline_ns)
{
    int error;

    wait_queue_init(&w->queue);
    list_add_tail(&w->link, queue_of(&w->key));
    error =
        wait_event_full(&w->queue, w->woken, WAIT_INTERRUPTIBLE, deadline_ns);
    if (w->woken)
        return 0;
    list_del(&w->link);
    if (error == -EINTR)
        return deadline_ns ? -EINTR : -ERESTARTSYS;
    return error;
}

static s32 wait(const u32 __user *word, u32 op, u32 value, u64 deadline_ns,
                u32 bitset)
{
    struct futex_waiter w = {.bitset = bitset};
    s32 result;

    if (!bitset)
        return -EINVAL;
    result = futex_key_get(word, op, &w.key);
    if (result)
        return result;
    result = compare(word, value);
    return result ? result : sleep_on(&w, deadline_ns);
}

// move - @w waits under @to from now on.
static void move(struct futex_waiter *w, const struct futex_key *to)
{
    struct list_head *queue = queue_of(to);

    if (queue != queue_of(&w->key)) {
        list_del(&w->link);
        list_add_tail(&w->link, queue);
    }
    w->key = *to;
}

// requeue - wake @count, let up to @most more wait under @to instead.
static s32 requeue(const struct futex_key *from, s32 count,
                   const struct futex_key *to, s32 most)
{
    struct futex_waiter *w, *next;
    s32 woken = wake(from, count, FUTEX_BITSET_MATCH_ANY), moved = 0;

    list_for_each_entry_safe (w, next, queue_of(from), link) {
        if (moved >= most)
            break;
        if (!futex_key_equal(&w->key, from))
            continue;
        move(w, to);
        moved++;
    }
    return woken + moved;
}

struct requeue_request {
    const u32 __user *from, *to;
    s32 count, most;
    bool compares;
    u32 value;
};

static s32 requeue_words(const struct requeue_request *rq, u32 op)
{
    struct futex_key from, to;
    s32 result;

    if (rq->count < 0 || rq->most < 0)
        return -EINVAL;
    result = futex_key_get(rq->from, op, &from);
    if (result)
        return result;
    result = futex_key_get(rq->to, op, &to);
    if (!result && rq->compares)
        result = compare(rq->from, rq->value);
    return result ? result : requeue(&from, rq->count, &to, rq->most);
}

// deadline_of - a relative time, or, of the bitset form, an absolute one.
static int deadline_of(u64 *out, u32 op, u32 timeout, enum time_format format)
{
    u64 ns;
    int error;

    *out = 0;
    if (!timeout)
        return 0;
    error =
        time_from_user(&ns, (const void __user *)(uintptr_t)timeout, format);
    if (error)
        return error;
    if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
        *out = time_after(ns);
    else if (op & FUTEX_CLOCK_REALTIME)
        *out = time_after(ns > time_wall_ns() ? ns - time_wall_ns() : 0);
    else
        *out = ns ? ns : 1;
    return 0;
}

static s32 futex(u32 __user *word, u32 op, u32 value, u32 arg,
                 u32 __user *word2, u32 value3, enum time_format format)
{
    u32 command = op & FUTEX_CMD_MASK;
    struct requeue_request rq;
    u64 deadline;
    int error;

    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        error = deadline_of(&deadline, op, arg, format);
        if (error)
            return error;
        return wait(word, op, value, deadline,
                    command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : value3);
    case FUTEX_WAKE: return wake_word(word, op, value, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET: return wake_word(word, op, value, value3);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        rq = (struct requeue_request){
            .from = word,
            .to = word2,
            .count = (s32)value,
            .most = (s32)arg,
            .compares = command == FUTEX_CMP_REQUEUE,
            .value = value3,
        };
        return requeue_words(&rq, op);
    default: return -ENOSYS;
    }
}

s32 sys_futex(u32 __user *word, u32 op, u32 value, u32 timeout_or_count,
              u32 __user *word2, u32 value3)
{
    return futex(word, op, value, timeout_or_count, word2, value3,
                 TIME_OLD_TIMESPEC);
}

s32 sys_futex_time64(u32 __user *word, u32 op, u32 value, u32 timeout_or_count,
                     u32 __user *word2, u32 value3)
{
    return futex(word, op, value, timeout_or_count, word2, value3,
                 TIME_TIMESPEC64);
}
