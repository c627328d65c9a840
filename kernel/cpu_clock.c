// kernel/cpu_clock.c - clocks of what a process or a thread has used
// SPDX-License-Identifier: MIT
//
// A negative clockid_t is ~number << 3, with 4 for a thread, and what is
// counted: 0 all, 1 in user mode, 2 all again (Linux has finer figures there).

#include <kernel/cpu_clock.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/process.h>
#include <linux/time.h>

enum {
    OF_THREAD = 4,
    WHAT_MASK = 3,
    WHAT_USER = 1,
    WHAT_NONE = 3,
};

static struct process *named_process(s32 pid)
{
    // As on Linux, one's own thread will do for the process.
    return !pid || pid == current->pid ? current->process : process_find(pid);
}

static int find_by_number(u32 clock, struct cpu_clock *out)
{
    s32 number = ~((s32)clock >> 3);
    const struct task *task;

    if ((clock & WHAT_MASK) == WHAT_NONE)
        return -EINVAL;
    out->user_only = (clock & WHAT_MASK) == WHAT_USER;
    out->tid = 0;
    if (!(clock & OF_THREAD)) {
        out->process = named_process(number);
        return out->process ? 0 : -EINVAL;
    }
    task = number ? task_find(number) : current;
    if (!task || task->process != current->process)
        return -EINVAL;
    out->process = current->process;
    out->tid = task->pid;
    return 0;
}

int cpu_clock_find(u32 clock, struct cpu_clock *out)
{
    *out = (struct cpu_clock){.process = current->process};
    switch (clock) {
    case CLOCK_THREAD_CPUTIME_ID: out->tid = current->pid; return 0;
    case CLOCK_PROCESS_CPUTIME_ID: return 0;
    default: return (s32)clock < 0 ? find_by_number(clock, out) : -EINVAL;
    }
}

u64 cpu_clock_of(const struct cpu_clock *clock, const struct task_usage *usage)
{
    return usage->user_ns + (clock->user_only ? 0 : usage->system_ns);
}

u64 cpu_clock_ns(const struct cpu_clock *clock)
{
    struct task_usage usage = {0};
    u32 flags = irq_save();
    const struct task *task;

    if (!clock->tid) {
        process_usage(clock->process, &usage);
    } else {
        for_each_thread (task, clock->process)
            if (task->pid == clock->tid)
                usage = task->usage;
    }
    irq_restore(flags);
    return cpu_clock_of(clock, &usage);
}
