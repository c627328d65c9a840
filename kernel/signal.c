// kernel/signal.c - sending signals: who gets what, and who is woken
// SPDX-License-Identifier: MIT
//
// What is pending is kept by signal_queue.c, and acted upon by
// signal_deliver.c; stopping and going on is in signal_stop.c.
//
// A signal is for a process or for one thread of it. One for the process is
// taken by whichever thread comes past and does not block it; one that sleeps
// is woken for it, the leader if it will do. If that thread starts to block it
// or ends before it has taken it, others are woken. A signal that will end the
// process does so at once: all threads get SIGKILL (process_end).
//
// Process 1 gets no signal that it has no handler for, but those of its own
// faults, which end the system. Kernel threads get none.
//
// Locking: pending sets and queues with interrupts off; handlers change only
// by their own process, with interrupts off.

#include "signal_internal.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/signal_handlers.h>
#include <linux/signal.h>

#include "task_internal.h"

#define BIT(signal) (1ull << ((signal)-1))

const u64 signals_sync = BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGILL) |
                         BIT(SIGTRAP) | BIT(SIGFPE) | BIT(SIGSYS);
const u64 signals_stop =
    BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU);
const u64 signals_ignored =
    BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH);
const u64 signals_unblockable = BIT(SIGKILL) | BIT(SIGSTOP);

static u32 handler_of(const struct process *process, s32 signal)
{
    return process->handlers->action[signal - 1].handler;
}

bool signal_is_ignored(const struct process *process, s32 signal)
{
    u32 handler = handler_of(process, signal);

    return handler == (u32)(uintptr_t)SIG_IGN ||
           (handler == (u32)(uintptr_t)SIG_DFL &&
            (signals_ignored & signal_bit(signal)));
}

static bool is_default(const struct process *process, s32 signal)
{
    return handler_of(process, signal) == (u32)(uintptr_t)SIG_DFL;
}

// Whether it ends the process when it is delivered.
static bool is_deadly(const struct process *process, s32 signal)
{
    u64 bit = signal_bit(signal);

    return is_default(process, signal) &&
           !(bit & (signals_ignored | signals_stop));
}

bool signal_pending(const struct task *task)
{
    return task->work.signal && signal_due_set(task);
}

void signal_check(const struct task *task)
{
    ASSERT(task->work.signal || !signal_due_set(task));
}

bool task_fatal_pending(const struct task *task)
{
    u64 set;

    if (!task->work.signal)
        return false;
    set = signal_due_set(task);
    if (!set || !task->process->handlers || (task->flags & TF_EXITING))
        return false;
    if (set & signal_bit(SIGKILL))
        return true;
    for (s32 signal = 1; set; signal++, set >>= 1)
        if ((set & 1) && is_deadly(task->process, signal))
            return true;
    return false;
}

void signal_wake(struct task *task)
{
    signal_note(task);
    if (task->state == TASK_STOPPED) {
        if (task->pending.set & signal_bit(SIGKILL))
            sched_add(task);
        return;
    }
    if (task->state != TASK_SLEEPING || !signal_pending(task))
        return;
    if (task->wait_kind == WAIT_INTERRUPTIBLE ||
        (task->wait_kind == WAIT_KILLABLE && task_fatal_pending(task)))
        task_wake(task);
}

void signal_kill_thread(struct task *task)
{
    if (task->flags & TF_EXITING)
        return;
    task->pending.set |= signal_bit(SIGKILL);
    signal_wake(task);
}

// wake_others - threads beside the current one that could take what is pending
// for the process of @set. Interrupts off.
static void wake_others(u64 set)
{
    struct process *process = current->process;
    struct task *task;

    if (!(process->pending.set & set))
        return;
    for_each_thread (task, process)
        if (task != current && !(task->flags & TF_EXITING))
            signal_wake(task);
}

// is_protected - process 1 is not to be harmed by default actions.
static bool is_protected(const struct process *process, s32 signal)
{
    return process == init_task->process && is_default(process, signal);
}

static bool would_take(const struct task *task, s32 signal)
{
    return !(task->flags & TF_EXITING) &&
           !(task->sig_blocked & signal_bit(signal));
}

// choose_taker - a thread that is free to take @signal. NULL: whoever does not
// block it has something pending already, and will find it.
static struct task *choose_taker(struct process *process, s32 signal)
{
    struct task *task;

    for_each_thread (task, process)
        if (would_take(task, signal) &&
            (signal == SIGKILL || task == current ||
             (task->state != TASK_STOPPED && !signal_pending(task))))
            return task;
    return NULL;
}

// is_dropped - nobody is to get it. @forced: by a fault.
static bool is_dropped(struct process *process, const struct task *thread,
                       s32 signal, bool forced)
{
    const struct task *asked = thread ? thread : process->leader;

    if (!process->handlers || (thread && (thread->flags & TF_EXITING)))
        return true;
    signal_job_control(process, signal);
    if (!forced && is_protected(process, signal))
        return true;
    return signal_is_ignored(process, signal) &&
           !((asked->sig_blocked | asked->sig_awaited) & signal_bit(signal));
}

// find_taker - before it is pending, as choose_taker looks at what is.
static struct task *find_taker(struct process *process, struct task *thread,
                               s32 signal)
{
    if (!thread)
        return choose_taker(process, signal);
    return would_take(thread, signal) &&
                   (signal == SIGKILL || thread->state != TASK_STOPPED)
               ? thread
               : NULL;
}

// announce - @signal is pending; @taker, if any, is to know.
static void announce(struct process *process, struct task *taker, s32 signal)
{
    if (!taker)
        return;
    if (process->thread_count > 1 && is_deadly(process, signal) &&
        !(taker->sig_awaited & signal_bit(signal)))
        process_end(process, wait_status_signal((u32)signal));
    signal_wake(taker);
}

// send - @thread NULL: to the process.
static int send(struct process *process, struct task *thread,
                const struct signal_info *info, bool forced)
{
    struct task *taker;
    int error;

    if (is_dropped(process, thread, info->signal, forced))
        return 0;
    taker = find_taker(process, thread, info->signal);
    error = signal_enqueue(process,
                           thread ? &thread->pending : &process->pending, info);
    if (!error)
        announce(process, taker, info->signal);
    return error;
}

bool signal_send_reserved(struct process *process, struct task *thread,
                          struct queued_signal *q)
{
    s32 signal = q->info.signal;
    struct task *taker;

    if (is_dropped(process, thread, signal, false))
        return false;
    taker = find_taker(process, thread, signal);
    signal_enqueue_reserved(process,
                            thread ? &thread->pending : &process->pending, q);
    announce(process, taker, signal);
    return true;
}

static int send_from_anywhere(struct process *process, struct task *thread,
                              const struct signal_info *info)
{
    u32 flags;
    int error;

    if (info->signal < 1 || info->signal > (s32)SIGNALS)
        return -EINVAL;
    flags = irq_save();
    error = send(process, thread, info, false);
    irq_restore(flags);
    return error;
}

int signal_send(struct task *task, const struct signal_info *info)
{
    return send_from_anywhere(task->process, task, info);
}

int signal_send_process(struct process *process, const struct signal_info *info)
{
    return send_from_anywhere(process, NULL, info);
}

void signal_send_simple(struct task *task, int signal)
{
    struct signal_info info = {.signal = signal, .code = SI_KERNEL};
    int error = signal_send(task, &info);

    ASSERT(!error || signal >= SIGNAL_RT_FIRST);
}

void signal_send_process_simple(struct process *process, int signal)
{
    struct signal_info info = {.signal = signal, .code = SI_KERNEL};
    int error = signal_send_process(process, &info);

    ASSERT(!error || signal >= SIGNAL_RT_FIRST);
}

int signal_send_group(s32 pgid, int signal)
{
    u32 flags = irq_save();
    struct process *process;
    int error = -ESRCH;

    for_each_process (process) {
        if (process->pgid == pgid && process->handlers) {
            signal_send_process_simple(process, signal);
            signal_fork_note(process, signal);
            error = 0;
        }
    }
    irq_restore(flags);
    return error;
}

void signal_force(struct task *task, const struct signal_info *info)
{
    struct signal_action *action = signal_action_of(task, info->signal);
    u64 bit = signal_bit(info->signal);
    u32 flags = irq_save();
    int error;

    if ((task->sig_blocked & bit) ||
        signal_is_ignored(task->process, info->signal))
        action->handler = (u32)(uintptr_t)SIG_DFL;
    task->sig_blocked &= ~bit;
    signal_note(task);
    error = send(task->process, task, info, true);
    ASSERT(!error || info->signal >= SIGNAL_RT_FIRST);
    irq_restore(flags);
}

void signal_set_blocked(u64 blocked)
{
    u32 flags = irq_save();
    u64 before = current->sig_blocked;

    current->sig_blocked = blocked & ~signals_unblockable;
    signal_note(current);
    // Who was woken for one of the process may have been this thread.
    if (current->process->thread_count > 1)
        wake_others(blocked & ~before);
    irq_restore(flags);
}

// The parent may be anywhere, but not go away: it is this process's parent.
bool signal_notify_parent(struct process *process, s32 code, s32 status)
{
    struct process *parent = process->parent ? process->parent->process : NULL;
    struct signal_info info = {
        .signal = (s32)process->exit_signal,
        .code = code,
        .pid = process->leader->pid,
        .uid = process->leader->cred->uid,
        .status = status,
    };
    const struct signal_action *action;
    bool job = code == CLD_STOPPED || code == CLD_CONTINUED;
    bool autoreap = false;
    int error;

    if (!parent || !parent->handlers)
        return false;
    action = &parent->handlers->action[SIGCHLD - 1];
    // A program gets no signal that another one, with other rights, has asked
    // for.
    if (job || process->parent_programs != parent->programs)
        info.signal = SIGCHLD;
    if (!job && info.signal == SIGCHLD)
        autoreap = action->handler == (u32)(uintptr_t)SIG_IGN ||
                   (action->flags & SA_NOCLDWAIT);
    if (info.signal && info.signal <= (s32)SIGNALS &&
        !(job && (action->flags & SA_NOCLDSTOP))) {
        error = send(parent, NULL, &info, false);
        ASSERT(!error || info.signal >= SIGNAL_RT_FIRST);
    }
    wake_up(&parent->child_wait);
    return autoreap;
}

void signal_task_exit(void)
{
    struct process *process = current->process;
    struct signal_handlers *handlers = NULL;
    u32 flags = irq_save();

    signal_flush(process, &current->pending, ~0ull);
    wake_others(~current->sig_blocked);
    signal_stop_check(process);
    if (process->thread_count == 1) {
        handlers = process->handlers;
        process->handlers = NULL;
        signal_flush(process, &process->pending, ~0ull);
    }
    irq_restore(flags);
    signal_handlers_put(handlers);
}
