// kernel/sys_eventfd.c - system calls: counters and timers as files
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/eventfd.h>
#include <fs/files.h>
#include <fs/timerfd.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/time.h>
#include <linux/timerfd.h>

#define EVENTFD_SEMAPHORE 1u // no uapi header has it

s32 sys_eventfd2(u32 count, u32 flags)
{
    if (flags & ~(u32)(EVENTFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    return eventfd_create(
        count, flags & EVENTFD_SEMAPHORE ? EVENTFD_ONE : EVENTFD_ALL, flags);
}

s32 sys_eventfd(u32 count)
{
    return sys_eventfd2(count, 0);
}

// ---- timers ----------------------------------------------------------------

// The machine never sleeps, so that clocks that wake it are like others.
s32 sys_timerfd_create(u32 clock, u32 flags)
{
    if (flags & ~(u32)(TFD_CLOEXEC | TFD_NONBLOCK))
        return -EINVAL;
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME: break;
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
        if (!capable(CAP_WAKE_ALARM))
            return -EPERM;
        if (clock == CLOCK_REALTIME_ALARM)
            clock = CLOCK_REALTIME;
        break;
    default: return -EINVAL;
    }
    return timerfd_create(clock, flags);
}

static s32 set(s32 fd, u32 flags, const void __user *in, void __user *old,
               enum time_format format)
{
    struct timer_setting new, was;
    struct file *file;
    s32 rc = timer_setting_from_user(&new, in, format);

    if (rc)
        return rc;
    if (flags & ~(u32)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    rc = timerfd_set(file, flags, &new, &was);
    file_put(file);
    return rc || !old ? rc : timer_setting_to_user(old, &was, format);
}

static s32 get(s32 fd, void __user *out, enum time_format format)
{
    struct file *file = file_from_fd(fd);
    struct timer_setting now;
    s32 rc;

    if (!file)
        return -EBADF;
    rc = timerfd_get(file, &now);
    file_put(file);
    return rc ? rc : timer_setting_to_user(out, &now, format);
}

s32 sys_timerfd_settime(s32 fd, u32 flags, const void __user *in,
                        void __user *old)
{
    return set(fd, flags, in, old, TIME_OLD_TIMESPEC);
}

s32 sys_timerfd_settime64(s32 fd, u32 flags, const void __user *in,
                          void __user *old)
{
    return set(fd, flags, in, old, TIME_TIMESPEC64);
}

s32 sys_timerfd_gettime(s32 fd, void __user *out)
{
    return get(fd, out, TIME_OLD_TIMESPEC);
}

s32 sys_timerfd_gettime64(s32 fd, void __user *out)
{
    return get(fd, out, TIME_TIMESPEC64);
}
