// include/kernel/process.h - making and ending tasks, running programs
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/task.h>

#define PID_MAX 32768

// As many tasks as there may be: kernel stacks are to take an eighth of memory
// at most. /proc/sys/kernel/threads-max.
extern u32 tasks_max;

// task_init - caches, the pid counter. Needs slabs.
void task_init(void);

// task_reaper_start - the thread that frees tasks nobody waits for.
void task_reaper_start(void);

// init_task_start - process 1, as a kernel thread in fn(), which is to call
// exec_kernel. Panics when there is no memory.
void init_task_start(void (*fn)(void));

// The task that adopts orphans: process 1.
extern struct task *init_task;

// task_exit - the current task ends. Lets go of all it has; what is left is
// freed by its parent or the reaper. @wait_status is what wait4 is to report,
// if it is the last thread and its process was not told to end. Context: task;
// no mutex held.
__noreturn void task_exit(u32 wait_status);

// process_exit - the current process ends: this thread at once, the others on
// their way. Context: as task_exit.
__noreturn void process_exit(u32 wait_status);

// usage_add - @usage to @sum.
void usage_add(struct task_usage *sum, const struct task_usage *usage);

// process_usage - what all its threads have used, those that ended, too.
void process_usage(const struct process *process, struct task_usage *out);

// process_max_rss - the most pages it ever had, in all its programs.
u32 process_max_rss(const struct process *process);

// Wait statuses.
static inline u32 wait_status_exit(u32 code)
{
    return (code & 0xffu) << 8;
}
static inline u32 wait_status_signal(u32 signal)
{
    return signal & 0x7fu;
}

// exec_kernel - the current task, a kernel thread, runs a program: process 1.
// @argv, @envp: kernel strings, NULL-terminated. Returns only on failure:
// -errno.
int exec_kernel(const char *path, const char *const *argv,
                const char *const *envp);

// task_use_mm - the current task uses @mm until told otherwise; for writing
// into an address space that is being built or belongs to a child.
// Return: the one it used before, which is to be put back.
struct mm *task_use_mm(struct mm *mm);

// pgrp_is_orphaned - no member has a parent in another group of the session,
// leaving @ignored out of account (it is about to go; may be NULL).
bool pgrp_is_orphaned(s32 pgid, const struct process *ignored);

// itimer_init, itimer_cancel - the three of setitimer(2): disarmed.
void itimer_init(struct process *process);
void itimer_cancel(struct process *process);

// posix_timers_delete_all - those of the current process, which runs another
// program or ends. No other thread is left.
void posix_timers_delete_all(void);
