// kernel/signal_altstack.c - the stack that handlers with SA_ONSTACK run on
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/uaccess.h>
#include <linux/signal.h>

#include "signal_frame.h"

bool altstack_contains(u32 esp)
{
    return !(current->altstack_flags & SS_AUTODISARM) &&
           esp > current->altstack_start &&
           esp - current->altstack_start <= current->altstack_bytes;
}

int altstack_set(const struct altstack *new, u32 esp)
{
    u32 mode = new->flags & ~(u32)SS_AUTODISARM;

    if (altstack_contains(esp))
        return -EPERM;
    if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
        return -EINVAL;
    if (mode != SS_DISABLE && new->bytes < MINSIGSTKSZ)
        return -ENOMEM;
    current->altstack_start = mode == SS_DISABLE ? 0 : new->start;
    current->altstack_bytes = mode == SS_DISABLE ? 0 : new->bytes;
    current->altstack_flags = new->flags; // a frame shows them as given
    return 0;
}

s32 sys_sigaltstack(const u32 __user *stack, u32 __user *old)
{
    struct altstack was = {current->altstack_start, current->altstack_flags,
                           current->altstack_bytes};
    u32 esp = thread_user_frame(&current->thread)->esp;
    struct altstack new;
    int error;

    if (stack && copy_from_user(&new, stack, sizeof(new)))
        return -EFAULT;
    was.flags &= SS_AUTODISARM;
    if (!was.bytes)
        was.flags |= SS_DISABLE;
    else if (altstack_contains(esp))
        was.flags |= SS_ONSTACK;
    error = stack ? altstack_set(&new, esp) : 0;
    if (error || !old)
        return error;
    return copy_to_user(old, &was, sizeof(was));
}
