// kernel/sys_itimer.c - system calls: alarms
// SPDX-License-Identifier: MIT
//
// ITIMER_REAL only. ITIMER_VIRTUAL and ITIMER_PROF would need a look at every
// tick, and answer EINVAL.

#include <kernel/sys_proc.h>

#include <arch/cpu.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <linux/signal.h>
#include <linux/time.h>

static void expire(struct timer *timer)
{
    struct process *process = container_of(timer, struct process, itimer);
    u64 next = timer->expires_ns + process->itimer_interval_ns;

    signal_send_process_simple(process, SIGALRM);
    // Of an interval shorter than a tick, what was missed is left out.
    if (process->itimer_interval_ns)
        timer_start(timer, max(next, time_ns() + 1), expire);
}

void itimer_cancel(struct process *process)
{
    timer_cancel(&process->itimer);
}

static struct timer_setting itimer_get(void)
{
    u32 flags = irq_save();
    const struct process *process = current->process;
    u64 now = time_ns();
    struct timer_setting now_set = {.interval = process->itimer_interval_ns};

    if (process->itimer.pending)
        now_set.value = process->itimer.expires_ns > now
                            ? process->itimer.expires_ns - now
                            : 1; // due, but not off yet
    irq_restore(flags);
    return now_set;
}

static void itimer_set(const struct timer_setting *new)
{
    struct process *process = current->process;
    u32 flags = irq_save();

    timer_cancel(&process->itimer);
    process->itimer_interval_ns = new->interval;
    if (new->value)
        timer_start(&process->itimer, time_after(new->value), expire);
    irq_restore(flags);
}

s32 sys_getitimer(u32 which, void __user *out)
{
    struct timer_setting now = itimer_get();

    return which == ITIMER_REAL
               ? timer_setting_to_user(out, &now, TIME_OLD_TIMEVAL)
               : -EINVAL;
}

s32 sys_setitimer(u32 which, const void __user *in, void __user *out)
{
    struct timer_setting old = itimer_get();
    struct timer_setting new = {0};
    int error;

    if (which != ITIMER_REAL)
        return -EINVAL;
    if (in) {
        error = timer_setting_from_user(&new, in, TIME_OLD_TIMEVAL);
        if (error)
            return error;
    }
    itimer_set(&new);
    return out ? timer_setting_to_user(out, &old, TIME_OLD_TIMEVAL) : 0;
}

// Rounded up, so that a timer that is set never reads as 0.
s32 sys_alarm(u32 seconds)
{
    struct timer_setting old = itimer_get();
    struct timer_setting new = {.value = (u64)seconds * NSEC_PER_SEC};
    u64 left = old.value + NSEC_PER_SEC - 1;

    itimer_set(&new);
    u64_div(&left, NSEC_PER_SEC);
    return (s32)left;
}
