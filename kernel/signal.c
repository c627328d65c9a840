// kernel/signal.c - sending signals: who gets what, and who is woken
// SPDX-License-Identifier: MIT
//
// What is pending is kept by signal_queue.c, and acted upon by
// signal_deliver.c.
//
// Process 1 gets no signal that it has no handler for, but those of its own
// faults, which end the system. Kernel threads get none.
//
// Locking: pending sets and queues with interrupts off; handlers change only
// by their own task, with interrupts off.

#include "signal_internal.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/signal_handlers.h>
#include <linux/signal.h>

#define BIT(signal) (1ull << ((signal)-1))

const u64 signals_sync = BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGILL) |
                         BIT(SIGTRAP) | BIT(SIGFPE) | BIT(SIGSYS);
const u64 signals_stop =
    BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU);
const u64 signals_ignored =
    BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH);
const u64 signals_unblockable = BIT(SIGKILL) | BIT(SIGSTOP);

bool signal_is_ignored(const struct task *task, s32 signal)
{
    u32 handler = signal_action_of(task, signal)->handler;

    return handler == (u32)(uintptr_t)SIG_IGN ||
           (handler == (u32)(uintptr_t)SIG_DFL &&
            (signals_ignored & signal_bit(signal)));
}

static bool is_default(const struct task *task, s32 signal)
{
    return signal_action_of(task, signal)->handler == (u32)(uintptr_t)SIG_DFL;
}

// Whether it ends the task when it is delivered.
static bool is_deadly(const struct task *task, s32 signal)
{
    u64 bit = signal_bit(signal);

    return is_default(task, signal) &&
           !(bit & (signals_ignored | signals_stop));
}

bool signal_pending(const struct task *task)
{
    return (task->sig_pending & ~task->sig_blocked) != 0;
}

bool task_fatal_pending(const struct task *task)
{
    u64 set = task->sig_pending & ~task->sig_blocked;

    if (!task->handlers)
        return false;
    for (s32 signal = 1; set; signal++, set >>= 1)
        if ((set & 1) && is_deadly(task, signal))
            return true;
    return false;
}

// Interrupts off.
static void resume(struct task *task)
{
    if (task->state == TASK_STOPPED)
        sched_add(task);
}

// job_control - what stop and continue signals do when they are sent, blocked
// or not. Interrupts off.
static void job_control(struct task *task, s32 signal)
{
    u64 bit = signal_bit(signal);

    if (bit & signals_stop)
        signal_flush(task, signal_bit(SIGCONT));
    if (signal == SIGCONT) {
        signal_flush(task, signals_stop);
        if (task->state == TASK_STOPPED) {
            task->job_event = SIGCONT;
            resume(task);
            signal_notify_parent(task, CLD_CONTINUED, SIGCONT);
        }
    }
    if (signal == SIGKILL)
        resume(task);
}

// Interrupts off.
static void wake_for(struct task *task)
{
    if (task->state != TASK_SLEEPING || !signal_pending(task))
        return;
    if (task->wait_kind == WAIT_INTERRUPTIBLE ||
        (task->wait_kind == WAIT_KILLABLE && task_fatal_pending(task)))
        task_wake(task);
}

// is_protected - process 1 is not to be harmed by default actions.
static bool is_protected(const struct task *task, s32 signal)
{
    return task == init_task && is_default(task, signal);
}

static int send(struct task *task, const struct signal_info *info, bool forced)
{
    s32 signal = info->signal;
    int error = 0;
    u32 flags;

    if (signal < 1 || signal > (s32)SIGNALS)
        return -EINVAL;
    flags = irq_save();
    if (!task->handlers || task->state == TASK_ZOMBIE ||
        (task->flags & TF_EXITING))
        goto out;
    job_control(task, signal);
    if (!forced && is_protected(task, signal))
        goto out;
    if (signal_is_ignored(task, signal) &&
        !(task->sig_blocked & signal_bit(signal)))
        goto out;
    error = signal_enqueue(task, info);
    wake_for(task);
out:
    irq_restore(flags);
    return error;
}

int signal_send(struct task *task, const struct signal_info *info)
{
    return send(task, info, false);
}

void signal_send_simple(struct task *task, int signal)
{
    struct signal_info info = {.signal = signal, .code = SI_KERNEL};
    int error = send(task, &info, false);

    ASSERT(!error || signal >= SIGNAL_RT_FIRST);
}

int signal_send_group(s32 pgid, int signal)
{
    u32 flags = irq_save();
    struct task *task;
    int error = -ESRCH;

    list_for_each_entry (task, &task_list, all_link) {
        if (task->pgid == pgid && task->handlers) {
            signal_send_simple(task, signal);
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

    if ((task->sig_blocked & bit) || signal_is_ignored(task, info->signal))
        action->handler = (u32)(uintptr_t)SIG_DFL;
    task->sig_blocked &= ~bit;
    error = send(task, info, true);
    ASSERT(!error || info->signal >= SIGNAL_RT_FIRST);
    irq_restore(flags);
}

void signal_set_blocked(u64 blocked)
{
    u32 flags = irq_save();

    current->sig_blocked = blocked & ~signals_unblockable;
    irq_restore(flags);
}

// The parent may be anywhere, but not go away: it is this task's parent.
bool signal_notify_parent(struct task *task, s32 code, s32 status)
{
    struct task *parent = task->parent;
    struct signal_info info = {
        .signal = (s32)task->exit_signal,
        .code = code,
        .pid = task->pid,
        .uid = task->uid,
        .status = status,
    };
    const struct signal_action *action;
    bool job = code == CLD_STOPPED || code == CLD_CONTINUED;
    bool autoreap = false;
    int error;

    if (!parent || !parent->handlers)
        return false;
    action = signal_action_of(parent, SIGCHLD);
    if (job)
        info.signal = SIGCHLD;
    else if (info.signal == SIGCHLD)
        autoreap = action->handler == (u32)(uintptr_t)SIG_IGN ||
                   (action->flags & SA_NOCLDWAIT);
    if (info.signal && !(job && (action->flags & SA_NOCLDSTOP))) {
        error = send(parent, &info, false);
        ASSERT(!error || info.signal >= SIGNAL_RT_FIRST);
    }
    wake_up(&parent->child_wait);
    return autoreap;
}

void signal_task_exit(void)
{
    u32 flags = irq_save();
    struct signal_handlers *handlers = current->handlers;

    current->handlers = NULL;
    signal_flush(current, ~0ull);
    irq_restore(flags);
    signal_handlers_put(handlers);
}
