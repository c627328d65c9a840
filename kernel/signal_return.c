// kernel/signal_return.c - system calls: the way back from a signal handler
// SPDX-License-Identifier: MIT
//
// What is read back is the program's to have changed: flags are filtered.
// Selectors are taken as they are, but that cs and ss get privilege 3: the CPU
// looks at them on the way to user mode, and trap.S puts up with what it finds.

#include <kernel/sys_proc.h>

#include <arch/trap.h>
#include <base/errno.h>
#include <kernel/uaccess.h>
#include <linux/signal.h>

#include "signal_fpu.h"
#include "signal_frame.h"
#include "signal_internal.h"

// What user mode may change: status flags, TF, DF, RF, AC.
#define EFLAGS_USER (0x8d5u | EFLAGS_TF | EFLAGS_DF | EFLAGS_RF | EFLAGS_AC)

static const void __user *user_pointer(u32 at)
{
    return (const void __user *)(uintptr_t)at;
}

// restore_context - Return: 0; -EINVAL; -EFAULT.
static int restore_context(struct trap_frame *regs,
                           const struct sigcontext_32 *c)
{
    int error = signal_fpu_pop(c->fpstate);

    if (error)
        return error;
    regs->gs = (u16)c->gs;
    regs->fs = (u16)c->fs;
    regs->es = (u16)c->es;
    regs->ds = (u16)c->ds;
    regs->edi = c->di;
    regs->esi = c->si;
    regs->ebp = c->bp;
    regs->esp = c->sp;
    regs->ebx = c->bx;
    regs->edx = c->dx;
    regs->ecx = c->cx;
    regs->eax = c->ax;
    regs->eip = c->ip;
    regs->cs = (u16)c->cs | 3u;
    regs->ss = (u16)c->ss | 3u;
    regs->eflags = (regs->eflags & ~EFLAGS_USER) | (c->flags & EFLAGS_USER);
    // Not a system call to be restarted, nor one to be left by SYSEXIT.
    regs->error = regs->trap = ~0u;
    return 0;
}

static s32 bad_frame(void)
{
    struct signal_info info = {.signal = SIGSEGV, .code = SI_KERNEL};

    signal_force(current, &info);
    return 0;
}

// At esp - 8: the handler's return has popped the return address, and the
// code the signal number.
s32 sys_sigreturn(void)
{
    struct trap_frame *regs = thread_user_frame(&current->thread);
    u32 at = regs->esp - 8;
    struct sigcontext_32 context;
    u32 mask_high;

    if (copy_from_user(&context,
                       user_pointer(at + offsetof(struct plain_frame, context)),
                       sizeof(context)) ||
        copy_from_user(
            &mask_high,
            user_pointer(at + offsetof(struct plain_frame, mask_high)),
            sizeof(mask_high)))
        return bad_frame();
    signal_set_blocked((u64)mask_high << 32 | context.oldmask);
    if (restore_context(regs, &context))
        return bad_frame();
    return (s32)regs->eax;
}

s32 sys_rt_sigreturn(void)
{
    struct trap_frame *regs = thread_user_frame(&current->thread);
    u32 at = regs->esp - 4;
    struct ucontext_frame ucontext;
    int error;

    if (copy_from_user(&ucontext,
                       user_pointer(at + offsetof(struct rt_frame, ucontext)),
                       sizeof(ucontext)))
        return bad_frame();
    signal_set_blocked(ucontext.mask);
    if (restore_context(regs, &ucontext.context))
        return bad_frame();
    // As on Linux, a stack that cannot be set is left as it is.
    error = altstack_set(&ucontext.stack, regs->esp);
    (void)error;
    return (s32)regs->eax;
}
