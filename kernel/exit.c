// kernel/exit.c - the end of a task
// SPDX-License-Identifier: MIT
//
// A task lets go of what it has, hands its children to process 1, becomes a
// zombie, tells its parent, and gives the CPU away for good. What remains, the
// struct task and its kernel stack, is freed by the parent's wait or, where
// nobody waits (kernel threads, parents that ignore SIGCHLD), by the reaper: a
// task cannot free the stack it stands on.
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
    current->max_rss = max(current->max_rss, mm->peak_rss);
    task_use_mm(NULL);
    mm_put(mm);
    task_vfork_release(current);
}

bool pgrp_is_orphaned(s32 pgid, const struct task *ignored)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link) {
        const struct task *parent = task->parent;

        if (task == ignored || task->pgid != pgid ||
            task->state == TASK_ZOMBIE || !parent || parent == init_task)
            continue;
        if (parent->pgid != pgid && parent->sid == task->sid)
            return false;
    }
    return true;
}

static bool pgrp_has_stopped(s32 pgid)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->pgid == pgid && task->state == TASK_STOPPED)
            return true;
    return false;
}

// check_orphaned - @task was or is the child of @parent, and will not be any
// more. POSIX: if that leaves its group without anybody who could continue it,
// stopped members are told so. @leaving: @task itself goes away, or NULL.
static void check_orphaned(const struct task *task, const struct task *parent,
                           const struct task *leaving)
{
    s32 pgid = task->pgid;

    if (!parent || parent->pgid == pgid || parent->sid != task->sid)
        return;
    if (pgrp_is_orphaned(pgid, leaving) && pgrp_has_stopped(pgid)) {
        int error = signal_send_group(pgid, SIGHUP);

        if (!error)
            error = signal_send_group(pgid, SIGCONT);
        (void)error; // -ESRCH: they are gone, too
    }
}

// Interrupts off.
static void reparent_children(struct task *task)
{
    while (!list_empty(&task->children)) {
        struct task *child =
            list_first_entry(&task->children, struct task, child_link);

        list_del(&child->child_link);
        child->parent = init_task;
        child->exit_signal = SIGCHLD;
        list_add_tail(&child->child_link, &init_task->children);
        if (child->state == TASK_ZOMBIE)
            signal_notify_parent(child, CLD_EXITED, 0);
        else
            check_orphaned(child, task, NULL);
    }
}

static void release_all(void)
{
    itimer_cancel(current);
    drivers_session_exit(current);
    task_leave_mm();
    if (current->files)
        files_put(current->files);
    current->files = NULL;
    if (current->fs)
        fs_context_put(current->fs);
    current->fs = NULL;
}

// What CLD_ code and status a wait status means.
static bool notify_exit(struct task *task)
{
    u32 status = task->exit_code;
    bool killed = status & 0x7fu;

    return signal_notify_parent(task, killed ? CLD_KILLED : CLD_EXITED,
                                (s32)(killed ? status & 0x7fu : status >> 8));
}

void task_exit(u32 wait_status)
{
    struct task *task = current;

    ASSERT(!irq_context() && !task->held && task->kmap_depth == 0);
    if (task == init_task)
        panic("process 1 ended: wait status %x", wait_status);
    task->flags |= TF_EXITING;
    task->exit_code = wait_status;
    release_all();
    signal_task_exit();

    // From here on nothing sleeps: nobody may find a half-dead task.
    irq_disable();
    task->state = TASK_ZOMBIE;
    reparent_children(task);
    if (task->flags & TF_KTHREAD && !task->parent) {
        task_unpublish(task);
        task_bury(task);
    } else {
        check_orphaned(task, task->parent, task);
        if (notify_exit(task)) {
            task_unpublish(task);
            task_bury(task);
        }
    }
    schedule();
    panic("a dead task ran");
}

s32 sys_exit(u32 code)
{
    task_exit(wait_status_exit(code));
}

// A process has one thread.
s32 sys_exit_group(u32 code)
{
    task_exit(wait_status_exit(code));
}
