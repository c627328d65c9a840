// kernel/sys_futex.c - system calls: futexes
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/futex.h>

#include "futex_internal.h"

static bool has_timeout(u32 command)
{
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET ||
           command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2;
}

// Which commands may be told to go by the wall clock.
static bool has_clock(u32 command)
{
    return command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI2;
}

// deadline_of - of FUTEX_WAIT the time is relative, else absolute.
static int deadline_of(u64 *out, u32 op, u32 timeout, enum time_format format)
{
    u32 command = op & FUTEX_CMD_MASK;
    u64 ns, wall;
    int error;

    *out = 0;
    if (!timeout || !has_timeout(command))
        return 0;
    error =
        time_from_user(&ns, (const void __user *)(uintptr_t)timeout, format);
    if (error)
        return error;
    if (command == FUTEX_WAIT) {
        *out = time_after(ns);
    } else if ((op & FUTEX_CLOCK_REALTIME) || command == FUTEX_LOCK_PI) {
        wall = time_wall_ns();
        *out = time_after(ns > wall ? ns - wall : 0);
    } else {
        *out = ns ? ns : 1;
    }
    return 0;
}

struct futex_call {
    u32 __user *word;
    u32 op, value;
    u32 arg; // a count, or the address of a timeout
    u32 __user *word2;
    u32 value3;
    u64 deadline_ns;
};

static s32 wait(const struct futex_call *c, u32 bitset)
{
    const struct futex_wait wait = {
        .word = c->word,
        .op = c->op & FUTEX_PRIVATE_FLAG,
        .value = c->value,
        .bitset = bitset,
        .deadline_ns = c->deadline_ns,
    };

    return futex_wait(&wait);
}

static s32 requeue(const struct futex_call *c, bool compares)
{
    const struct futex_requeue rq = {
        .from = c->word,
        .to = c->word2,
        .count = (s32)c->value,
        .most = (s32)c->arg,
        .compares = compares,
        .value = c->value3,
    };

    return futex_requeue(&rq, c->op);
}

static s32 run(const struct futex_call *c)
{
    const u32 any = FUTEX_BITSET_MATCH_ANY;

    switch (c->op & FUTEX_CMD_MASK) {
    case FUTEX_WAIT: return wait(c, any);
    case FUTEX_WAIT_BITSET: return wait(c, c->value3);
    case FUTEX_WAKE: return futex_wake_word(c->word, c->op, (s32)c->value, any);
    case FUTEX_WAKE_BITSET:
        return futex_wake_word(c->word, c->op, (s32)c->value, c->value3);
    case FUTEX_REQUEUE: return requeue(c, false);
    case FUTEX_CMP_REQUEUE: return requeue(c, true);
    case FUTEX_WAKE_OP:
        return futex_wake_op(c->word, c->word2, c->op, (s32)c->value,
                             (s32)c->arg, c->value3);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return futex_lock_pi(c->word, c->op, c->deadline_ns, false);
    case FUTEX_TRYLOCK_PI: return futex_lock_pi(c->word, c->op, 0, true);
    case FUTEX_UNLOCK_PI: return futex_unlock_pi(c->word, c->op);
    default: return -ENOSYS;
    }
}

static s32 futex(struct futex_call *c, enum time_format format)
{
    int error = deadline_of(&c->deadline_ns, c->op, c->arg, format);

    if (error)
        return error;
    if ((c->op & FUTEX_CLOCK_REALTIME) && !has_clock(c->op & FUTEX_CMD_MASK))
        return -ENOSYS;
    return run(c);
}

s32 sys_futex(u32 __user *word, u32 op, u32 value, u32 timeout_or_count,
              u32 __user *word2, u32 value3)
{
    struct futex_call c = {word, op, value, timeout_or_count, word2, value3, 0};

    return futex(&c, TIME_OLD_TIMESPEC);
}

s32 sys_futex_time64(u32 __user *word, u32 op, u32 value, u32 timeout_or_count,
                     u32 __user *word2, u32 value3)
{
    struct futex_call c = {word, op, value, timeout_or_count, word2, value3, 0};

    return futex(&c, TIME_TIMESPEC64);
}

s32 sys_set_robust_list(u32 head, u32 bytes)
{
    if (bytes != ROBUST_HEAD_BYTES)
        return -EINVAL;
    current->robust_list = head;
    return 0;
}

s32 sys_get_robust_list(s32 tid, u32 __user *head, u32 __user *bytes)
{
    const struct task *task = tid ? task_find(tid) : current;
    u32 list;

    if (!task)
        return -ESRCH;
    if (!task_may_look(task))
        return -EPERM;
    list = task->robust_list;
    if (put_user((u32)ROBUST_HEAD_BYTES, bytes))
        return -EFAULT;
    return put_user(list, head);
}
