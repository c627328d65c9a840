// kernel/task_internal.h - what task.c, fork.c, exit.c and exec.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <asm/ldt.h>
#include <kernel/process.h>

// What a parent in vfork sleeps on; lives on its stack.
struct vfork_wait {
    struct wait_queue queue; // task->vfork_done points here
    bool done;
};

// What clone is to do.
struct clone_request {
    u32 flags;            // CLONE_
    u32 exit_signal;      // to the parent; 0: none
    bool clears_handlers; // what is caught becomes default in the child
    u32 stack;            // esp of the child; 0: the parent's
    s32 __user *parent_tid;
    u32 __user *child_tid;
    struct user_desc tls; // with CLONE_SETTLS
};

// clone_task - Return: the child's number; -EINVAL; -EAGAIN: too many;
// -ENOMEM; -ERESTARTNOINTR; -EINTR: being killed.
s32 clone_task(struct clone_request *request);

// task_create - a task of @process with a kernel stack, on no list, all else
// zero or the default. NULL: no memory. May sleep.
struct task *task_create(struct process *process);

// task_publish - give it a number and put it on the list of all tasks and
// among the threads of its process; with the first of them, its leader, the
// process is put on the list of processes and among its parent's children.
// @pid 0: the next free number. Return: 0; -EAGAIN: there is none. No sleep.
__must_check int task_publish(struct task *task, s32 pid);

// task_unpublish - off them; nobody finds it any more. The leader goes last.
void task_unpublish(struct task *task);

// task_free - give back what task_create made, and the process with its last
// task. Not the current task's own.
void task_free(struct task *task);

// task_release - of a task that others could find until now: free it, and let
// go of what is mounted over its files in /proc. May sleep.
void task_release(struct task *task);

// process_init - caches. process_setup - the lists of an empty one.
void process_init(void);
void process_setup(struct process *process);

// process_create - with no task yet, no handlers, and the default limits. NULL:
// no memory. May sleep.
struct process *process_create(void);

// process_inherit - what a child gets of @like. To be followed by its
// task_publish without a sleep: whoever changes the group, the session or the
// terminal of many finds those on process_list only.
void process_inherit(struct process *process, const struct process *like);

// process_put - a reference less; the last one frees it. (task_create takes
// one; a process without tasks has none, and process_discard frees it.)
void process_put(struct process *process);
void process_discard(struct process *process);

// process_has_others - threads beside @task that have not begun to end.
bool process_has_others(const struct task *task);

// process_announce_end - all threads of @process are zombies: its parent is
// told. Interrupts off.
void process_announce_end(struct process *process);

// task_give_away_children - of @task, a zombie. Interrupts off.
void task_give_away_children(struct task *task);

// process_end - all threads are to end, and wait4 is to tell @status; what was
// said first counts. Interrupts off.
void process_end(struct process *process, u32 status);

// task_vfork_release - the mm is let go: wake the parent in vfork, if any.
void task_vfork_release(struct task *task);

// task_leave_mm - the current task lets go of its mm: tells who waits for
// that (clear_tid, vfork). May sleep.
void task_leave_mm(void);

// task_bury - the reaper is to free @task, a zombie that is on no list.
void task_bury(struct task *task);
