// kernel/task_internal.h - what task.c, fork.c, exit.c and exec.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/process.h>

// What a parent in vfork sleeps on; lives on its stack.
struct vfork_wait {
    struct wait_queue queue; // task->vfork_done points here
    bool done;
};

// task_create - a task with a kernel stack, on no list, all else zero or the
// default. NULL: no memory. May sleep.
struct task *task_create(void);

// task_publish - give it a number and put it on the list of all tasks and
// among its parent's children. @pid 0: the next free one. Return: 0; -EAGAIN:
// there is none. Does not sleep.
__must_check int task_publish(struct task *task, s32 pid);

// task_unpublish - off both; nobody finds it any more.
void task_unpublish(struct task *task);

// task_free - give back what task_create made. Not the current task's own.
void task_free(struct task *task);

// task_vfork_release - the mm is let go: wake the parent in vfork, if any.
void task_vfork_release(struct task *task);

// task_leave_mm - the current task lets go of its mm: tells who waits for
// that (clear_tid, vfork). May sleep.
void task_leave_mm(void);

// task_bury - the reaper is to free @task, a zombie that is on no list.
void task_bury(struct task *task);
