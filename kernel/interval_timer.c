// kernel/interval_timer.c - timers of any clock, once or repeatedly
// SPDX-License-Identifier: MIT
//
// Clocks that go by themselves have a kernel timer each. A time of the wall
// clock is kept as such, and the kernel timer set anew when somebody sets the
// clock. CPU clocks go by ticks: who is met by one has its process's list of
// timers looked at, which is empty but for the few that use them.

#include <kernel/interval_timer.h>

#include <arch/cpu.h>
#include <base/bits.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/time_user.h>
#include <lib/div64.h>

static u64 now_of(const struct interval_timer *t)
{
    switch (t->clock) {
    case INTERVAL_MONOTONIC: return time_ns();
    case INTERVAL_WALL: return time_wall_ns();
    case INTERVAL_CPU: break;
    }
    return cpu_clock_ns(&t->cpu);
}

static void go_off(struct timer *timer)
{
    struct interval_timer *t =
        container_of(timer, struct interval_timer, timer);

    t->expired(t);
}

static void on_wall_set(struct wait_entry *entry, u32 events)
{
    struct interval_timer *t =
        container_of(entry, struct interval_timer, wall_wait);

    (void)events;
    if (t->timer.pending)
        interval_timer_start(t);
    if (t->wall_was_set)
        t->wall_was_set(t);
}

void interval_timer_init(struct interval_timer *t,
                         void (*expired)(struct interval_timer *timer))
{
    t->expired = expired;
    t->wall_wait.fn = on_wall_set;
    list_init(&t->wall_wait.link);
    list_init(&t->cpu_link);
}

void interval_timer_pause(struct interval_timer *t)
{
    timer_cancel(&t->timer);
    wait_remove(&t->wall_wait);
    list_del(&t->cpu_link);
}

void interval_timer_stop(struct interval_timer *t)
{
    interval_timer_pause(t);
    t->is_set = false;
}

void interval_timer_start(struct interval_timer *t)
{
    if (t->clock == INTERVAL_CPU) {
        t->is_overdue = interval_timer_left(t) == 0;
        list_del(&t->cpu_link);
        list_add_tail(&t->cpu_link, &t->cpu.process->cpu_timers);
        return;
    }
    timer_start(&t->timer, time_after(interval_timer_left(t)), go_off);
}

void interval_timer_set(struct interval_timer *t, enum interval_clock clock,
                        enum interval_start start,
                        const struct timer_setting *new)
{
    interval_timer_stop(t);
    t->clock = clock;
    t->interval_ns = new->value ? new->interval : 0;
    if (!new->value)
        return;
    t->is_set = true;
    t->expires_ns = new->value;
    if (start == INTERVAL_AFTER) {
        u64 now = now_of(t);

        t->expires_ns =
            new->value > TIME_NS_MAX - now ? TIME_NS_MAX : now + new->value;
    }
    if (clock == INTERVAL_WALL)
        wait_add(&time_wall_changed, &t->wall_wait);
    interval_timer_start(t);
}

bool interval_timer_is_running(const struct interval_timer *t)
{
    return t->timer.pending || !list_empty(&t->cpu_link);
}

u64 interval_timer_forward(struct interval_timer *t)
{
    u64 now = now_of(t), count;

    if (!t->interval_ns || now < t->expires_ns)
        return 0;
    count = u64_div64(now - t->expires_ns, t->interval_ns) + 1;
    t->expires_ns += count * t->interval_ns;
    return count;
}

u64 interval_timer_left(const struct interval_timer *t)
{
    u64 now = now_of(t);

    return t->expires_ns > now ? t->expires_ns - now : 0;
}

// Whether the current task's tick is what @t waits for. @all: what all threads
// have used.
static bool is_due(const struct interval_timer *t, const struct task_usage *all)
{
    if (t->is_overdue)
        return true;
    if (!t->cpu.tid)
        return cpu_clock_of(&t->cpu, all) >= t->expires_ns;
    return t->cpu.tid == current->pid && // no other thread's clock has moved
           cpu_clock_of(&t->cpu, &current->usage) >= t->expires_ns;
}

// Threads may be many and timers, too: each are gone through once. Those that
// go off may start again: at the end of the list.
void interval_timers_tick(struct process *process)
{
    struct interval_timer *t, *next;
    struct task_usage all;

    process_usage(process, &all);
    list_for_each_entry_safe (t, next, &process->cpu_timers, cpu_link) {
        if (!is_due(t, &all))
            continue;
        list_del(&t->cpu_link);
        t->expired(t);
    }
}
