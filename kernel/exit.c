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
#include <base/assert.h>
#include <fs/context.h>
#include <fs/dentry.h>
#include <fs/files.h>
#include <kernel/cred.h>
#include <kernel/drivers.h>
#include <kernel/futex.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/signal_handlers.h>
#include <kernel/sys_proc.h>
#include <kernel/trace.h>
#include <kernel/uaccess.h>
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

void task_release(struct task *task)
{
    task_free(task);
    mounts_prune();
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
            task_release(task);
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
    futex_leave();
    if (current->flags & TF_EXITING)
        current->flags |= TF_FUTEXES_LEFT;
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

static void release_all(bool is_last)
{
    if (is_last) {
        itimer_cancel(current->process);
        posix_timers_delete_all();
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
    process_announce_end(process);
}

void task_exit(u32 wait_status)
{
    struct task *task = current;
    struct process *process = task->process;
    bool is_last = !process_has_others(task);

    ASSERT(!irq_context() && !task->held && task->kmap_depth == 0);
    if (process == init_task->process && is_last)
        panic("process 1 ended: wait status %x",
              process->is_ending ? process->exit_code : wait_status);
    if (is_last && !process->is_ending) {
        process->is_ending = true;
        process->exit_code = wait_status;
    }
    task->flags |= TF_EXITING;
    release_all(is_last);
    signal_task_exit();
    if (trace_on(process))
        trace_write(TRACE_PROCESS, TRACE_PROCESS_EXIT,
                    process->is_ending ? process->exit_code : wait_status,
                    process->max_rss, 0, 0);

    // From here on nothing sleeps: nobody may find a half-dead task.
    irq_disable();
    task->state = TASK_ZOMBIE;
    task_give_away_children(task);
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
    for_each_thread (task, process)
        signal_kill_thread(task);
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
