// kernel/exec_threads.c - of many threads, the one that runs a program remains
// SPDX-License-Identifier: MIT
//
// The others are killed and waited for. If the leader is among them, its number
// goes over to the remaining thread with all that hangs on it: parents wait for
// the process, and the program must find the number it was started with.
//
// Two threads at it: the second is one of those that the first one kills.

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/wait.h>

#include "exec_internal.h"
#include "rusage.h"
#include "signal_internal.h"
#include "task_internal.h"

// become_leader - the leader so far, a zombie that nobody was told of, goes.
// Interrupts off.
static void become_leader(struct process *process)
{
    struct task *old = process->leader;

    ASSERT(old->state == TASK_ZOMBIE);
    usage_add(&process->dead, &old->usage);
    list_del(&old->all_link);
    list_del(&old->thread_link);
    process->leader = current;
    current->pid = old->pid;
    current->start_ns = old->start_ns;
    if (init_task == old)
        init_task = current;
    task_bury(old);
}

int exec_end_threads(void)
{
    struct process *process = current->process;
    struct task *task;
    WAIT_QUEUE(nobody);
    u32 flags;
    int error;

    if (process->leader == current && process->thread_count == 1)
        return 0;
    if (process->is_ending || process->exec_task)
        return -EAGAIN; // this thread is about to end itself
    flags = irq_save();
    process->exec_task = current;
    for_each_thread (task, process)
        if (task != current)
            signal_kill_thread(task);
    irq_restore(flags);
    error = wait_event_killable(&nobody, process->thread_count == 1);
    flags = irq_save();
    process->exec_task = NULL;
    if (!error && process->leader != current)
        become_leader(process);
    irq_restore(flags);
    return error;
}
