// kernel/futex_requeue.c - futexes: two words at once
// SPDX-License-Identifier: MIT
//
// Whoever waits under one word goes on waiting under another (condition
// variables: those who are woken would only wait for the mutex next), or a word
// is changed and waiters of both are woken.

#include <base/bits.h>
#include <base/errno.h>
#include <linux/futex.h>

#include "futex_internal.h"

// move - @w waits under @to from now on.
static void move(struct futex_waiter *w, const struct futex_key *to)
{
    struct list_head *queue = futex_queue_of(to);

    if (queue != futex_queue_of(&w->key)) {
        list_del(&w->link);
        list_add_tail(&w->link, queue);
    }
    w->key = *to;
}

static s32 move_waiters(const struct futex_key *from,
                        const struct futex_key *to, s32 most)
{
    struct futex_waiter *w, *next;
    s32 moved = 0;

    list_for_each_entry_safe (w, next, futex_queue_of(from), link) {
        if (moved >= most)
            break;
        if (!futex_key_equal(&w->key, from))
            continue;
        if (w->is_pi)
            return -EINVAL;
        move(w, to);
        moved++;
    }
    return moved;
}

static int get_keys(const u32 __user *word, const u32 __user *word2, u32 op,
                    struct futex_key *out, struct futex_key *out2)
{
    int error = futex_key_get(word, op, out);

    return error ? error : futex_key_get(word2, op, out2);
}

s32 futex_requeue(const struct futex_requeue *rq, u32 op)
{
    struct futex_key from, to;
    s32 result, woken;
    u32 now;

    if (rq->count < 0 || rq->most < 0)
        return -EINVAL;
    result = get_keys(rq->from, rq->to, op, &from, &to);
    if (!result && rq->compares) {
        result = futex_read(&now, rq->from);
        if (!result && now != rq->value)
            result = -EAGAIN;
    }
    if (result)
        return result;
    woken = futex_wake_key(&from, rq->count, FUTEX_BITSET_MATCH_ANY);
    if (woken < 0)
        return woken;
    result = move_waiters(&from, &to, rq->most);
    return result < 0 ? result : woken + result;
}

// ---- FUTEX_WAKE_OP ---------------------------------------------------------

// The parts of FUTEX_OP(op, oparg, cmp, cmparg).
struct wake_op {
    u32 op, cmp;
    s32 op_arg, cmp_arg; // 12 bits with their sign
};

static struct wake_op parse(u32 what)
{
    struct wake_op p = {
        .op = what >> 28 & 7,
        .cmp = what >> 24 & 15,
        .op_arg = (s32)(what << 8) >> 20,
        .cmp_arg = (s32)(what << 20) >> 20,
    };

    if (what & (FUTEX_OP_OPARG_SHIFT << 28))
        p.op_arg = (s32)(1u << (p.op_arg & 31));
    return p;
}

// apply - Return: 0; -ENOSYS.
static int apply(const struct wake_op *p, u32 old, u32 *out)
{
    u32 argument = (u32)p->op_arg;

    switch (p->op) {
    case FUTEX_OP_SET: *out = argument; return 0;
    case FUTEX_OP_ADD: *out = old + argument; return 0;
    case FUTEX_OP_OR: *out = old | argument; return 0;
    case FUTEX_OP_ANDN: *out = old & ~argument; return 0;
    case FUTEX_OP_XOR: *out = old ^ argument; return 0;
    }
    return -ENOSYS;
}

// holds - Return: 0, 1; -ENOSYS.
static int holds(const struct wake_op *p, s32 old)
{
    switch (p->cmp) {
    case FUTEX_OP_CMP_EQ: return old == p->cmp_arg;
    case FUTEX_OP_CMP_NE: return old != p->cmp_arg;
    case FUTEX_OP_CMP_LT: return old < p->cmp_arg;
    case FUTEX_OP_CMP_GE: return old >= p->cmp_arg;
    case FUTEX_OP_CMP_LE: return old <= p->cmp_arg;
    case FUTEX_OP_CMP_GT: return old > p->cmp_arg;
    }
    return -ENOSYS;
}

// change - the word, by @p. Nothing has slept since. Return: as holds, of what
// it was; -EFAULT; -EINTR.
static int change(u32 __user *word, const struct wake_op *p)
{
    u32 old, new;
    int error;

    for (;;) {
        error = futex_read(&old, word);
        if (!error)
            error = apply(p, old, &new);
        if (error)
            return error;
        error = futex_swap(word, old, new);
        if (!error)
            return holds(p, (s32)old);
        error = futex_make_writable(word);
        if (error)
            return error;
    }
}

s32 futex_wake_op(u32 __user *word, u32 __user *word2, u32 op, s32 count,
                  s32 count2, u32 what)
{
    const struct wake_op p = parse(what);
    struct futex_key key, key2;
    s32 result = get_keys(word, word2, op, &key, &key2), woken, woken2;
    bool both;

    if (result)
        return result;
    result = change(word2, &p);
    if (result < 0)
        return result;
    both = result;
    woken = futex_wake_key(&key, max(count, 1), FUTEX_BITSET_MATCH_ANY);
    if (woken < 0 || !both)
        return woken;
    woken2 = futex_wake_key(&key2, max(count2, 1), FUTEX_BITSET_MATCH_ANY);
    return woken2 < 0 ? woken2 : woken + woken2;
}
