// kernel/futex_word.c - the word of a futex
// SPDX-License-Identifier: MIT
//
// The kernel is not preempted and there is one CPU: what is done with a word
// whose page is at hand is done at one moment. If it is not, the page is
// brought in, which may sleep, and all is looked at again.

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <mm/mm.h>

#include "futex_internal.h"

static bool read_resident(u32 *out, const u32 __user *word)
{
    int error;

    pagefault_disable();
    error = get_user(*out, word);
    pagefault_enable();
    return error == 0;
}

int futex_read(u32 *out, const u32 __user *word)
{
    while (!read_resident(out, word)) {
        u32 ignored;

        if (get_user(ignored, word)) // brings the page in
            return -EFAULT;
        if (task_fatal_pending(current)) // not of a task that ends
            return -EINTR;
    }
    return 0;
}

int futex_swap(u32 __user *word, u32 old, u32 new)
{
    u32 now;
    int error;

    if (!read_resident(&now, word))
        return -EFAULT;
    if (now != old)
        return -EAGAIN;
    pagefault_disable();
    error = put_user(new, word);
    pagefault_enable();
    return error;
}

int futex_make_writable(u32 __user *word)
{
    u32 address = (u32)(uintptr_t)(void __force *)word;

    if (!user_range_ok(word, sizeof(*word)))
        return -EFAULT;
    if (task_fatal_pending(current))
        return -EINTR;
    return mm_fault(current->mm, user_addr(address), FAULT_WRITE) == FAULT_DONE
               ? 0
               : -EFAULT;
}
