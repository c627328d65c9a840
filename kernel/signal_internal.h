// kernel/signal_internal.h - what the signal files share
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <kernel/signal.h>
#include <kernel/task.h>

// More in-kernel results, beside ERESTARTSYS. None reaches user mode.
#define ERESTARTNOINTR        513 // restart always
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
    return &task->process->handlers->action[signal - 1];
}

// signal_due_set - what @task is to take on its way to user mode.
static inline u64 signal_due_set(const struct task *task)
{
    return (task->pending.set | task->process->pending.set) &
           ~task->sig_blocked;
}

// signal_note - after what is pending for @task or what it blocks has changed:
// keep work.signal. May be left out where the set only became smaller: then it
// is found to be empty on the way to user mode. Interrupts off.
static inline void signal_note(struct task *task)
{
    task->work.signal = signal_due_set(task) != 0;
}

// signal_check - assert that work.signal is no lie.
void signal_check(const struct task *task);

// Woken by every signal that becomes pending, of whatever task: signalfd.c.
extern struct wait_queue signal_arrivals;

#define SIGNAL_RT_FIRST 32 // real-time signals: these, up to SIGNALS

struct queued_signal {
    struct list_head link;
    struct signal_info info;
    void *owner; // of a reserved one
    // Of a reserved one: it was taken, and @out is what the program gets.
    // Interrupts off.
    void (*taken)(struct queued_signal *q, struct signal_info *out);
};

// signal_reserve - an entry for a signal that is to be sent again and again;
// info and taken are the caller's to fill in. NULL: no memory, or too many. May
// sleep. signal_unreserve - if it is pending, it stays so, as others do.
// Interrupts off.
struct queued_signal *signal_reserve(struct process *process);
void signal_unreserve(struct process *process, struct queued_signal *q);

// signal_send_reserved - @q, which is not pending, to @thread, or with NULL to
// @process. Return: false: it was ignored. Interrupts off.
bool signal_send_reserved(struct process *process, struct task *thread,
                          struct queued_signal *q);
void signal_enqueue_reserved(struct process *process,
                             struct pending_signals *pending,
                             struct queued_signal *q);

// signal_flush_timers - forget those that came of timers. Interrupts off.
void signal_flush_timers(struct process *process,
                         struct pending_signals *pending);

// signal_enqueue - into @pending, of @process or of a thread of it. Interrupts
// off. Return: 0; -EAGAIN: a real-time one that found no memory, or too many.
__must_check int signal_enqueue(struct process *process,
                                struct pending_signals *pending,
                                const struct signal_info *info);

// signal_dequeue - the current task takes a pending signal that is not in
// @blocked: SIGKILL first; its own before the process's; faults before others;
// by number. Return: false: none.
bool signal_dequeue(u64 blocked, struct signal_info *out);

// signal_flush - forget those of @set.
void signal_flush(struct process *process, struct pending_signals *pending,
                  u64 set);

// signal_flush_all - the same for the process and all its threads. Interrupts
// off.
void signal_flush_all(struct process *process, u64 set);

// Signals that came to many processes while this one makes a child, which is on
// no list yet: kernel/signal_fork.c.
struct fork_signals {
    struct list_head link; // process->forks
    u64 set;
};

// signal_fork_begin - of the current process, from here on.
void signal_fork_begin(struct fork_signals *came);

// signal_fork_note - @signal is one for many, and @process among them.
// Interrupts off.
void signal_fork_note(struct process *process, s32 signal);

// signal_fork_end - what came is sent to @child, which has just been published;
// NULL: there is none.
void signal_fork_end(struct fork_signals *came, struct process *child);

// signal_wake - @task has a signal pending that it does not block: wake it, if
// its sleep is one that this signal ends. Interrupts off.
void signal_wake(struct task *task);

// signal_kill_thread - @task alone is to end. Interrupts off.
void signal_kill_thread(struct task *task);

// signal_stop - the current task stops by @signal, and with it its process;
// until SIGCONT or SIGKILL. Not at all, if one of these has come since it was
// dequeued.
void signal_stop(s32 signal);

// signal_stop_check - if that was the last thread to stop, the parent is told.
// Interrupts off.
void signal_stop_check(struct process *process);

// signal_job_control - what stop and continue signals do when they are sent,
// blocked or not. Interrupts off.
void signal_job_control(struct process *process, s32 signal);

// signal_set_blocked - the current task's mask; SIGKILL and SIGSTOP stay out.
void signal_set_blocked(u64 blocked);

// signal_frame_push - make @regs enter the handler of @action, with a frame on
// the user stack that sigreturn undoes to mask @old_blocked.
// Return: 0; -EFAULT: no place for it.
__must_check int signal_frame_push(struct trap_frame *regs,
                                   const struct signal_info *info,
                                   const struct signal_action *action,
                                   u64 old_blocked);

// signal_is_allowed - whether the current task may send @signal to @to: as
// kill(2) says; SIGCONT also within the session.
bool signal_is_allowed(const struct task *to, s32 signal);

// signal_info_is_fault - it tells of an address, not of a sender.
bool signal_info_is_fault(const struct signal_info *info);

// signal_info_to_user - as siginfo_t. Return: 0; -EFAULT.
__must_check int signal_info_to_user(void __user *to,
                                     const struct signal_info *info);
