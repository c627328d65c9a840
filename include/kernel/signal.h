// include/kernel/signal.h - signals, as other parts of the kernel send them
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct process;
struct task;
struct trap_frame;

// What a signal says besides its number: si_code and what goes with it.
struct signal_info {
    s32 signal;
    s32 code; // SI_USER, SI_KERNEL, SEGV_MAPERR, CLD_EXITED, ...
    s32 error;
    u32 addr;   // faults
    s32 pid;    // senders, children; the number of a timer
    u32 uid;    // the same; how often a timer went off besides
    s32 status; // children
    u32 value;  // sigqueue
};

// signal_send, signal_send_process - to one thread; to a process, of which any
// thread may take it. Context: any. Return: 0; -EAGAIN: a real-time one that
// found no memory; -EINVAL.
int signal_send(struct task *task, const struct signal_info *info);
int signal_send_process(struct process *process,
                        const struct signal_info *info);

// The same with SI_KERNEL. Any context.
void signal_send_simple(struct task *task, int signal);
void signal_send_process_simple(struct process *process, int signal);

// signal_send_group - to all of a process group. Return: 0; -ESRCH. Any
// context.
int signal_send_group(s32 pgid, int signal);

// signal_force - by a fault of the task itself: cannot be ignored or blocked
// (then it kills).
void signal_force(struct task *task, const struct signal_info *info);

// Whether a signal waits to be delivered (system calls return -EINTR or
// -ERESTARTSYS then).
bool signal_pending(const struct task *task);

// signal_is_ignored - by what the process has set, or by default; blocking it
// is another matter. Any context.
bool signal_is_ignored(const struct process *process, int signal);

// signal_frame_bytes_max - room that a handler's frame takes at most
// (AT_MINSIGSTKSZ).
u32 signal_frame_bytes_max(void);

// Linux's in-kernel result: restart the call if no handler runs, or one with
// SA_RESTART does. Never reaches user mode.
#define ERESTARTSYS 512
