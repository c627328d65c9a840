// include/kernel/interval_timer.h - timers of any clock, once or repeatedly
// SPDX-License-Identifier: MIT
//
// What setitimer, timer_create and timerfd_create have in common. A timer goes
// off once, and stays expired until its owner starts it again: at once or when
// it is asked for what has passed, which interval_timer_forward counts. So an
// interval that nobody looks at costs one interrupt.
//
// Locking: interrupts off, for all functions.
#pragma once

#include <base/list.h>
#include <base/types.h>
#include <kernel/cpu_clock.h>
#include <kernel/time.h>
#include <kernel/wait.h>

struct timer_setting; // kernel/time_user.h

enum interval_clock {
    INTERVAL_MONOTONIC, // time_ns()
    INTERVAL_WALL,      // time_wall_ns(), also when that is set
    INTERVAL_CPU,       // interval_timer.cpu
};

struct interval_timer {
    enum interval_clock clock;
    struct cpu_clock cpu;
    u64 expires_ns, interval_ns; // of the clock; 0: once
    bool is_set;                 // not disarmed; it may have gone off
    // The timer went off; in interrupt context.
    void (*expired)(struct interval_timer *timer);
    // The wall clock was set, with INTERVAL_WALL. May be NULL.
    void (*wall_was_set)(struct interval_timer *timer);

    struct timer timer;          // of clocks that go by themselves
    struct wait_entry wall_wait; // on time_wall_changed
    struct list_head cpu_link;   // process->cpu_timers
    bool is_overdue; // on that list, its time had come when it was started
};

// interval_timer_init - @timer is zero; disarmed.
void interval_timer_init(struct interval_timer *timer,
                         void (*expired)(struct interval_timer *timer));

// interval_timer_set - disarm, and with a @new->value start by @clock: at that
// time of it, or (@is_relative) so long after now. For INTERVAL_CPU, timer->cpu
// is set, of the current process.
enum interval_start {
    INTERVAL_AT,
    INTERVAL_AFTER
};
void interval_timer_set(struct interval_timer *timer, enum interval_clock clock,
                        enum interval_start start,
                        const struct timer_setting *new);

// interval_timer_stop - it will not go off; nothing points to it any more.
void interval_timer_stop(struct interval_timer *timer);

// interval_timer_pause - it will not go off; what is set can still be asked
// for.
void interval_timer_pause(struct interval_timer *timer);

// interval_timer_start - go off at expires_ns.
void interval_timer_start(struct interval_timer *timer);

// interval_timer_is_running - it will go off.
bool interval_timer_is_running(const struct interval_timer *timer);

// interval_timer_forward - if expires_ns has come, move it by intervals to what
// has not. Return: how many (0: it had not come, or goes off once).
u64 interval_timer_forward(struct interval_timer *timer);

// interval_timer_left - nanoseconds to expires_ns; 0: it has come.
u64 interval_timer_left(const struct interval_timer *timer);

// interval_timers_tick - the current process has used CPU time. Interrupt.
struct process;
void interval_timers_tick(struct process *process);
