// kernel/sys_signal.c - system calls: handlers, masks, waiting for signals
// SPDX-License-Identifier: MIT
//
// The rt_ calls have 64-bit sets, the old ones the first word of them.

#include <base/errno.h>
#include <kernel/process.h>
#include <kernel/sys_proc.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/signal.h>

#include "signal_internal.h"

#define SET_BYTES 8u

#define FLAGS_KNOWN                                                            \
    ((u32)(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK |             \
           SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_RESTORER |              \
           SA_EXPOSE_TAGBITS))

// struct old_sigaction
struct old_action {
    u32 handler;
    u32 mask;
    u32 flags;
    u32 restorer;
};

static bool settable(s32 signal)
{
    return signal >= 1 && signal <= (s32)SIGNALS &&
           !(signals_unblockable & signal_bit(signal));
}

// exchange - set @new (NULL: only look) and give what was there.
static int exchange(s32 signal, const struct signal_action *new,
                    struct signal_action *old)
{
    struct signal_action *action;
    u32 flags;

    if (signal < 1 || signal > (s32)SIGNALS || (new && !settable(signal)))
        return -EINVAL;
    action = signal_action_of(current, signal);
    flags = irq_save();
    *old = *action;
    if (new) {
        *action = *new;
        action->mask &= ~signals_unblockable;
        // So a program finds out what is known here.
        action->flags &= FLAGS_KNOWN;
        // POSIX: what becomes ignored is not pending any more.
        if (signal_is_ignored(current->process, signal))
            signal_flush_all(current->process, signal_bit(signal));
    }
    irq_restore(flags);
    return 0;
}

s32 sys_rt_sigaction(s32 signal, const void __user *action, void __user *old,
                     u32 set_bytes)
{
    struct signal_action new, was;
    int error;

    if (set_bytes != SET_BYTES)
        return -EINVAL;
    if (action && copy_from_user(&new, action, sizeof(new)))
        return -EFAULT;
    error = exchange(signal, action ? &new : NULL, &was);
    if (error || !old)
        return error;
    return copy_to_user(old, &was, sizeof(was));
}

s32 sys_sigaction(s32 signal, const u32 __user *action, u32 __user *old)
{
    struct signal_action new, was;
    struct old_action form;
    int error;

    if (action) {
        if (copy_from_user(&form, action, sizeof(form)))
            return -EFAULT;
        new = (struct signal_action){.handler = form.handler,
                                     .flags = form.flags,
                                     .restorer = form.restorer,
                                     .mask = form.mask};
    }
    error = exchange(signal, action ? &new : NULL, &was);
    if (error || !old)
        return error;
    form = (struct old_action){.handler = was.handler,
                               .mask = (u32)was.mask,
                               .flags = was.flags,
                               .restorer = was.restorer};
    return copy_to_user(old, &form, sizeof(form));
}

s32 sys_signal(s32 signal, u32 handler)
{
    struct signal_action new = {.handler = handler,
                                .flags = SA_RESETHAND | SA_NODEFER};
    struct signal_action was;
    int error = exchange(signal, &new, &was);

    return error ? error : (s32)was.handler;
}

static int change_mask(u32 how, u64 set)
{
    switch (how) {
    case SIG_BLOCK: signal_set_blocked(current->sig_blocked | set); return 0;
    case SIG_UNBLOCK: signal_set_blocked(current->sig_blocked & ~set); return 0;
    case SIG_SETMASK: signal_set_blocked(set); return 0;
    }
    return -EINVAL;
}

s32 sys_rt_sigprocmask(u32 how, const u64 __user *set, u64 __user *old,
                       u32 set_bytes)
{
    u64 was = current->sig_blocked;
    u64 new;
    int error = 0;

    if (set_bytes != SET_BYTES)
        return -EINVAL;
    if (set) {
        if (get_user(new, set))
            return -EFAULT;
        error = change_mask(how, new);
    }
    if (error || !old)
        return error;
    return put_user(was, old);
}

// The high word of the mask is kept.
s32 sys_sigprocmask(u32 how, const u32 __user *set, u32 __user *old)
{
    u64 was = current->sig_blocked;
    u32 low;
    int error = 0;

    if (set) {
        if (get_user(low, set))
            return -EFAULT;
        if (how == SIG_SETMASK)
            signal_set_blocked((was & ~0xffffffffull) | low);
        else
            error = change_mask(how, low);
    }
    if (error || !old)
        return error;
    low = (u32)was;
    return put_user(low, old);
}

static u64 pending_set(void)
{
    return current->pending.set | current->process->pending.set;
}

s32 sys_rt_sigpending(u64 __user *set, u32 set_bytes)
{
    u64 pending = pending_set() & current->sig_blocked;

    if (set_bytes > SET_BYTES)
        return -EINVAL;
    return copy_to_user(set, &pending, set_bytes);
}

s32 sys_sigpending(u32 __user *set)
{
    u32 pending = (u32)(pending_set() & current->sig_blocked);

    return put_user(pending, set);
}

static s32 wait_for_signal(void)
{
    WAIT_QUEUE(nobody);
    int result = wait_event_interruptible(&nobody, false);

    (void)result; // -EINTR: what was waited for
    return -ERESTARTNOHAND;
}

static s32 suspend(u64 set)
{
    current->sig_saved = current->sig_blocked;
    current->work.restore_sigmask = true;
    signal_set_blocked(set);
    return wait_for_signal();
}

s32 sys_rt_sigsuspend(const u64 __user *set, u32 set_bytes)
{
    u64 mask;

    if (set_bytes != SET_BYTES)
        return -EINVAL;
    if (get_user(mask, set))
        return -EFAULT;
    return suspend(mask);
}

s32 sys_sigsuspend(u32 unused1 __unused, u32 unused2 __unused, u32 set)
{
    return suspend(set);
}

s32 sys_pause(void)
{
    return wait_for_signal();
}

// While it waits, the awaited signals count as unblocked, so that they wake it,
// but not as such that may be dropped because they are ignored.
static int await_signal(u64 set, u64 deadline_ns, struct signal_info *out)
{
    u64 blocked = current->sig_blocked;
    WAIT_QUEUE(nobody);
    int result;

    if (signal_dequeue(~set, out))
        return 0;
    current->sig_awaited = blocked & set;
    signal_set_blocked(blocked & ~set);
    result = wait_event_full(&nobody, pending_set() & set, WAIT_INTERRUPTIBLE,
                             deadline_ns);
    signal_set_blocked(blocked);
    current->sig_awaited = 0;
    if (signal_dequeue(~set, out))
        return 0;
    return result == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

static s32 timed_wait(const u64 __user *user_set, void __user *info,
                      const void __user *timeout, enum time_format format,
                      u32 set_bytes)
{
    struct signal_info found;
    u64 set;
    u64 deadline = 0;
    int error;

    if (set_bytes != SET_BYTES)
        return -EINVAL;
    if (get_user(set, user_set))
        return -EFAULT;
    if (timeout) {
        error = time_from_user(&deadline, timeout, format);
        if (error)
            return error;
        deadline = time_after(deadline);
    }
    error = await_signal(set & ~signals_unblockable, deadline, &found);
    if (error)
        return error;
    if (info && signal_info_to_user(info, &found))
        return -EFAULT;
    return found.signal;
}

s32 sys_rt_sigtimedwait(const u64 __user *set, void __user *info,
                        const void __user *timeout, u32 set_bytes)
{
    return timed_wait(set, info, timeout, TIME_OLD_TIMESPEC, set_bytes);
}

s32 sys_rt_sigtimedwait_time64(const u64 __user *set, void __user *info,
                               const void __user *timeout, u32 set_bytes)
{
    return timed_wait(set, info, timeout, TIME_TIMESPEC64, set_bytes);
}
