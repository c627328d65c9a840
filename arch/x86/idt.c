// arch/x86/idt.c - which vector enters the kernel where
// SPDX-License-Identifier: MIT
//
// Interrupt gates throughout: the CPU comes in with interrupts off, and CR2
// and the like can be read before anything else happens. User mode may use
// int3, into and int 0x80 only; every other `int n` is a protection fault.
//
// Source: Intel SDM 3A 6.11.
#include "arch_private.h"

#include "asm.h"

enum {
    IDT_ENTRIES = 256,
    GATE_INTERRUPT = 0x8e00, // present, 32 bits
    GATE_TASK = 0x8500,
    GATE_USER = 0x6000, // DPL 3

    DOUBLE_FAULT_SELECTOR = 31 * 8, // gdt.c
};

struct table_register {
    u16 limit;
    u32 base;
} __packed;

static u64 idt[IDT_ENTRIES] __aligned(8);

static u64 gate(u32 address, u32 type)
{
    u32 low = KERNEL_CS << 16 | (address & 0xffff);
    u32 high = (address & 0xffff0000) | type;

    return (u64)high << 32 | low;
}

void idt_init(void)
{
    struct table_register idtr = {sizeof(idt) - 1, (u32)(uintptr_t)idt};

    for (u32 i = 0; i < ASM_STUBS; i++)
        idt[i] = gate(trap_stubs[i], GATE_INTERRUPT);
    // Vectors that nobody uses: an interrupt that firmware's timer or device
    // left pending in the local APIC is taken for the last message's, finds no
    // work, and is acknowledged.
    for (u32 i = ASM_STUBS; i < IDT_ENTRIES; i++)
        idt[i] = gate(trap_stubs[ASM_STUBS - 1], GATE_INTERRUPT);
    idt[TRAP_BREAKPOINT] =
        gate(trap_stubs[TRAP_BREAKPOINT], GATE_INTERRUPT | GATE_USER);
    idt[TRAP_OVERFLOW] =
        gate(trap_stubs[TRAP_OVERFLOW], GATE_INTERRUPT | GATE_USER);
    idt[TRAP_DOUBLE_FAULT] = (u64)GATE_TASK << 32 | (u32)DOUBLE_FAULT_SELECTOR
                                                        << 16;
    idt[SYSCALL_VECTOR] =
        gate((u32)(uintptr_t)syscall_entry, GATE_INTERRUPT | GATE_USER);
    idt[APIC_SPURIOUS_VECTOR] =
        gate((u32)(uintptr_t)apic_spurious_entry, GATE_INTERRUPT);
    __asm__ volatile("lidt %0" : : "m"(idtr));
}
