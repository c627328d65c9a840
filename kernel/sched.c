// kernel/sched.c - who runs: round robin, the idle task, CPU accounting
// SPDX-License-Identifier: MIT
//
// Runnable tasks stand in one list; the running one does not. A task has the
// CPU for a slice of 50 ms, then goes to the end. A kernel thread that wakes
// goes to the head and the running task gives way at the next opportunity
// (return to user mode, cond_resched), to go on with the rest of its slice
// after it: what waits for reclaim and I/O should not wait for programs.
//
// The kernel is not preempted, so a task leaves the CPU only in schedule().
//
// Locking: the run queue and states are touched with interrupts off.
// Rejected: priorities. nice is kept and reported, but does not count.

#include <kernel/sched.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <base/assert.h>
#include <base/bits.h>
#include <kernel/irq.h>
#include <lib/string.h>
#include <mm/mm.h>

#define SLICE_TICKS 5u
#define TICK_NS     (NSEC_PER_SEC / TIMER_HZ)
#define LOAD_TICKS  (5u * TIMER_HZ) // between two samples

struct task *current_task;

static struct task idle_task;
static LIST_HEAD(run_queue);
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
    list_init(&idle_task.children);
    list_init(&idle_task.child_link);
    list_init(&idle_task.sig_queue);
    wait_queue_init(&idle_task.child_wait);
    str_copy(idle_task.name, "idle", sizeof(idle_task.name));
    current_task = &idle_task;
}

bool sched_started(void)
{
    return started;
}

void might_sleep(void)
{
    ASSERT(!irq_context());
    ASSERT(current->kmap_depth == 0);
    ASSERT(irq_enabled() || !started);
}

// Interrupts off.
static void enqueue(struct task *task)
{
    ASSERT(list_empty(&task->run_link));
    if (task->flags & TF_KTHREAD) {
        list_add(&task->run_link, &run_queue);
        current->need_resched = true;
    } else {
        list_add_tail(&task->run_link, &run_queue);
    }
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

// pick_next - who runs after @prev, which is not on the queue.
static struct task *pick_next(struct task *prev)
{
    struct task *next;

    if (!list_empty(&run_queue)) {
        next = list_first_entry(&run_queue, struct task, run_link);
        list_del(&next->run_link);
    } else {
        next = prev->state == TASK_RUNNING ? prev : &idle_task;
    }
    if (!next->slice_ticks)
        next->slice_ticks = SLICE_TICKS;
    return next;
}

static void requeue(struct task *prev)
{
    if (prev->state != TASK_RUNNING) {
        prev->switches++;
        return;
    }
    prev->preemptions++;
    if (prev == &idle_task)
        return;
    if (prev->slice_ticks)
        list_add(&prev->run_link, &run_queue);
    else
        list_add_tail(&prev->run_link, &run_queue);
}

void schedule(void)
{
    struct task *prev = current;
    struct task *next;
    u32 flags;

    ASSERT(!irq_context());
    ASSERT(prev->kmap_depth == 0);
    flags = irq_save();
    prev->need_resched = false;
    next = pick_next(prev);
    if (next != prev) {
        requeue(prev);
        cpu_times.switches++;
        current_task = next;
        mm_activate(next->mm);
        // A new task begins elsewhere than behind this call.
        thread_switch(&prev->thread, &next->thread);
    }
    irq_restore(flags);
}

void cond_resched(void)
{
    if (current->need_resched && started && irq_enabled() && !irq_context() &&
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
        task->user_ns += TICK_NS;
        cpu_times.user_ns += TICK_NS;
    } else if (task == &idle_task) {
        cpu_times.idle_ns += TICK_NS;
    } else {
        task->system_ns += TICK_NS;
        cpu_times.system_ns += TICK_NS;
    }
    if (task->slice_ticks && --task->slice_ticks == 0)
        task->need_resched = true;
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
