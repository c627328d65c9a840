// kernel/signal_stop.c - a process stops and goes on
// SPDX-License-Identifier: MIT
//
// A stop signal is delivered to one thread, and stops all of them: that thread
// gives each other one a SIGSTOP of its own, which nothing blocks, so that it
// comes here, too. The last to arrive tells the parent. SIGCONT takes back what
// is still on its way, and lets all go on; SIGKILL, too.
//
// process->stop_signal says that a stop is under way or complete,
// process->is_stopped that it is complete.
//
// process->stop_taken covers the time between: a thread has taken the signal
// from the queue and is on its way to signal_stop, with interrupts on. An
// interrupt that sends SIGCONT or SIGKILL meanwhile clears it.
//
// Locking: interrupts off.

#include <kernel/signal_handlers.h>

#include <arch/cpu.h>
#include <asm/siginfo.h>
#include <kernel/sched.h>
#include <linux/signal.h>

#include "signal_internal.h"

static bool all_have_stopped(const struct process *process)
{
    const struct task *task;

    for_each_thread (task, process)
        if (task->state != TASK_STOPPED && !(task->flags & TF_EXITING))
            return false;
    return true;
}

void signal_stop_check(struct process *process)
{
    s32 signal = process->stop_signal;

    if (!signal || process->is_stopped || process->is_ending ||
        !all_have_stopped(process))
        return;
    process->is_stopped = true;
    process->job_event = signal;
    signal_notify_parent(process, CLD_STOPPED, signal);
}

// begin - the other threads are to stop, too.
static void begin(struct process *process, s32 signal)
{
    struct task *task;

    process->stop_signal = signal;
    for_each_thread (task, process) {
        if (task == current || (task->flags & TF_EXITING))
            continue;
        task->pending.set |= signal_bit(SIGSTOP);
        signal_wake(task);
    }
}

// Whether SIGCONT or SIGKILL has come since the signal was taken: they have
// found nothing to take back, and would find nobody to wake later.
static bool is_taken_back(const struct process *process)
{
    return (!process->stop_taken && !process->stop_signal) ||
           ((current->pending.set | process->pending.set) &
            signal_bit(SIGKILL));
}

void signal_stop(s32 signal)
{
    struct process *process = current->process;
    u32 flags = irq_save();

    if (!is_taken_back(process)) {
        if (!process->stop_signal)
            begin(process, signal);
        current->state = TASK_STOPPED;
        signal_stop_check(process);
        schedule();
    }
    irq_restore(flags);
}

void signal_flush_all(struct process *process, u64 set)
{
    struct task *task;

    signal_flush(process, &process->pending, set);
    for_each_thread (task, process)
        signal_flush(process, &task->pending, set);
}

// go_on - Return: whether it had stopped.
static bool go_on(struct process *process)
{
    bool had_stopped = process->is_stopped;
    struct task *task;

    process->stop_signal = 0;
    process->is_stopped = false;
    process->job_event = 0;
    for_each_thread (task, process)
        if (task->state == TASK_STOPPED)
            sched_add(task);
    return had_stopped;
}

void signal_job_control(struct process *process, s32 signal)
{
    if (signal_bit(signal) & signals_stop)
        signal_flush_all(process, signal_bit(SIGCONT));
    if (signal == SIGCONT || signal == SIGKILL)
        process->stop_taken = false;
    if (signal == SIGCONT) {
        signal_flush_all(process, signals_stop);
        if (process->stop_signal && go_on(process)) {
            process->job_event = SIGCONT;
            signal_notify_parent(process, CLD_CONTINUED, SIGCONT);
        }
    }
    if (signal == SIGKILL && process->stop_signal)
        go_on(process);
}
