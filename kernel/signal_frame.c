// kernel/signal_frame.c - frames of signal handlers on the user stack
// SPDX-License-Identifier: MIT
//
// The return address is the C library's restorer; without one the vDSO's code,
// which calls sigreturn (signal_return.c). The same code stands in the frame:
// debuggers know a signal's frame by it. It is run only where there is no vDSO,
// if the stack can be executed.
//
// Source: System V ABI i386, 3-2 (stack alignment).

#include "signal_internal.h"

#include <arch/trap.h>
#include <asm/unistd.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/uaccess.h>
#include <kernel/vdso.h>
#include <linux/signal.h>

#include "signal_fpu.h"
#include "signal_frame.h"

#define FRAME_PADDING_MAX 32u // of place_frame

// pop %eax; mov $__NR_sigreturn, %eax; int $0x80
static const u8 plain_code[8] = {0x58, 0xb8, __NR_sigreturn, 0,
                                 0,    0,    0xcd,           0x80};
// mov $__NR_rt_sigreturn, %eax; int $0x80
static const u8 rt_code[8] = {0xb8, __NR_rt_sigreturn, 0, 0, 0, 0xcd, 0x80, 0};

static void __user *user_pointer(u32 at)
{
    return (void __user *)(uintptr_t)at;
}

static struct sigcontext_32 save_context(const struct trap_frame *regs,
                                         u32 fpstate, u64 mask)
{
    return (struct sigcontext_32){
        .gs = (u16)regs->gs,
        .fs = (u16)regs->fs,
        .es = (u16)regs->es,
        .ds = (u16)regs->ds,
        .di = regs->edi,
        .si = regs->esi,
        .bp = regs->ebp,
        .sp = regs->esp,
        .bx = regs->ebx,
        .dx = regs->edx,
        .cx = regs->ecx,
        .ax = regs->eax,
        .trapno = current->fault_trap,
        .err = current->fault_error,
        .ip = regs->eip,
        .cs = (u16)regs->cs,
        .flags = regs->eflags,
        .sp_at_signal = regs->esp,
        .ss = (u16)regs->ss,
        .fpstate = fpstate,
        .oldmask = (u32)mask,
        .cr2 = current->fault_address,
    };
}

// place_frame - room for a frame of @bytes, below FPU state at *@out_fpstate
// (0: none). Return: 0; -EFAULT: the alternate stack is too small.
static int place_frame(const struct trap_frame *regs,
                       const struct signal_action *action, u32 bytes,
                       u32 *out_fpstate, u32 *out_frame)
{
    bool inside = altstack_contains(regs->esp);
    u32 sp = regs->esp;
    u32 fpu_bytes = signal_fpu_bytes();

    if ((action->flags & SA_ONSTACK) && current->altstack_bytes && !inside) {
        sp = current->altstack_start + current->altstack_bytes;
        inside = true;
    }
    if (sp < bytes + fpu_bytes + 64)
        return -EFAULT;
    sp = ALIGN_DOWN(sp - fpu_bytes, 16u);
    *out_fpstate = fpu_bytes ? sp : 0;
    // As after a call: esp + 4 is a multiple of 16.
    *out_frame = ALIGN_DOWN(sp - bytes + 4, 16u) - 4;
    if (inside && current->altstack_bytes &&
        *out_frame < current->altstack_start)
        return -EFAULT;
    return 0;
}

u32 signal_frame_bytes_max(void)
{
    return ALIGN_UP(
        (u32)max(sizeof(struct rt_frame), sizeof(struct plain_frame)) +
            signal_fpu_bytes() + FRAME_PADDING_MAX,
        16u);
}

static u32 return_address(const struct signal_action *action, bool rt, u32 code)
{
    u32 at = vdso_sigreturn(current->mm, rt);

    if (action->flags & SA_RESTORER)
        return action->restorer;
    return at ? at : code;
}

static int push_plain(const struct trap_frame *regs, u32 at, u32 fpstate,
                      s32 signal, const struct signal_action *action, u64 mask)
{
    u32 code = at + offsetof(struct plain_frame, code);
    struct {
        u32 return_address;
        s32 signal;
        struct sigcontext_32 context;
    } head = {
        .return_address = return_address(action, false, code),
        .signal = signal,
        .context = save_context(regs, fpstate, mask),
    };
    u32 mask_high = (u32)(mask >> 32);

    if (copy_to_user(user_pointer(at), &head, sizeof(head)) ||
        copy_to_user(user_pointer(at + offsetof(struct plain_frame, mask_high)),
                     &mask_high, sizeof(mask_high)))
        return -EFAULT;
    return copy_to_user(user_pointer(code), plain_code, sizeof(plain_code));
}

static int push_rt(const struct trap_frame *regs, u32 at, u32 fpstate,
                   const struct signal_info *info,
                   const struct signal_action *action, u64 mask)
{
    u32 code = at + offsetof(struct rt_frame, code);
    u32 info_at = at + offsetof(struct rt_frame, info);
    u32 context_at = at + offsetof(struct rt_frame, ucontext);
    u32 head[4] = {
        return_address(action, true, code),
        (u32)info->signal,
        info_at,
        context_at,
    };
    struct ucontext_frame ucontext = {
        .stack = {current->altstack_start, current->altstack_flags,
                  current->altstack_bytes},
        .context = save_context(regs, fpstate, mask),
        .mask = mask,
    };

    if (!current->altstack_bytes)
        ucontext.stack.flags = SS_DISABLE;
    if (copy_to_user(user_pointer(at), head, sizeof(head)) ||
        signal_info_to_user(user_pointer(info_at), info) ||
        copy_to_user(user_pointer(context_at), &ucontext, sizeof(ucontext)))
        return -EFAULT;
    return copy_to_user(user_pointer(code), rt_code, sizeof(rt_code));
}

int signal_frame_push(struct trap_frame *regs, const struct signal_info *info,
                      const struct signal_action *action, u64 old_blocked)
{
    bool rt = action->flags & SA_SIGINFO;
    u32 bytes = rt ? sizeof(struct rt_frame) : sizeof(struct plain_frame);
    u32 fpstate, at;
    int error = place_frame(regs, action, bytes, &fpstate, &at);

    if (!error && fpstate)
        error = signal_fpu_push(fpstate);
    if (!error)
        error = rt ? push_rt(regs, at, fpstate, info, action, old_blocked)
                   : push_plain(regs, at, fpstate, info->signal, action,
                                old_blocked);
    if (error)
        return -EFAULT;
    if (current->altstack_flags & SS_AUTODISARM) {
        current->altstack_start = current->altstack_bytes = 0;
        current->altstack_flags = SS_DISABLE;
    }
    fpu_reset(&current->thread); // with no exception pending in it
    regs->esp = at;
    regs->eip = action->handler;
    regs->eax = (u32)info->signal; // for handlers with register arguments
    regs->edx = rt ? at + offsetof(struct rt_frame, info) : 0;
    regs->ecx = rt ? at + offsetof(struct rt_frame, ucontext) : 0;
    regs->ds = regs->es = regs->ss = USER_DS;
    regs->cs = USER_CS;
    regs->eflags &= ~(EFLAGS_DF | EFLAGS_RF | EFLAGS_TF);
    return 0;
}
