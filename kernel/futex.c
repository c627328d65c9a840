// kernel/futex.c - waiting on a word of user memory
// SPDX-License-Identifier: MIT
//
// A waiter stands in one of a few queues by (address space, address), so this
// serves everybody who shares an mm. Words in memory that is shared between
// address spaces are refused with ENOSYS unless FUTEX_PRIVATE_FLAG says that
// nobody else is meant: a wait that could never be woken would be worse.
//
// The word is compared in the waiter's own context, and the kernel is not
// preempted, so between the comparison and the sleep no other task can change
// it: a compare that must sleep for its page is done again.
//
// Context: tasks only, so no interrupt protection but the wait queues' own.

#include <kernel/futex.h>

#include <base/errno.h>
#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/sys_proc.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/futex.h>
#include <mm/mm.h>

#define QUEUES 64u // a power of two

struct futex_waiter {
    struct list_head link;
    struct wait_queue queue;
    struct mm *mm;
    u32 address;
    u32 bitset;
    bool woken; // and off the list
};

static struct list_head queues[QUEUES];

void futex_init(void)
{
    for (u32 i = 0; i < QUEUES; i++)
        list_init(&queues[i]);
}

static u32 address_of(const u32 __user *word)
{
    return (u32)(uintptr_t)(const void __force *)word;
}

static struct list_head *queue_of(const struct mm *mm, u32 address)
{
    u32 hash = ((u32)(uintptr_t)mm >> 5) ^ (address >> 2) ^ (address >> 12);

    return &queues[hash & (QUEUES - 1)];
}

// check_word - Return: 0; -EINVAL; -ENOSYS: shared with others.
static int check_word(const u32 __user *word, u32 op)
{
    struct mm *mm = current->mm;
    struct vm_area *vma;
    bool shared;

    if (address_of(word) & 3u)
        return -EINVAL;
    if (op & FUTEX_PRIVATE_FLAG)
        return 0;
    mutex_lock(&mm->lock);
    vma = vma_find(&mm->areas, user_addr(address_of(word)));
    shared = vma && (vma->flags & VM_SHARED);
    mutex_unlock(&mm->lock);
    return shared ? -ENOSYS : 0;
}

static void wake_waiter(struct futex_waiter *w)
{
    list_del(&w->link);
    w->woken = true;
    wake_up(&w->queue);
}

static s32 wake(u32 address, u32 count, u32 bitset)
{
    struct list_head *queue = queue_of(current->mm, address);
    struct futex_waiter *w, *next;
    s32 woken = 0;

    list_for_each_entry_safe (w, next, queue, link) {
        if ((u32)woken >= count)
            break;
        if (w->mm == current->mm && w->address == address &&
            (w->bitset & bitset)) {
            wake_waiter(w);
            woken++;
        }
    }
    return woken;
}

s32 futex_wake(const u32 __user *word, u32 count)
{
    return wake(address_of(word), count, FUTEX_BITSET_MATCH_ANY);
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

static s32 wait(const u32 __user *word, u32 value, u64 deadline_ns, u32 bitset)
{
    struct futex_waiter w = {
        .mm = current->mm,
        .address = address_of(word),
        .bitset = bitset,
    };
    int error;

    if (!bitset)
        return -EINVAL;
    error = compare(word, value);
    if (error)
        return error;
    wait_queue_init(&w.queue);
    list_add_tail(&w.link, queue_of(w.mm, w.address));
    error = wait_event_full(&w.queue, w.woken, WAIT_INTERRUPTIBLE, deadline_ns);
    if (w.woken)
        return 0;
    list_del(&w.link);
    if (error == -EINTR)
        return deadline_ns ? -EINTR : -ERESTARTSYS;
    return error;
}

// requeue - wake @count, let up to @most more wait at @to instead.
static s32 requeue(u32 from, u32 count, u32 to, u32 most)
{
    struct futex_waiter *w, *next;
    s32 woken = wake(from, count, FUTEX_BITSET_MATCH_ANY);
    u32 moved = 0;

    list_for_each_entry_safe (w, next, queue_of(current->mm, from), link) {
        if (moved >= most)
            break;
        if (w->mm != current->mm || w->address != from)
            continue;
        w->address = to;
        list_del(&w->link);
        list_add_tail(&w->link, queue_of(current->mm, to));
        moved++;
    }
    return woken + (s32)moved;
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
    u64 deadline;
    int error = check_word(word, op);

    if (error)
        return error;
    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        error = deadline_of(&deadline, op, arg, format);
        if (error)
            return error;
        return wait(word, value, deadline,
                    command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : value3);
    case FUTEX_WAKE: return futex_wake(word, value);
    case FUTEX_WAKE_BITSET:
        return value3 ? wake(address_of(word), value, value3) : -EINVAL;
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        error = check_word(word2, op);
        if (!error && command == FUTEX_CMP_REQUEUE)
            error = compare(word, value3);
        return error ? error
                     : requeue(address_of(word), value, address_of(word2), arg);
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
