// kernel/signal_deliver.c - acting on signals, on the way back to user mode
// SPDX-License-Identifier: MIT
//
// A system call that was cut short has left -ERESTARTSYS, -ERESTARTNOHAND or
// -ERESTART_RESTARTBLOCK in eax. What becomes of it is decided here, where it
// is known whether a handler runs:
//
//                          no handler           handler      ... SA_RESTART
//   ERESTARTSYS            done again           EINTR        done again
//   ERESTARTNOINTR         done again           done again   done again
//   ERESTARTNOHAND         done again           EINTR        EINTR
//   ERESTART_RESTARTBLOCK  restart_syscall      EINTR        EINTR
//
// "Done again" puts the number back into eax and eip back onto `int $0x80`.

#include <kernel/signal_handlers.h>

#include <arch/cpu.h>
#include <arch/trap.h>
#include <asm/unistd.h>
#include <base/errno.h>
#include <kernel/process.h>
#include <kernel/strace.h>
#include <linux/signal.h>

#include "signal_internal.h"

#define INT80_BYTES 2u

// Whether @regs are those of a system call, not of a fault or interrupt, and
// not what sigreturn has put there.
static bool from_syscall(const struct trap_frame *regs)
{
    return regs->trap == SYSCALL_VECTOR && (s32)regs->error >= 0;
}

static void redo(struct trap_frame *regs, u32 number)
{
    regs->eax = number;
    regs->eip -= INT80_BYTES;
}

static void restart_plain(struct trap_frame *regs)
{
    if (!from_syscall(regs))
        return;
    switch ((s32)regs->eax) {
    case -ERESTARTSYS:
    case -ERESTARTNOINTR:
    case -ERESTARTNOHAND: redo(regs, regs->error); break;
    case -ERESTART_RESTARTBLOCK: redo(regs, __NR_restart_syscall); break;
    }
}

static void restart_with_handler(struct trap_frame *regs, u32 action_flags)
{
    if (!from_syscall(regs))
        return;
    switch ((s32)regs->eax) {
    case -ERESTARTSYS:
        if (action_flags & SA_RESTART) {
            redo(regs, regs->error);
            break;
        }
        regs->eax = (u32)-EINTR;
        break;
    case -ERESTARTNOINTR: redo(regs, regs->error); break;
    case -ERESTARTNOHAND:
    case -ERESTART_RESTARTBLOCK: regs->eax = (u32)-EINTR; break;
    }
}

static void default_action(const struct signal_info *info)
{
    const struct process *process = current->process;
    u64 bit = signal_bit(info->signal);

    if (bit & signals_ignored)
        return;
    if (bit & signals_stop) {
        // A terminal cannot stop whom no shell could ever continue.
        if (info->signal == SIGSTOP || !pgrp_is_orphaned(process->pgid, NULL))
            signal_stop(info->signal);
        return;
    }
    // Only this thread, since another one runs a program (kernel/exec.c).
    if (process->exec_task && process->exec_task != current)
        task_exit(process->exit_code);
    // Process 1 dies of its own faults only.
    if (process == init_task->process && !process->is_ending &&
        !((bit & signals_sync) && info->code > 0))
        return;
    process_exit(wait_status_signal((u32)info->signal));
}

// run_handler - enter it; where its frame finds no place, SIGSEGV instead.
static void run_handler(struct trap_frame *regs, const struct signal_info *info)
{
    struct signal_action *set = signal_action_of(current, info->signal);
    struct signal_action action = *set;
    u64 old = current->work.restore_sigmask ? current->sig_saved
                                            : current->sig_blocked;
    u64 blocked = current->sig_blocked | action.mask;

    restart_with_handler(regs, action.flags);
    if (signal_frame_push(regs, info, &action, old)) {
        struct signal_info fault = {.signal = SIGSEGV, .code = SI_KERNEL};

        if (info->signal == SIGSEGV)
            set->handler = (u32)(uintptr_t)SIG_DFL;
        signal_force(current, &fault);
        return;
    }
    current->work.restore_sigmask = false;
    if (action.flags & SA_RESETHAND)
        set->handler = (u32)(uintptr_t)SIG_DFL;
    if (!(action.flags & SA_NODEFER))
        blocked |= signal_bit(info->signal);
    signal_set_blocked(blocked);
}

void signal_deliver(struct trap_frame *regs)
{
    struct signal_info info;

    while (signal_dequeue(current->sig_blocked, &info)) {
        u32 handler = signal_action_of(current, info.signal)->handler;

        if (handler == (u32)(uintptr_t)SIG_IGN)
            continue;
        if (current->flags & TF_STRACE)
            strace_signal(&info, handler);
        if (handler == (u32)(uintptr_t)SIG_DFL) {
            default_action(&info);
            continue;
        }
        run_handler(regs, &info);
        return;
    }
    restart_plain(regs);
    if (current->work.restore_sigmask) {
        current->work.restore_sigmask = false;
        signal_set_blocked(current->sig_saved);
    }
}
