// kernel/family.c - parents, children and orphans
// SPDX-License-Identifier: MIT
//
// A process that ends is announced to its parent; a thread that ends has its
// children adopted: by another thread of its process, or by the nearest
// ancestor that asked for it (PR_SET_CHILD_SUBREAPER), or by process 1.
//
// Locking: interrupts off, but for pgrp_is_orphaned.

#include <asm/siginfo.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/signal_handlers.h>
#include <linux/signal.h>

#include "signal_internal.h"
#include "task_internal.h"

static bool is_init(const struct process *process)
{
    return process == init_task->process;
}

bool pgrp_is_orphaned(s32 pgid, const struct process *ignored)
{
    const struct process *process;

    for_each_process (process) {
        const struct process *parent =
            process->parent ? process->parent->process : NULL;

        if (process == ignored || process->pgid != pgid || process->is_zombie ||
            !parent || is_init(parent))
            continue;
        if (parent->pgid != pgid && parent->sid == process->sid)
            return false;
    }
    return true;
}

static bool pgrp_has_stopped(s32 pgid)
{
    const struct process *process;

    for_each_process (process)
        if (process->pgid == pgid && process->is_stopped)
            return true;
    return false;
}

// check_orphaned - @process was or is the child of @parent, and will not be any
// more. POSIX: if that leaves its group without anybody who could continue it,
// stopped members are told so. @leaving: @process itself goes away, or NULL.
static void check_orphaned(const struct process *process,
                           const struct task *parent,
                           const struct process *leaving)
{
    s32 pgid = process->pgid;

    if (!parent || parent->process->pgid == pgid ||
        parent->process->sid != process->sid)
        return;
    if (pgrp_is_orphaned(pgid, leaving) && pgrp_has_stopped(pgid)) {
        int error = signal_send_group(pgid, SIGHUP);

        if (!error)
            error = signal_send_group(pgid, SIGCONT);
        (void)error; // -ESRCH: they are gone, too
    }
}

// ---- the end of a process --------------------------------------------------

// What CLD_ code and status a wait status means.
static bool notify_exit(struct process *process)
{
    u32 status = process->exit_code;
    bool killed = status & 0x7fu;

    return signal_notify_parent(process, killed ? CLD_KILLED : CLD_EXITED,
                                (s32)(killed ? status & 0x7fu : status >> 8));
}

// announce - a process without threads: its parent is told, and if it does not
// want to know, that was all. Interrupts off.
static void announce(struct process *process)
{
    struct task *leader = process->leader;

    if (process->parent ? notify_exit(process) : true) {
        task_unpublish(leader);
        task_bury(leader);
    }
}

void process_announce_end(struct process *process)
{
    process->is_zombie = true;
    wake_up(&process->end_wait);
    check_orphaned(process, process->parent, process);
    announce(process);
}

// ---- children of a thread that ends ----------------------------------------

// A thread of @process that will still be there. NULL: there is none.
static struct task *remaining_thread(const struct process *process)
{
    struct task *task;

    for_each_thread (task, process)
        if (!(task->flags & TF_EXITING))
            return task;
    return NULL;
}

// adopter_of - who becomes the parent of the children of a thread of @process:
// another thread; an ancestor that asked for it; process 1.
static struct task *adopter_of(const struct process *process)
{
    struct task *found = remaining_thread(process);

    while (!found && process->parent) {
        process = process->parent->process;
        if (process->is_subreaper)
            found = remaining_thread(process);
    }
    if (!found)
        found = remaining_thread(init_task->process);
    return found ? found : init_task;
}

// send_death_signals - to those threads that asked for it. They come from who
// ends, the current task, and need its right to send them.
static void send_death_signals(struct process *child)
{
    struct signal_info info = {
        .code = SI_USER,
        .pid = current->tgid,
        .uid = current->cred->uid,
    };
    const struct task *task;
    int error;

    for_each_thread (task, child) {
        info.signal = task->parent_death_signal;
        if (!info.signal || !signal_is_allowed(task, info.signal))
            continue;
        error = signal_send_process(child, &info);
        (void)error; // no memory for a real-time one: it is lost
    }
}

// move_child - to another process.
static void move_child(struct process *child, struct task *from,
                       struct task *to)
{
    list_del(&child->child_link);
    list_add_tail(&child->child_link, &to->process->children);
    child->exit_signal = SIGCHLD;
    if (child->is_zombie)
        announce(child);
    else
        check_orphaned(child, from, NULL);
}

void task_give_away_children(struct task *task)
{
    struct process *process = task->process, *child, *next;
    struct task *adopter = NULL;

    list_for_each_entry_safe (child, next, &process->children, child_link) {
        if (child->parent != task)
            continue;
        if (!adopter)
            adopter = adopter_of(process);
        child->parent = adopter;
        send_death_signals(child);
        if (adopter->process != process)
            move_child(child, task, adopter);
    }
}
