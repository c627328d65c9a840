// kernel/dispatch.c - what arch hands up: exceptions, and the way back to user
// mode
// SPDX-License-Identifier: MIT
//
// Page faults, by where they happened and what they touched:
//
//   mode    address  then
//   user    user     mm_fault; what it cannot resolve is a signal
//   user    kernel   SIGSEGV
//   kernel  user     an instruction with a fixup: mm_fault if that may sleep,
//                    else and when it fails the fixup; any other: oops
//   kernel  kernel   the fixup, if the instruction has one; else oops
//
// Fixups are cause 16 of the table in mm/fault.c, oopses 17.
//
// So the kernel touches user memory by the copy functions or not at all, even
// where a page happens to be mapped.
//
// (System calls are in syscall.c, interrupts in irq.c.)

#include <kernel/dispatch.h>

#include <arch/cpu.h>
#include <arch/trap.h>
#include <asm/siginfo.h>
#include <base/assert.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/signal_handlers.h>
#include <linux/signal.h>
#include <mm/fault_cause.h>
#include <mm/mm.h>
#include <mm/oom.h>

#include "report.h"
#include "signal_internal.h"

#define LOG_NAME "trap"
#include <kernel/log.h>

static __noinline void work_before_return(struct trap_frame *regs)
{
    irq_enable();
    if (current->work.resched)
        schedule();
    else
        signal_deliver(regs);
    irq_disable();
}

static_assert(offsetof(struct task, work) == 0, "trap.S");

void dispatch_return_to_user(struct trap_frame *regs)
{
    irq_disable();
    while (unlikely(current->work.any))
        work_before_return(regs);
}

// log_death - one line for each fault that no handler takes.
static void log_death(const struct trap_frame *regs,
                      const struct signal_info *info)
{
    const struct signal_action *action =
        signal_action_of(current, info->signal);

    if (action->handler == (u32)(uintptr_t)SIG_DFL)
        log_info("%s: pid=%d name=%s signal=%d address=%08x eip=%08x esp=%08x "
                 "error=%x",
                 trap_name(regs->trap), current->pid, current->name,
                 info->signal, info->addr, regs->eip, regs->esp, regs->error);
}

static void fault_signal(const struct trap_frame *regs, s32 signal, s32 code,
                         u32 address)
{
    struct signal_info info = {.signal = signal, .code = code, .addr = address};

    // A return that failed is reported as what came before it, as on Linux.
    if (regs->trap != TRAP_BAD_RETURN) {
        current->fault_trap = regs->trap;
        current->fault_error = regs->error;
    }
    log_death(regs, &info);
    signal_force(current, &info);
}

static enum fault_access access_of(u32 error)
{
    if (error & PF_ERROR_WRITE)
        return FAULT_WRITE;
    // CR4.SMEP makes the CPU tell of fetches that no entry can forbid.
    return (error & PF_ERROR_FETCH) && pmap_enforces_exec() ? FAULT_EXEC
                                                            : FAULT_READ;
}

// out_of_memory - nothing could be freed for it: it is the one to go, as the
// fault cannot be answered.
static void out_of_memory(void)
{
    log_err("out of memory, killed: pid=%d name=%s", current->pid,
            current->name);
    signal_send_simple(current, SIGKILL);
    if (current->pid == 1) // which nobody can kill
        panic("out of memory for process 1");
}

// What mm could not resolve becomes a signal, or the end of somebody.
static __noinline void fault_failed(const struct trap_frame *regs, u32 address,
                                    enum fault_result result)
{
    switch (result) {
    case FAULT_SEGV_MAPERR:
        current->fault_address = address;
        fault_signal(regs, SIGSEGV, SEGV_MAPERR, address);
        return;
    case FAULT_SEGV_ACCERR:
        current->fault_address = address;
        fault_signal(regs, SIGSEGV, SEGV_ACCERR, address);
        return;
    case FAULT_BUS:
        if (task_fatal_pending(current))
            return; // it was cut short by that
        current->fault_address = address;
        fault_signal(regs, SIGBUS, BUS_ADRERR, address);
        return;
    case FAULT_OOM:
        if (!oom_fault()) // else the instruction is tried again
            out_of_memory();
        return;
    case FAULT_DONE:
    case FAULT_MAJOR:
    case FAULT_RETRY: panic("mm_fault: result %d", result);
    }
}

static void user_page_fault(struct trap_frame *regs, u32 address)
{
    enum fault_result result = FAULT_SEGV_MAPERR;

    // Nothing that mm could do makes such an entry good.
    if (unlikely(regs->error & PF_ERROR_RESERVED)) {
        fault_count(CAUSE_KERNEL_BUG);
        oops(regs, "reserved bit set in a page-table entry", address);
    }
    if (address < TASK_SIZE)
        result =
            mm_fault(current->mm, user_addr(address), access_of(regs->error));
    else
        fault_count(CAUSE_HOLE);
    if (likely(result == FAULT_DONE))
        current->oom_faults = 0;
    else
        fault_failed(regs, address, result);
}

static bool may_fault_in(const struct trap_frame *regs, u32 address)
{
    return address < TASK_SIZE && current->mm && !current->faults_disabled &&
           current->kmap_depth == 0 && !irq_context() &&
           (regs->eflags & EFLAGS_IF);
}

// Causes 16 and 17, and what mm can answer.
static void kernel_page_fault(struct trap_frame *regs, u32 address)
{
    u32 eip = regs->eip;
    u32 fixup;

    if ((regs->error & PF_ERROR_RESERVED) || !trap_fixup(regs)) {
        fault_count(CAUSE_KERNEL_BUG);
        oops(regs,
             address < PAGE_SIZE   ? "NULL pointer dereference"
             : address < TASK_SIZE ? "kernel access to a user address"
                                   : "bad kernel address",
             address);
        return;
    }
    fixup = regs->eip;
    // Once more from the instruction itself, or else from its fixup.
    if (may_fault_in(regs, address)) {
        regs->eip = eip;
        if (mm_fault(current->mm, user_addr(address), access_of(regs->error)) ==
            FAULT_DONE)
            return;
        regs->eip = fixup;
    }
    fault_count(CAUSE_KERNEL_REPAIRED);
}

// x87 and SSE errors: which of the unmasked ones it was.
static s32 fpe_code(u32 status)
{
    if (status & 0x01)
        return FPE_FLTINV;
    if (status & 0x04)
        return FPE_FLTDIV;
    if (status & 0x08)
        return FPE_FLTOVF;
    if (status & 0x12) // underflow, denormal operand
        return FPE_FLTUND;
    return status & 0x20 ? FPE_FLTRES : 0;
}

// SDM vol. 1, 8.1.10 and 10.5.1: places of control and status in the images.
static s32 fpu_error_code(bool simd)
{
    const u32 *image = (const u32 *)(const void *)current->thread.fpu.bytes;
    u32 control, status;

    fpu_store(&current->thread);
    if (simd) {
        u32 mxcsr = image[6];

        control = mxcsr >> 7;
        status = mxcsr;
    } else if (cpu_has(CPU_FXSR)) {
        control = image[0] & 0xffffu;
        status = image[0] >> 16;
    } else {
        control = image[0];
        status = image[1];
    }
    return fpe_code(status & ~control & 0x3fu);
}

// An error that is none any more is no signal.
static void fpu_signal(const struct trap_frame *regs)
{
    s32 code = fpu_error_code(regs->trap == TRAP_SIMD_ERROR);

    if (code)
        fault_signal(regs, SIGFPE, code, regs->eip);
}

// INT1 leaves DR6 as it was, which is empty.
static s32 debug_code(u32 dr6)
{
    if (dr6 & DR6_STEP)
        return TRAP_TRACE;
    return dr6 & DR6_BREAKPOINTS ? TRAP_HWBKPT : TRAP_BRKPT;
}

// What each exception of user mode is for the program.
static void user_exception(const struct trap_frame *regs, u32 detail)
{
    u32 eip = regs->eip;

    switch ((enum trap_vector)regs->trap) {
    case TRAP_DIVIDE: fault_signal(regs, SIGFPE, FPE_INTDIV, eip); return;
    case TRAP_DEBUG:
        fault_signal(regs, SIGTRAP, debug_code(detail), eip);
        return;
    case TRAP_BREAKPOINT: fault_signal(regs, SIGTRAP, SI_KERNEL, 0); return;
    case TRAP_INVALID_OPCODE:
        fault_signal(regs, SIGILL, ILL_ILLOPN, eip);
        return;
    case TRAP_NO_FPU: fault_signal(regs, SIGFPE, FPE_FLTUNK, eip); return;
    case TRAP_FPU_ERROR:
    case TRAP_SIMD_ERROR: fpu_signal(regs); return;
    case TRAP_BAD_RETURN: fault_signal(regs, SIGILL, ILL_BADSTK, 0); return;
    case TRAP_NO_SEGMENT:
    case TRAP_STACK_SEGMENT: fault_signal(regs, SIGBUS, SI_KERNEL, 0); return;
    case TRAP_ALIGNMENT: fault_signal(regs, SIGBUS, BUS_ADRALN, 0); return;
    default: fault_signal(regs, SIGSEGV, SI_KERNEL, 0); return;
    }
}

// Nothing enters virtual-8086 mode here, and a CPU refuses IRET in user mode
// with that flag. QEMU 7.2 does not (Linux oopses of it): the frame is longer
// then, so no way leads back. (Page faults whose CS happens to look like a
// program's are signals as usual.)
static void refuse_vm86(const struct trap_frame *regs)
{
    if (!(regs->eflags & EFLAGS_VM))
        return;
    log_info("virtual-8086 mode: pid=%d name=%s", current->pid, current->name);
    irq_enable();
    process_exit(wait_status_signal(SIGSEGV));
}

void exception_dispatch(struct trap_frame *regs, u32 detail)
{
    bool user = trap_from_user(regs);

    if (regs->trap == TRAP_NMI) {
        report_nmi(regs);
        return;
    }
    if (regs->trap == TRAP_MACHINE_CHECK || regs->trap == TRAP_DOUBLE_FAULT)
        panic_regs(regs, "%s", trap_name(regs->trap));
    refuse_vm86(regs);
    if (regs->trap == TRAP_PAGE_FAULT)
        kernel_page_fault(regs, detail);
    else if (user)
        user_exception(regs, detail);
    else
        oops(regs, trap_name(regs->trap), detail);
    if (user)
        dispatch_return_to_user(regs);
}

void user_fault_dispatch(struct trap_frame *regs, u32 address)
{
    user_page_fault(regs, address);
    dispatch_return_to_user(regs);
}
