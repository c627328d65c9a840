// arch/x86/trap.c - what came in, and who takes care of it
// SPDX-License-Identifier: MIT
//
// Called by trap.S with interrupts off. CR2 and DR6 are read before they can
// come on again, since a handler may fault too. (Page faults of programs do not
// come by here.)
#include <arch/trap.h>

#include <arch/cpu.h>
#include <base/errno.h>

#include "arch_private.h"
#include "asm.h"
#include "cpu_regs.h"

static_assert(ASM_KERNEL_CS == KERNEL_CS, "asm.h");
static_assert(ASM_KERNEL_DS == KERNEL_DS, "asm.h");
static_assert(ASM_USER_CS == USER_CS && ASM_USER_DS == USER_DS, "asm.h");
static_assert(ASM_FRAME_ECX == offsetof(struct trap_frame, ecx) &&
                  ASM_FRAME_EBP == offsetof(struct trap_frame, ebp) &&
                  ASM_FRAME_EAX == offsetof(struct trap_frame, eax) &&
                  ASM_FRAME_DS == offsetof(struct trap_frame, ds) &&
                  ASM_FRAME_TRAP == offsetof(struct trap_frame, trap) &&
                  ASM_FRAME_CS == offsetof(struct trap_frame, cs),
              "asm.h");
static_assert(ASM_RESTART_FIRST == TRAP_RESTART_FIRST &&
                  ASM_RESTART_LAST == TRAP_RESTART_LAST,
              "asm.h");
static_assert(sizeof(struct syscall) == 8, "trap.S");
static_assert(ASM_EFAULT == EFAULT && ASM_EFLAGS_IF == EFLAGS_IF &&
                  ASM_EFLAGS_FIXED == EFLAGS_FIXED,
              "asm.h");
static_assert(ASM_SYSCALL == SYSCALL_VECTOR, "asm.h");
static_assert(ASM_STUBS == IRQ_VECTOR_BASE + 64, "asm.h");
static_assert(ASM_BAD_RETURN == TRAP_BAD_RETURN, "asm.h");
static_assert(ASM_PAGE_OFFSET == PAGE_OFFSET, "asm.h");
static_assert(sizeof(struct trap_frame) == 72, "trap.S");

struct fixup {
    u32 fault, resume;
};
extern const struct fixup fixup_table_start[], fixup_table_end[];

bool trap_fixup(struct trap_frame *regs)
{
    // A dozen entries: not worth sorting.
    for (const struct fixup *f = fixup_table_start; f < fixup_table_end; f++) {
        if (f->fault == regs->eip) {
            regs->eip = f->resume;
            return true;
        }
    }
    return false;
}

const char *trap_name(u32 vector)
{
    static const char *const names[] = {
        [TRAP_DIVIDE] = "divide error",
        [TRAP_DEBUG] = "debug trap",
        [TRAP_NMI] = "non-maskable interrupt",
        [TRAP_BREAKPOINT] = "breakpoint",
        [TRAP_OVERFLOW] = "overflow",
        [TRAP_BOUNDS] = "bounds",
        [TRAP_INVALID_OPCODE] = "invalid opcode",
        [TRAP_NO_FPU] = "no FPU",
        [TRAP_DOUBLE_FAULT] = "double fault",
        [TRAP_INVALID_TSS] = "invalid TSS",
        [TRAP_NO_SEGMENT] = "segment not present",
        [TRAP_STACK_SEGMENT] = "stack segment fault",
        [TRAP_PROTECTION] = "general protection fault",
        [TRAP_PAGE_FAULT] = "page fault",
        [TRAP_FPU_ERROR] = "FPU error",
        [TRAP_ALIGNMENT] = "alignment check",
        [TRAP_MACHINE_CHECK] = "machine check",
        [TRAP_SIMD_ERROR] = "SIMD error",
        [TRAP_BAD_RETURN] = "bad return to user mode",
    };

    if (vector < ARRAY_SIZE(names) && names[vector])
        return names[vector];
    if (vector == SYSCALL_VECTOR)
        return "system call";
    return vector < IRQ_VECTOR_BASE ? "reserved exception" : "interrupt";
}

// trap_return loading a selector that is no good. (Page faults have fixups as
// well, but mm decides about those.)
static bool fix_selector_fault(struct trap_frame *regs)
{
    if (trap_from_user(regs))
        return false;
    switch (regs->trap) {
    case TRAP_INVALID_TSS: // IRET, and only it, can give this one
    case TRAP_NO_SEGMENT:
    case TRAP_STACK_SEGMENT:
    case TRAP_PROTECTION: return trap_fixup(regs);
    default: return false;
    }
}

// SYSENTER leaves the trap flag alone, so that a program which steps through it
// steps on in the kernel, up to where that flag is cleared.
static bool is_step_of_sysenter(const struct trap_frame *regs)
{
    return regs->trap == TRAP_DEBUG && !trap_from_user(regs) &&
           regs->eip >= (u32)(uintptr_t)sysenter_entry &&
           regs->eip <= (u32)(uintptr_t)sysenter_entry_end;
}

void trap_dispatch(struct trap_frame *regs)
{
    u32 detail = 0;

    if (regs->trap == TRAP_PAGE_FAULT) {
        u32 fault_address = cr2_read();

        if (regs->eflags & EFLAGS_IF)
            irq_enable();
        exception_dispatch(regs, fault_address);
        return;
    }
    if (regs->trap >= IRQ_VECTOR_BASE) {
        irq_dispatch(regs);
        return;
    }
    if (regs->trap == TRAP_DEBUG)
        detail = dr6_take();
    if (fix_selector_fault(regs) || is_step_of_sysenter(regs))
        return;
    if ((regs->eflags & EFLAGS_IF) && regs->trap != TRAP_NMI &&
        regs->trap != TRAP_MACHINE_CHECK)
        irq_enable();
    exception_dispatch(regs, detail);
}
