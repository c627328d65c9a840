// kernel/sched.c - who runs: fair shares, the idle task, CPU accounting
// SPDX-License-Identifier: MIT
//
// Each tick of the timer is charged to the task that it meets, by its nice
// value: 1.25 times as much for each step up. Who has been charged least runs
// next. So tasks get shares in the proportion of 1.25 to the power of -nice,
// and one that mostly sleeps is ahead of all that do not.
//
// Runnable tasks stand in one list, by what they have been charged; the running
// one does not. A task has the CPU for a slice of 50 ms, or until one wakes
// that has been charged less by more than a tick. Sleeping is no way to save
// up: who wakes is given at least what the least of the others has, but for a
// slice. The same holds for a new task: one that forks all the time gains
// nothing by it.
//
// A kernel thread that wakes goes to the head and the running task gives way at
// the next opportunity (return to user mode, cond_resched), to go on with the
// rest of its slice after it: what waits for reclaim and I/O should not wait
// for programs.
//
// The kernel is not preempted, so a task leaves the CPU only in schedule().
//
// Locking: the run queue and states are touched with interrupts off.
// Rejected: a tree by charge. The list is walked from its end, where almost
// all belong; with as many runnable tasks as would make that slow, the machine
// has other troubles.

#include <kernel/sched.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <base/assert.h>
#include <base/bits.h>
#include <kernel/cred.h>
#include <kernel/irq.h>
#include <kernel/trace.h>
#include <lib/string.h>
#include <mm/mm.h>

#include "cpu_limit.h"
#include "signal_internal.h"
#include "task_internal.h"

#define SLICE_TICKS  5u
#define TICK_NS      (NSEC_PER_SEC / TIMER_HZ)
#define TICK_CHARGE  1000u // of a task of nice 0
#define SLICE_CHARGE (SLICE_TICKS * TICK_CHARGE)
#define LOAD_TICKS   (5u * TIMER_HZ) // between two samples

struct task *current_task;
u32 tasks_in_io;

static struct task idle_task;
static struct process idle_process = {.refs = 1, .leader = &idle_task};
static LIST_HEAD(run_queue);
static u64 least_charged; // of programs that run: only grows
static bool started;
static struct cpu_times cpu_times;

// exp(-5 s / 1, 5, 15 min) * 2^16
static const u32 load_decay[3] = {60296, 64453, 65173};
static u32 load[3];

void sched_init(void)
{
    idle_task.state = TASK_RUNNING;
    idle_task.flags = TF_KTHREAD;
    list_init(&idle_task.run_link);
    list_init(&idle_task.all_link);
    list_init(&idle_task.thread_link);
    list_init(&idle_task.pending.info);
    process_setup(&idle_process);
    idle_task.process = &idle_process;
    str_copy(idle_task.name, "idle", sizeof(idle_task.name));
    current_task = &idle_task;
}

bool sched_started(void)
{
    return started;
}

void might_sleep_check(void)
{
    ASSERT(!irq_context());
    ASSERT(current->kmap_depth == 0);
    ASSERT(irq_enabled() || !started);
}

// What a tick costs: TICK_CHARGE * 1.25^nice, from nice -20 on.
static u32 charge_of(const struct task *task)
{
    static const u32 charges[] = {
        12,   14,    18,    22,    28,    35,    43,    54,    68,    85,
        107,  134,   168,   210,   262,   328,   409,   512,   640,   800,
        1000, 1250,  1562,  1953,  2441,  3052,  3815,  4768,  5960,  7451,
        9313, 11642, 14552, 18190, 22737, 28422, 35527, 44409, 55511, 69389,
    };

    static_assert(ARRAY_SIZE(charges) == 40, "-20 to 19");
    ASSERT(task->nice >= -20 && task->nice < 20);
    return charges[task->nice + 20];
}

// In the order of charges, behind those that are equal.
static void insert_by_charge(struct task *task)
{
    struct list_head *at = run_queue.prev;

    while (at != &run_queue) {
        const struct task *other = list_entry(at, struct task, run_link);

        if (other->charged <= task->charged)
            break;
        at = at->prev;
    }
    list_add(&task->run_link, at);
}

// Interrupts off.
static void enqueue(struct task *task)
{
    ASSERT(list_empty(&task->run_link));
    if (task->flags & TF_KTHREAD) {
        task->charged = 0;
        list_add(&task->run_link, &run_queue);
        current->work.resched = true;
        return;
    }
    if (least_charged > SLICE_CHARGE)
        task->charged = max(task->charged, least_charged - SLICE_CHARGE);
    insert_by_charge(task);
    if (current == &idle_task || task->charged + TICK_CHARGE < current->charged)
        current->work.resched = true;
}

void sched_add(struct task *task)
{
    u32 flags = irq_save();

    task->state = TASK_RUNNING;
    // The current one: it was about to sleep, and now will not.
    if (task != current)
        enqueue(task);
    irq_restore(flags);
}

void task_wake(struct task *task)
{
    u32 flags = irq_save();

    if (task->state == TASK_SLEEPING)
        sched_add(task);
    irq_restore(flags);
}

static u64 most_charged(void)
{
    if (list_empty(&run_queue))
        return 0;
    return list_last_entry(&run_queue, struct task, run_link)->charged;
}

// The running task goes back among the others. A kernel thread goes on with its
// slice first; at its end it is behind all, so that it cannot keep them out.
static void requeue(struct task *prev)
{
    if (prev->state != TASK_RUNNING || prev == &idle_task)
        return;
    if (!(prev->flags & TF_KTHREAD)) {
        insert_by_charge(prev);
    } else if (prev->slice_ticks) {
        list_add(&prev->run_link, &run_queue);
    } else {
        prev->charged = most_charged();
        list_add_tail(&prev->run_link, &run_queue);
    }
}

static struct task *pick_next(void)
{
    struct task *next = &idle_task;

    if (!list_empty(&run_queue)) {
        next = list_first_entry(&run_queue, struct task, run_link);
        list_del(&next->run_link);
    }
    if (!next->slice_ticks)
        next->slice_ticks = SLICE_TICKS;
    if (!(next->flags & TF_KTHREAD))
        least_charged = max(least_charged, next->charged);
    return next;
}

void sched_yield(void)
{
    u32 flags = irq_save();

    current->charged = max(current->charged, most_charged());
    current->slice_ticks = 0;
    irq_restore(flags);
    schedule();
}

void schedule(void)
{
    struct task *prev = current;
    struct task *next;
    u32 flags;

    ASSERT(!irq_context());
    ASSERT(prev->kmap_depth == 0);
    flags = irq_save();
    prev->work.resched = false;
    requeue(prev);
    next = pick_next();
    if (next != prev) {
        if (prev->state == TASK_RUNNING)
            prev->usage.preemptions++;
        else
            prev->usage.switches++;
        cpu_times.switches++;
        if (trace_on(switch))
            trace_write(TRACE_SWITCH, (u32)next->pid, prev->state, 0, 0, 0);
        current_task = next;
        mm_activate(next->mm);
        // A new task begins elsewhere than behind this call.
        thread_switch(&prev->thread, &next->thread);
    }
    irq_restore(flags);
}

void cond_resched(void)
{
    if (current->work.resched && started && irq_enabled() && !irq_context() &&
        current->kmap_depth == 0)
        schedule();
}

void sched_idle(void)
{
    started = true;
    for (;;) {
        irq_disable();
        if (list_empty(&run_queue))
            cpu_wait_for_irq();
        irq_enable();
        schedule();
    }
}

u32 sched_runnable(void)
{
    u32 flags = irq_save();
    struct list_head *pos;
    u32 count = current == &idle_task ? 0 : 1;

    list_for_each (pos, &run_queue)
        count++;
    irq_restore(flags);
    return count;
}

// As on Linux, a task that waits uninterruptibly counts as load.
static void sample_load(void)
{
    u32 active = sched_runnable();
    struct task *task;

    list_for_each_entry (task, &task_list, all_link) {
        if (task->state == TASK_SLEEPING && !(task->flags & TF_KTHREAD) &&
            task->wait_kind == WAIT_UNINTERRUPTIBLE)
            active++;
    }
    for (u32 i = 0; i < 3; i++)
        load[i] = (u32)(((u64)load[i] * load_decay[i] +
                         ((u64)active << 16) * (65536 - load_decay[i])) >>
                        16);
}

void sched_load(u32 out_load[3])
{
    memcpy(out_load, load, sizeof(load));
}

void sched_tick(bool user)
{
    static u32 load_countdown = LOAD_TICKS;
    struct task *task = current;

    if (user) {
        task->usage.user_ns += TICK_NS;
        *(task->nice > 0 ? &cpu_times.nice_ns : &cpu_times.user_ns) += TICK_NS;
    } else if (task == &idle_task) {
        *(tasks_in_io ? &cpu_times.iowait_ns : &cpu_times.idle_ns) += TICK_NS;
    } else {
        task->usage.system_ns += TICK_NS;
        cpu_times.system_ns += TICK_NS;
    }
    signal_check(task);
    task->charged += charge_of(task);
    if (task != &idle_task)
        cpu_limit_check(task->process);
    if (!list_empty(&task->process->cpu_timers))
        interval_timers_tick(task->process);
    if (task->slice_ticks && --task->slice_ticks == 0)
        task->work.resched = true;
    if (--load_countdown == 0) {
        load_countdown = LOAD_TICKS;
        sample_load();
    }
}

void sched_cpu_times(struct cpu_times *out)
{
    u32 flags = irq_save();

    *out = cpu_times;
    irq_restore(flags);
}
