// kernel/posix_timer.c - the timers of timer_create(2)
// SPDX-License-Identifier: MIT
//
// A timer sends one signal, in an entry that is reserved for it, and starts
// again when that is taken: what has passed meanwhile is counted then. So a
// program that does not take its signals is not disturbed by more of them. A
// signal that is ignored leaves the timer going.
//
// Locking: interrupts off; the list is for tasks only.
// Not done: timers of other processes' CPU clocks (EINVAL).

#include "posix_timer.h"

#include <arch/cpu.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <linux/time.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "signal_internal.h"

#define OVERRUN_MAX 0x7fffffff

struct posix_timer {
    struct list_head link; // process->posix_timers
    struct process *process;
    struct interval_timer timer;
    struct queued_signal *signal;
    s32 id;
    u32 clock;
    bool is_silent;   // SIGEV_NONE: only to be asked
    s32 tid;          // of the thread that gets the signal; 0: the process
    bool restarts;    // when its signal is taken
    s64 overrun;      // -1: has not gone off since the last signal was taken
    s64 overrun_last; // of the last signal
};

static struct posix_timer *timer_of(struct interval_timer *timer)
{
    return container_of(timer, struct posix_timer, timer);
}

static s32 clamped(s64 overrun)
{
    return overrun > OVERRUN_MAX ? OVERRUN_MAX : (s32)overrun;
}

// send - Return: false: it was ignored.
static bool send(struct posix_timer *t)
{
    struct task *thread = t->tid ? task_find(t->tid) : NULL;

    if (t->tid && (!thread || thread->process != t->process))
        return true; // with the thread, the timer has ended
    return signal_send_reserved(t->process, thread, t->signal);
}

static void expired(struct interval_timer *timer)
{
    struct posix_timer *t = timer_of(timer);

    t->restarts = timer->interval_ns != 0;
    if (!list_empty(&t->signal->link)) { // of an earlier setting
        t->signal->info.uid++;
        return;
    }
    t->signal->info.uid = 0;
    if (send(t) || !t->restarts)
        return;
    t->overrun += (s64)interval_timer_forward(timer);
    interval_timer_start(timer);
}

static void signal_taken(struct queued_signal *q, struct signal_info *out)
{
    struct posix_timer *t = q->owner;

    if (!t->restarts)
        return;
    t->restarts = false;
    t->overrun += (s64)interval_timer_forward(&t->timer);
    t->overrun_last = t->overrun;
    t->overrun = -1;
    out->uid = (u32)clamped(t->overrun_last + out->uid);
    interval_timer_start(&t->timer);
}

// ---- making and ending ------------------------------------------------------

// check_clock - Return: 0; -EINVAL; -EOPNOTSUPP; -EPERM.
static int check_clock(u32 clock, struct cpu_clock *out)
{
    int error;

    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_TAI: return 0;
    case CLOCK_REALTIME_ALARM: // the machine never sleeps
    case CLOCK_BOOTTIME_ALARM: return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE: return -EOPNOTSUPP;
    }
    error = cpu_clock_find(clock, out);
    if (error)
        return error;
    return out->process == current->process ? 0 : -EINVAL;
}

// fill_signal - of what @event says. Return: 0; -EINVAL.
static int fill_signal(struct posix_timer *t, const sigevent_t *event)
{
    const struct task *thread;

    switch (event->sigev_notify) {
    case SIGEV_NONE: t->is_silent = true; return 0;
    case SIGEV_THREAD_ID:
        thread = task_find(event->sigev_notify_thread_id);
        if (!thread || thread->process != current->process)
            return -EINVAL;
        t->tid = thread->pid;
        break;
    case SIGEV_SIGNAL:
    case SIGEV_THREAD: break; // the C library's affair
    default: return -EINVAL;
    }
    if (event->sigev_signo < 1 || event->sigev_signo > (s32)SIGNALS)
        return -EINVAL;
    t->signal->info = (struct signal_info){
        .signal = event->sigev_signo,
        .code = SI_TIMER,
        .pid = t->id,
        .value = (u32)event->sigev_value.sival_int,
    };
    return 0;
}

s32 posix_timer_create(u32 clock, const sigevent_t *event)
{
    struct process *process = current->process;
    sigevent_t plain = {.sigev_signo = SIGALRM, .sigev_notify = SIGEV_SIGNAL};
    struct posix_timer *t;
    struct cpu_clock cpu = {0};
    int error = check_clock(clock, &cpu);

    if (error)
        return error;
    t = kzalloc(sizeof(*t), GFP_KERNEL);
    if (!t)
        return -EAGAIN;
    t->signal = signal_reserve(process);
    if (!t->signal) {
        kfree(t);
        return -EAGAIN;
    }
    t->process = process;
    t->id = process->next_timer_id++ & OVERRUN_MAX;
    t->clock = clock;
    interval_timer_init(&t->timer, expired);
    t->timer.cpu = cpu;
    plain.sigev_value.sival_int = t->id;
    t->signal->owner = t;
    t->signal->taken = signal_taken;
    list_add_tail(&t->link, &process->posix_timers);
    error = fill_signal(t, event ? event : &plain);
    if (error)
        posix_timer_delete(t);
    return error ? error : t->id;
}

struct posix_timer *posix_timer_find(s32 id)
{
    struct posix_timer *t;

    list_for_each_entry (t, &current->process->posix_timers, link)
        if (t->id == id)
            return t;
    return NULL;
}

void posix_timer_delete(struct posix_timer *t)
{
    u32 flags = irq_save();

    list_del(&t->link);
    interval_timer_stop(&t->timer);
    signal_unreserve(t->process, t->signal);
    irq_restore(flags);
    kfree(t);
}

void posix_timers_delete_all(void)
{
    struct process *process = current->process;
    struct posix_timer *t, *next;
    u32 flags;

    list_for_each_entry_safe (t, next, &process->posix_timers, link)
        posix_timer_delete(t);
    flags = irq_save();
    signal_flush_timers(process, &process->pending);
    signal_flush_timers(process, &current->pending);
    irq_restore(flags);
}

// ---- setting ----------------------------------------------------------------

void posix_timer_get(struct posix_timer *t, struct timer_setting *out)
{
    struct interval_timer *timer = &t->timer;
    bool waits = t->restarts || t->is_silent; // for somebody to count

    *out = (struct timer_setting){.interval = timer->interval_ns};
    if (!timer->is_set || (!timer->interval_ns && !t->is_silent &&
                           !interval_timer_is_running(timer)))
        return;
    if (waits)
        t->overrun += (s64)interval_timer_forward(timer);
    out->value = interval_timer_left(timer);
    if (!out->value && !t->is_silent)
        out->value = 1; // due, but not off yet
}

void posix_timer_set(struct posix_timer *t, enum interval_start start,
                     const struct timer_setting *new,
                     struct timer_setting *out_old)
{
    bool by_wall = t->clock == CLOCK_REALTIME || t->clock == CLOCK_TAI ||
                   t->clock == CLOCK_REALTIME_ALARM;
    enum interval_clock clock = INTERVAL_MONOTONIC;

    posix_timer_get(t, out_old);
    if (t->timer.cpu.process)
        clock = INTERVAL_CPU;
    else if (by_wall && start == INTERVAL_AT)
        clock = INTERVAL_WALL;
    t->restarts = false;
    t->overrun = -1;
    t->overrun_last = 0;
    interval_timer_set(&t->timer, clock, start, new);
    if (t->is_silent)
        interval_timer_pause(&t->timer);
}

s32 posix_timer_overrun(const struct posix_timer *t)
{
    return clamped(t->overrun_last);
}
