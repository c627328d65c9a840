// kernel/sys_clone.c - system calls: fork, vfork, clone, clone3
// SPDX-License-Identifier: MIT
//
// Not done: namespaces, pidfds, ptrace, a number of the caller's choice
// (set_tid), cgroups: EINVAL.

#include <base/errno.h>
#include <kernel/sys_proc.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include "task_internal.h"

s32 sys_fork(void)
{
    struct clone_request request = {.exit_signal = SIGCHLD};

    return clone_task(&request);
}

s32 sys_vfork(void)
{
    struct clone_request request = {
        .flags = CLONE_VFORK | CLONE_VM,
        .exit_signal = SIGCHLD,
    };

    return clone_task(&request);
}

// get_tls - Return: 0; -EFAULT; -EINVAL.
static int get_tls(struct clone_request *request,
                   const struct user_desc __user *tls)
{
    if (!(request->flags & CLONE_SETTLS))
        return 0;
    if (copy_from_user(&request->tls, tls, sizeof(request->tls)))
        return -EFAULT;
    // A number must be given: -1 would have to be told back.
    return request->tls.entry_number == ~0u ? -EINVAL : 0;
}

s32 sys_clone(u32 flags, u32 stack, s32 __user *parent_tid,
              struct user_desc __user *tls, u32 __user *child_tid)
{
    struct clone_request request = {
        .flags = flags & ~(u32)(CSIGNAL | CLONE_DETACHED), // which says nothing
        .exit_signal = flags & CSIGNAL,
        .stack = stack,
        .parent_tid = parent_tid,
        .child_tid = child_tid,
    };
    int error = get_tls(&request, tls);

    // Numbers that no signal has are taken, and nobody is told: Linux.
    return error ? error : clone_task(&request);
}

// get_args - @bytes of them; what this kernel does not know must be 0. Return:
// 0; -E2BIG; -EINVAL: fewer than there ever were; -EFAULT.
static int get_args(struct clone_args *out, const void __user *from, u32 bytes)
{
    const u8 __user *rest = from;
    u32 known = min(bytes, (u32)sizeof(*out));

    if (bytes > PAGE_SIZE)
        return -E2BIG;
    if (bytes < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    memset(out, 0, sizeof(*out));
    for (u32 at = known; at < bytes; at++) {
        u8 byte;

        if (get_user(byte, rest + at))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return copy_from_user(out, from, known);
}

static int check_args(const struct clone_args *args)
{
    u64 flags = args->flags;

    if ((flags & ~(u64)(u32) ~(CLONE_DETACHED | CSIGNAL) &
         ~(u64)CLONE_CLEAR_SIGHAND) ||
        args->set_tid || args->set_tid_size)
        return -EINVAL;
    if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
        return -EINVAL;
    if ((flags & (CLONE_THREAD | CLONE_PARENT)) && args->exit_signal)
        return -EINVAL;
    if (args->exit_signal > SIGNALS || !args->stack != !args->stack_size)
        return -EINVAL;
    if (!user_range_ok((void __user *)(uintptr_t)args->stack,
                       (u32)args->stack_size) ||
        args->stack + args->stack_size > TASK_SIZE)
        return -EINVAL;
    return 0;
}

s32 sys_clone3(const void __user *user_args, u32 bytes)
{
    struct clone_request request;
    struct clone_args args;
    int error = get_args(&args, user_args, bytes);

    if (!error)
        error = check_args(&args);
    if (error)
        return error;
    request = (struct clone_request){
        .flags = (u32)args.flags,
        .exit_signal = (u32)args.exit_signal,
        .clears_handlers = args.flags & CLONE_CLEAR_SIGHAND,
        .stack = (u32)(args.stack + args.stack_size),
        .parent_tid = (s32 __user *)(uintptr_t)args.parent_tid,
        .child_tid = (u32 __user *)(uintptr_t)args.child_tid,
    };
    error = get_tls(&request, (const void __user *)(uintptr_t)args.tls);
    return error ? error : clone_task(&request);
}
