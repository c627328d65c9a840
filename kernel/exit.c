// kernel/exit.c - the end of a task
// SPDX-License-Identifier: MIT
//
// A task lets go of what it has, becomes a zombie, and gives the CPU away for
// good. The last thread of a process hands its children to who adopts them and
// tells the parent; a leader that ends earlier stays, a zombie of which nobody
// is told yet. What remains of a task, the struct and its kernel stack, is
// freed by the parent's wait or, where nobody waits (threads that do not lead,
// kernel threads, parents that ignore SIGCHLD), by the reaper: a task cannot
// free the stack it stands on.
//
// Locking: family links with interrupts off.

#include <arch/cpu.h>
#include <asm/siginfo.h>
#include <base/assert.h>
#include <fs/context.h>
#include <fs/files.h>
#include <kernel/drivers.h>
#include <kernel/futex.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/signal_handlers.h>
#include <kernel/sys_proc.h>
#include <kernel/uaccess.h>
#include <linux/signal.h>
#include <mm/mm.h>

#include "rusage.h"
#include "signal_internal.h"
#include "task_internal.h"

static LIST_HEAD(dead); // zombies by all_link
static WAIT_QUEUE(dead_wait);

void task_bury(struct task *task)
{
    u32 flags = irq_save();

    list_add_tail(&task->all_link, &dead);
    irq_restore(flags);
    wake_up(&dead_wait);
}

static struct task *next_dead(void)
{
    u32 flags = irq_save();
    struct task *task = NULL;

    if (!list_empty(&dead)) {
        task = list_first_entry(&dead, struct task, all_link);
        list_del(&task->all_link);
    }
    irq_restore(flags);
    return task;
}

static void reaper(void *arg __unused)
{
    for (;;) {
        struct task *task;

        // Idle, and shown as such; no signal comes.
        (void)wait_event_interruptible(&dead_wait, !list_empty(&dead));
        while ((task = next_dead()))
            task_free(task);
    }
}

void task_reaper_start(void)
{
    if (!kthread_start(reaper, NULL, "reaper"))
        panic("no memory for the reaper");
}

void task_vfork_release(struct task *task)
{
    struct wait_queue *queue = task->vfork_done;

    if (!queue)
        return;
    task->vfork_done = NULL;
    container_of(queue, struct vfork_wait, queue)->done = true;
    wake_up(queue);
}

void task_leave_mm(void)
{
    struct mm *mm = current->mm;

    if (!mm)
        return;
    if (current->clear_tid) {
        // Not for the last user of the space: there is nobody to see it.
        if (mm->users > 1 && put_user(0u, current->clear_tid) == 0)
            futex_wake(current->clear_tid, 1);
        current->clear_tid = NULL;
    }
    current->process->max_rss = max(current->process->max_rss, mm->peak_rss);
    task_use_mm(NULL);
    mm_put(mm);
    task_vfork_release(current);
}

static bool is_init(const struct process *process)
{
    return process == init_task->process;
}

bool pgrp_is_orphaned(s32 pgid, const struct process *ignored)
{
    const struct process *process;

    for_each_process(process)
    {
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

    for_each_process(process) if (process->pgid == pgid &&
                                  process->is_stopped) return true;
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

// ---- children of a thread that ends ----------------------------------------

// A thread of @process that will still be there. NULL: there is none.
static struct task *remaining_thread(const struct process *process)
{
    struct task *task;

    for_each_thread(task, process) if (!(task->flags & TF_EXITING)) return task;
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

// Interrupts off. @task is a zombie.
static void give_away_children(struct task *task)
{
    struct process *process = task->process, *child, *next;
    struct task *adopter = NULL;

    list_for_each_entry_safe (child, next, &process->children, child_link) {
        if (child->parent != task)
            continue;
        if (!adopter)
            adopter = adopter_of(process);
        child->parent = adopter;
        if (adopter->process != process)
            move_child(child, task, adopter);
    }
}

// ---- the end of a thread ---------------------------------------------------

static void release_all(bool is_last)
{
    if (is_last) {
        itimer_cancel(current->process);
        drivers_session_exit(current);
    }
    task_leave_mm();
    if (current->files)
        files_put(current->files);
    current->files = NULL;
    if (current->fs)
        fs_context_put(current->fs);
    current->fs = NULL;
}

// leave - the zombie @task is no part of its process any more, but for the
// leader. Interrupts off.
static void leave(struct task *task)
{
    struct process *process = task->process;
    bool is_last = --process->thread_count == 0;

    if (task != process->leader) {
        usage_add(&process->dead, &task->usage);
        task_unpublish(task);
        task_bury(task);
    }
    if (process->exec_task)
        task_wake(process->exec_task);
    if (!is_last)
        return;
    process->is_zombie = true;
    check_orphaned(process, process->parent, process);
    announce(process);
}

void task_exit(u32 wait_status)
{
    struct task *task = current;
    struct process *process = task->process;
    bool is_last = !process_has_others(task);

    ASSERT(!irq_context() && !task->held && task->kmap_depth == 0);
    if (process == init_task->process && is_last)
        panic("process 1 ended: wait status %x",
              process->is_ending || task != process->leader ? process->exit_code
                                                            : wait_status);
    if (task == process->leader && !process->is_ending)
        process->exit_code = wait_status;
    task->flags |= TF_EXITING;
    release_all(is_last);
    signal_task_exit();

    // From here on nothing sleeps: nobody may find a half-dead task.
    irq_disable();
    task->state = TASK_ZOMBIE;
    give_away_children(task);
    leave(task);
    schedule();
    panic("a dead task ran");
}

void process_end(struct process *process, u32 status)
{
    struct task *task;

    if (process->is_ending)
        return;
    process->is_ending = true;
    process->exit_code = status;
    for_each_thread(task, process) signal_kill_thread(task);
}

void process_exit(u32 wait_status)
{
    u32 flags = irq_save();

    process_end(current->process, wait_status);
    irq_restore(flags);
    task_exit(current->process->exit_code);
}

s32 sys_exit(u32 code)
{
    task_exit(wait_status_exit(code));
}

s32 sys_exit_group(u32 code)
{
    process_exit(wait_status_exit(code));
}
