// kernel/sys_itimer.c - system calls: alarms
// SPDX-License-Identifier: MIT
//
// Each process has three: of the time that goes by, of what it uses of the CPU
// in user mode, and in all. They go on after exec.

#include <kernel/sys_proc.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/interval_timer.h>
#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <linux/signal.h>
#include <linux/time.h>

#define CPU_TICK_NS (NSEC_PER_SEC / TIMER_HZ)

static const s32 signals[] = {
    [ITIMER_REAL] = SIGALRM,
    [ITIMER_VIRTUAL] = SIGVTALRM,
    [ITIMER_PROF] = SIGPROF,
};

// Of an interval shorter than a tick, what was missed is left out.
static void expire(struct process *process, u32 which)
{
    struct interval_timer *timer = &process->itimers[which];

    signal_send_process_simple(process, signals[which]);
    if (interval_timer_forward(timer))
        interval_timer_start(timer);
}

static void expire_real(struct interval_timer *timer)
{
    expire(container_of(timer, struct process, itimers[ITIMER_REAL]),
           ITIMER_REAL);
}

static void expire_virtual(struct interval_timer *timer)
{
    expire(timer->cpu.process, ITIMER_VIRTUAL);
}

static void expire_prof(struct interval_timer *timer)
{
    expire(timer->cpu.process, ITIMER_PROF);
}

void itimer_init(struct process *process)
{
    struct interval_timer *timers = process->itimers;

    interval_timer_init(&timers[ITIMER_REAL], expire_real);
    interval_timer_init(&timers[ITIMER_VIRTUAL], expire_virtual);
    interval_timer_init(&timers[ITIMER_PROF], expire_prof);
    timers[ITIMER_VIRTUAL].cpu =
        (struct cpu_clock){.process = process, .user_only = true};
    timers[ITIMER_PROF].cpu = (struct cpu_clock){.process = process};
}

void itimer_cancel(struct process *process)
{
    u32 flags = irq_save();

    for (u32 i = 0; i < ARRAY_SIZE(process->itimers); i++)
        interval_timer_stop(&process->itimers[i]);
    irq_restore(flags);
}

static struct timer_setting itimer_get(u32 which)
{
    u32 flags = irq_save();
    const struct interval_timer *timer = &current->process->itimers[which];
    struct timer_setting now = {.interval = timer->interval_ns};

    if (interval_timer_is_running(timer)) // 1: due, but not off yet
        now.value = max(interval_timer_left(timer), (u64)1);
    irq_restore(flags);
    return now;
}

// A CPU clock may be about to tick: it never goes off early.
static void itimer_set(u32 which, struct timer_setting new)
{
    u32 flags = irq_save();

    if (which != ITIMER_REAL && new.value)
        new.value += CPU_TICK_NS;
    interval_timer_set(&current->process->itimers[which],
                       which == ITIMER_REAL ? INTERVAL_MONOTONIC : INTERVAL_CPU,
                       INTERVAL_AFTER, &new);
    irq_restore(flags);
}

s32 sys_getitimer(u32 which, void __user *out)
{
    struct timer_setting now;

    if (which >= ARRAY_SIZE(signals))
        return -EINVAL;
    now = itimer_get(which);
    return timer_setting_to_user(out, &now, TIME_OLD_TIMEVAL);
}

s32 sys_setitimer(u32 which, const void __user *in, void __user *out)
{
    struct timer_setting new = {0}, old;
    int error = 0;

    if (in)
        error = timer_setting_from_user(&new, in, TIME_OLD_TIMEVAL);
    if (error)
        return error;
    if (which >= ARRAY_SIZE(signals))
        return -EINVAL;
    old = itimer_get(which);
    itimer_set(which, new);
    return out ? timer_setting_to_user(out, &old, TIME_OLD_TIMEVAL) : 0;
}

// Rounded up, so that a timer that is set never reads as 0.
s32 sys_alarm(u32 seconds)
{
    struct timer_setting old = itimer_get(ITIMER_REAL);
    struct timer_setting new = {.value = (u64)seconds * NSEC_PER_SEC};
    u64 left = old.value + NSEC_PER_SEC - 1;

    itimer_set(ITIMER_REAL, new);
    u64_div(&left, NSEC_PER_SEC);
    return (s32)left;
}
