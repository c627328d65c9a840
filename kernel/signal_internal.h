// kernel/signal_internal.h - what the signal files share
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <kernel/signal.h>
#include <kernel/task.h>

// More in-kernel results, beside ERESTARTSYS. None reaches user mode.
#define ERESTARTNOHAND        514 // restart only if no handler runs
#define ERESTART_RESTARTBLOCK 516 // the same, by restart_syscall

// What rt_sigaction(2) gets: the kernel's layout, not the C library's.
struct signal_action {
    u32 handler; // user address, or SIG_DFL, SIG_IGN
    u32 flags;
    u32 restorer;
    u64 mask;
};

struct signal_handlers { // counted: clone(CLONE_SIGHAND)
    u32 refs;
    struct signal_action action[SIGNALS];
};

static inline u64 signal_bit(s32 signal)
{
    return 1ull << (signal - 1);
}

// Sets of signals by what they do.
extern const u64 signals_sync;        // faults
extern const u64 signals_stop;        // stop by default
extern const u64 signals_ignored;     // ignored by default
extern const u64 signals_unblockable; // SIGKILL, SIGSTOP

static inline struct signal_action *signal_action_of(const struct task *task,
                                                     s32 signal)
{
    return &task->handlers->action[signal - 1];
}

// signal_is_ignored - by what the task has set, or by default.
bool signal_is_ignored(const struct task *task, s32 signal);

#define SIGNAL_RT_FIRST 32 // real-time signals: these, up to SIGNALS

// signal_enqueue - Interrupts off. Return: 0; -EAGAIN: a real-time one that
// found no memory, or too many of them.
__must_check int signal_enqueue(struct task *task,
                                const struct signal_info *info);

// signal_dequeue - take a pending signal that is not in @blocked; faults
// first, then by number. Return: false: none.
bool signal_dequeue(struct task *task, u64 blocked, struct signal_info *out);

// signal_flush - forget the pending ones of @set.
void signal_flush(struct task *task, u64 set);

// signal_set_blocked - the current task's mask; SIGKILL and SIGSTOP stay out.
void signal_set_blocked(u64 blocked);

// signal_frame_push - make @regs enter the handler of @action, with a frame on
// the user stack that sigreturn undoes to mask @old_blocked.
// Return: 0; -EFAULT: no place for it.
__must_check int signal_frame_push(struct trap_frame *regs,
                                   const struct signal_info *info,
                                   const struct signal_action *action,
                                   u64 old_blocked);

// signal_info_to_user - as siginfo_t. Return: 0; -EFAULT.
__must_check int signal_info_to_user(void __user *to,
                                     const struct signal_info *info);
