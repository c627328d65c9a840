// kernel/sys_timer.c - system calls: POSIX timers
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/time.h>

#include "posix_timer.h"

s32 sys_timer_create(u32 clock, const void __user *event, s32 __user *out)
{
    struct posix_timer *timer;
    sigevent_t copy;
    s32 id;

    if (event && copy_from_user(&copy, event, sizeof(copy)))
        return -EFAULT;
    id = posix_timer_create(clock, event ? &copy : NULL);
    if (id < 0)
        return id;
    if (!put_user(id, out))
        return 0;
    timer = posix_timer_find(id); // another thread may have deleted it
    if (timer)
        posix_timer_delete(timer);
    return -EFAULT;
}

static s32 set(s32 id, u32 flags, const void __user *in, void __user *old,
               enum time_format format)
{
    struct timer_setting new, was;
    struct posix_timer *timer;
    s32 error;
    u32 irq;

    if (!in)
        return -EINVAL;
    error = timer_setting_from_user(&new, in, format);
    if (error)
        return error;
    irq = irq_save();
    timer = posix_timer_find(id);
    if (timer)
        posix_timer_set(timer,
                        flags & TIMER_ABSTIME ? INTERVAL_AT : INTERVAL_AFTER,
                        &new, &was);
    irq_restore(irq);
    if (!timer)
        return -EINVAL;
    return old ? timer_setting_to_user(old, &was, format) : 0;
}

static s32 get(s32 id, void __user *out, enum time_format format)
{
    struct timer_setting now;
    u32 flags = irq_save();
    struct posix_timer *timer = posix_timer_find(id);

    if (timer)
        posix_timer_get(timer, &now);
    irq_restore(flags);
    return timer ? timer_setting_to_user(out, &now, format) : -EINVAL;
}

s32 sys_timer_settime(s32 id, u32 flags, const void __user *in,
                      void __user *old)
{
    return set(id, flags, in, old, TIME_OLD_TIMESPEC);
}

s32 sys_timer_settime64(s32 id, u32 flags, const void __user *in,
                        void __user *old)
{
    return set(id, flags, in, old, TIME_TIMESPEC64);
}

s32 sys_timer_gettime(s32 id, void __user *out)
{
    return get(id, out, TIME_OLD_TIMESPEC);
}

s32 sys_timer_gettime64(s32 id, void __user *out)
{
    return get(id, out, TIME_TIMESPEC64);
}

s32 sys_timer_getoverrun(s32 id)
{
    const struct posix_timer *timer = posix_timer_find(id);

    return timer ? posix_timer_overrun(timer) : -EINVAL;
}

s32 sys_timer_delete(s32 id)
{
    struct posix_timer *timer = posix_timer_find(id);

    if (!timer)
        return -EINVAL;
    posix_timer_delete(timer);
    return 0;
}
