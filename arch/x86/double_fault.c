// arch/x86/double_fault.c - the report when there is no stack left
// SPDX-License-Identifier: MIT
//
// Entered through a task gate, on a stack of its own and with the kernel's
// page tables. The usual cause: the kernel stack grew into the unmapped page
// below it, and the page fault found no stack to go to.
//
// Source: Intel SDM 3A 6.15, interrupt 8.
#include "arch_private.h"

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <mm/vmalloc.h>

#include "cpu_regs.h"

u8 double_fault_stack[DOUBLE_FAULT_STACK_BYTES] __aligned(16);

static bool in_guard_page(u32 addr)
{
    return addr - (u32)(uintptr_t)boot_stack_guard < PAGE_SIZE ||
           kernel_stack_is_guard(addr);
}

__noreturn void double_fault(void)
{
    struct trap_frame regs;
    u32 fault_address = cr2_read();

    // The task switch set NT: an IRET, from a fault in here, would go back.
    irq_restore(EFLAGS_FIXED);
    gdt_interrupted_registers(&regs);
    if (in_guard_page(fault_address) || in_guard_page(regs.esp) ||
        in_guard_page(regs.esp - sizeof(u32)))
        panic_regs(&regs, "kernel stack overflow, address 0x%08x",
                   fault_address);
    panic_regs(&regs, "double fault, last page fault at 0x%08x", fault_address);
}
