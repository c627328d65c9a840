// include/kernel/signal_handlers.h - what a process does on signals
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct signal_handlers; // counted
struct process;
struct task;
struct trap_frame;

// All default. NULL: no memory. May sleep.
struct signal_handlers *signal_handlers_create(void);
struct signal_handlers *signal_handlers_get(struct signal_handlers *handlers);
// A copy. NULL: no memory. May sleep.
struct signal_handlers *signal_handlers_fork(const struct signal_handlers *h);
void signal_handlers_put(struct signal_handlers *handlers); // NULL allowed

// signal_handlers_exec - for a new program: ignored ones stay ignored, caught
// ones become default.
void signal_handlers_exec(struct signal_handlers *handlers);

bool signal_handlers_shared(const struct signal_handlers *handlers);

// signal_init - caches. Needs slabs.
void signal_init(void);

// signal_task_exit - the current task takes no more signals; what is pending
// for its process is left to the other threads.
void signal_task_exit(void);

// signal_deliver - act on what is pending, before user mode goes on with
// @regs: default actions, a handler's frame, restart of the system call.
// May stop the task; may not return. Context: task, interrupts on.
void signal_deliver(struct trap_frame *regs);

// signal_notify_parent - SIGCHLD, or what clone asked for, and wake its wait4.
// @code: CLD_EXITED ... Return: whether the parent wants no zombie.
bool signal_notify_parent(struct process *process, s32 code, s32 status);

// For /proc/PID/status.
u64 signal_ignored_set(const struct task *task);
u64 signal_caught_set(const struct task *task);
