// kernel/sys_sleep.c - system calls: sleeping until a time
// SPDX-License-Identifier: MIT
//
// A relative sleep is made a deadline at once. When a signal interrupts it
// without a handler running (the task was stopped and goes on), it continues
// to the same deadline: restart_syscall.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/futex.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <linux/time.h>

#include "signal_internal.h"

// Return: 0; -EINTR.
static int sleep_until(u64 deadline_ns)
{
    WAIT_QUEUE(nobody);
    int result = wait_event_full(&nobody, time_ns() >= deadline_ns,
                                 WAIT_INTERRUPTIBLE, deadline_ns);

    return result == -EINTR ? -EINTR : 0;
}

static s32 sleep_restartable(struct task_restart *restart)
{
    u64 now;
    int error;

    if (!sleep_until(restart->deadline_ns))
        return 0;
    now = time_ns();
    if (restart->remain) {
        u64 left = restart->deadline_ns > now ? restart->deadline_ns - now : 0;

        error = time_to_user((void __user *)(uintptr_t)restart->remain, left,
                             (enum time_format)restart->format);
        if (error)
            return error;
    }
    return -ERESTART_RESTARTBLOCK;
}

static s32 sleep_relative(const void __user *request, void __user *remain,
                          enum time_format format)
{
    struct task_restart *restart = &current->restart;
    u64 ns;
    int error = time_from_user(&ns, request, format);

    if (error)
        return error;
    *restart = (struct task_restart){
        .kind = RESTART_SLEEP,
        .deadline_ns = time_after(ns),
        .remain = (u32)(uintptr_t)(void __force *)remain,
        .format = format,
    };
    return sleep_restartable(restart);
}

s32 sys_restart_syscall(void)
{
    // Only after a call that said so; a program that makes it up waits for what
    // it last waited for.
    switch (current->restart.kind) {
    case RESTART_SLEEP: return sleep_restartable(&current->restart);
    case RESTART_FUTEX: return futex_restart(&current->restart);
    case RESTART_NOTHING: break;
    }
    return -EINTR;
}

s32 sys_nanosleep(const void __user *request, void __user *remain)
{
    return sleep_relative(request, remain, TIME_OLD_TIMESPEC);
}

// sleep_absolute - to a time of @clock. The wall clock may be set meanwhile;
// then the sleep is not adjusted.
static s32 sleep_absolute(u32 clock, const void __user *request,
                          enum time_format format)
{
    u64 ns, wall;
    int error = time_from_user(&ns, request, format);

    if (error)
        return error;
    if (clock == CLOCK_REALTIME || clock == CLOCK_TAI) {
        wall = time_wall_ns();
        ns = time_after(ns > wall ? ns - wall : 0);
    }
    return sleep_until(ns ? ns : 1) ? -ERESTARTNOHAND : 0;
}

// Not done: sleeping by the CPU clock of a process.
static int check_clock(u32 clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_TAI: return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE: return -EOPNOTSUPP;
    }
    return -EINVAL;
}

static s32 clock_sleep(u32 clock, u32 flags, const void __user *request,
                       void __user *remain, enum time_format format)
{
    int error = check_clock(clock);

    if (error)
        return error;
    if (flags & TIMER_ABSTIME)
        return sleep_absolute(clock, request, format);
    return sleep_relative(request, remain, format);
}

s32 sys_clock_nanosleep(u32 clock, u32 flags, const void __user *request,
                        void __user *remain)
{
    return clock_sleep(clock, flags, request, remain, TIME_OLD_TIMESPEC);
}

s32 sys_clock_nanosleep_time64(u32 clock, u32 flags, const void __user *request,
                               void __user *remain)
{
    return clock_sleep(clock, flags, request, remain, TIME_TIMESPEC64);
}
