// kernel/futex_robust.c - locks that a thread holds when it ends
// SPDX-License-Identifier: MIT
//
// A program keeps a list of the locks it holds in its own memory, and tells the
// kernel where. When the thread ends or runs another program, the kernel walks
// it: in the word of each lock whose owner is this thread, FUTEX_OWNER_DIED
// takes the place of the number, and one waiter is woken to find that.
//
// The list is the program's and may be anything: the walk ends at the first
// address that cannot be read, and after ROBUST_LIST_LIMIT entries.

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <linux/futex.h>

#include "futex_internal.h"

// As 32-bit programs have them. Bit 0 of an address of an entry: a lock that
// is handed over (futex_pi.c).
#define ENTRY_PI 1u

struct robust_head {
    u32 first;
    s32 offset;  // from an entry to its lock
    u32 pending; // an entry that is being taken or given up; 0: none
};

static_assert(sizeof(struct robust_head) == ROBUST_HEAD_BYTES, "linux/futex.h");

static u32 __user *word_at(u32 address)
{
    return (u32 __user *)(uintptr_t)address;
}

// release - the lock at @address, if this thread has it. @is_pending: it may
// have been given up, but for waking the next one. Return: whether to go on.
static bool release(u32 address, bool is_pi, bool is_pending)
{
    u32 __user *word = word_at(address);
    u32 value;
    int error;

    if (address % sizeof(u32))
        return false;
    do {
        if (futex_read(&value, word))
            return false;
        if (is_pending && !is_pi && !value)
            futex_wake(word, 1);
        if ((value & FUTEX_TID_MASK) != (u32)current->pid)
            return true;
        error =
            futex_swap(word, value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
        if (error == -EFAULT && futex_make_writable(word))
            return false;
    } while (error);
    if (!is_pi && (value & FUTEX_WAITERS))
        futex_wake(word, 1);
    return true;
}

static void walk(u32 head_address)
{
    struct robust_head head;
    u32 entry, pending, left = ROBUST_LIST_LIMIT;

    if (copy_from_user(&head, word_at(head_address), sizeof(head)))
        return;
    pending = head.pending & ~ENTRY_PI;
    entry = head.first;
    while ((entry & ~ENTRY_PI) != head_address && left--) {
        u32 at = entry & ~ENTRY_PI, next;
        bool has_next = get_user(next, word_at(at)) == 0;

        if (at != pending &&
            !release(at + (u32)head.offset, entry & ENTRY_PI, false))
            return;
        if (!has_next)
            return;
        entry = next;
        cond_resched();
    }
    if (pending)
        release(pending + (u32)head.offset, head.pending & ENTRY_PI, true);
}

void futex_leave(void)
{
    if (current->robust_list) {
        walk(current->robust_list);
        current->robust_list = 0;
    }
    futex_pi_leave();
}
