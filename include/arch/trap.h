// include/arch/trap.h - what the CPU and trap.S leave on the kernel stack
// SPDX-License-Identifier: MIT
//
// arch reaches up through three functions only, declared here and provided by
// kernel/. Each returns to trap.S, which restores the frame; when the frame is
// a user one, they have done the work due before user mode (signals, switch).
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// The upper halves of ds to gs, and of what the CPU pushes of cs and ss, are
// not defined: older CPUs leave there what was there.
struct trap_frame {
    u32 ebx, ecx, edx, esi, edi, ebp, eax;
    u32 ds, es, fs, gs;
    u32 trap;  // vector; ~0: these are registers of another moment (sigreturn)
    u32 error; // CPU's error code; for a system call: its number (orig_eax)
    u32 eip, cs, eflags;
    u32 esp, ss; // only when it came from user mode
};

#define USER_CS       0x73u // Linux's selectors: gdb and core files expect them
#define USER_DS       0x7bu
#define KERNEL_CS     0x60u
#define KERNEL_DS     0x68u
#define TLS_ENTRY_MIN 6u // GDT entries of set_thread_area
#define TLS_ENTRIES   3u

static inline bool trap_from_user(const struct trap_frame *regs)
{
    return regs->cs & 3; // rings 1 and 2 are not used
}

enum trap_vector { // SDM vol. 3A, 6.3.1
    TRAP_DIVIDE = 0,
    TRAP_DEBUG = 1,
    TRAP_NMI = 2,
    TRAP_BREAKPOINT = 3,
    TRAP_OVERFLOW = 4,
    TRAP_BOUNDS = 5,
    TRAP_INVALID_OPCODE = 6,
    TRAP_NO_FPU = 7,
    TRAP_DOUBLE_FAULT = 8,
    TRAP_INVALID_TSS = 10,
    TRAP_NO_SEGMENT = 11,
    TRAP_STACK_SEGMENT = 12,
    TRAP_PROTECTION = 13,
    TRAP_PAGE_FAULT = 14,
    TRAP_FPU_ERROR = 16,
    TRAP_ALIGNMENT = 17,
    TRAP_MACHINE_CHECK = 18,
    TRAP_SIMD_ERROR = 19,
    TRAP_BAD_RETURN = 31,   // not the CPU's: IRET to a bad CS or SS (trap.S)
    IRQ_VECTOR_BASE = 0x20, // vectors of device interrupts
    SYSCALL_VECTOR = 0x80,
};

// Page-fault error code, SDM vol. 3A, 4.7.
#define PF_ERROR_PRESENT  0x01u // 0: no translation; 1: not permitted
#define PF_ERROR_WRITE    0x02u
#define PF_ERROR_USER     0x04u
#define PF_ERROR_RESERVED 0x08u
#define PF_ERROR_FETCH    0x10u

// DR6, what a debug exception tells. SDM vol. 3B, 17.2.3.
#define DR6_BREAKPOINTS 0x000fu // of the debug registers
#define DR6_STEP        0x4000u

// An exception. @detail is CR2 of TRAP_PAGE_FAULT, and DR6 of TRAP_DEBUG, read
// before interrupts were enabled. Interrupts are as they were where it
// happened.
void exception_dispatch(struct trap_frame *regs, u32 detail);

// user_fault_dispatch - a page fault of a program, with all that is to be done
// before it goes on. Context: interrupts on; off when it returns.
void user_fault_dispatch(struct trap_frame *regs, u32 address);

// A device interrupt; interrupts are off.
void irq_dispatch(struct trap_frame *regs);

// `int 0x80`; interrupts are on. Number in eax, arguments in ebx ecx edx esi
// edi ebp, result to eax.
__stack_args void syscall_dispatch(struct trap_frame *regs);

// The same by SYSENTER, where trap.S calls the function itself if the number is
// below syscall_direct_count and the table has one. It looks itself whether the
// current task has work before user mode (include/kernel/task.h).
struct syscall {
    s32 (*call)(u32, u32, u32, u32, u32, u32); // NULL: none
    const char *kinds; // of its arguments: kernel/strace_args.c
};
extern const struct syscall syscall_table[];
extern u32 syscall_direct_count;
#define TRAP_RESTART_FIRST 512 // in-kernel results, negative: ERESTARTSYS and
#define TRAP_RESTART_LAST  516 // its kin

// ... which this does then, or if the result says that the call was cut short.
__stack_args void syscall_exit(struct trap_frame *regs);

// trap_fixup - the place to go on at when a kernel access to user memory at
// regs->eip faults: sets regs->eip and returns true; false: it is a bug.
bool trap_fixup(struct trap_frame *regs);

// trap_name - "page fault", ... for reports.
const char *trap_name(u32 vector);
