// include/arch/init.h - what kernel/main.c asks of the CPU, in this order
// SPDX-License-Identifier: MIT
//
// start.S copies boot_info and its ranges into the kernel's .bss (they may lie
// anywhere below 4 GiB), maps the first megabytes and calls kernel_main.
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <boot/boot_info.h>

// The copies. boot_ranges is boot_info.ranges.
extern struct boot_info boot_info;
extern struct boot_range boot_ranges[BOOT_RANGES_MAX];

// Provided by kernel/main.c. Interrupts off, on the boot stack (which becomes
// the idle task's).
__attribute__((noreturn)) void kernel_main(void);

// arch_init_early - CPU features, GDT, IDT, TSS, double-fault task. Needs no
// memory allocation. Exceptions are reported from here on.
void arch_init_early(void);

// arch_init_irq - interrupt controllers (8259 masked and remapped; local and
// I/O APIC when there are such), timer tick source, TSC calibration. Needs
// ioremap, and platform (arch/platform.h) filled. Interrupts stay off.
void arch_init_irq(void);

// arch_tick_next - no tick has come although irq 0 is unmasked and interrupts
// are on: try the next source. Return: false: there is none.
bool arch_tick_next(void);

// arch_protect_kernel - after boot: asserts that text and rodata are read-only
// (they are from the moment paging is on).
void arch_protect_kernel(void);

// Ways to reset that a PC has without its firmware's tables.
enum arch_reset {
    ARCH_RESET_PCI,      // the chipset's reset control register, 0xcf9
    ARCH_RESET_KEYBOARD, // the keyboard controller's output to the CPU
    ARCH_RESET_TRIPLE,   // a fault that cannot be delivered
};

// arch_reset - try one. @cold: with power off and on, where that can be chosen.
// Returns when that did not work, or when the machine has no such thing.
// Interrupts off. Context: any.
void arch_reset(enum arch_reset way, bool cold);

// arch_flush_caches - what is in them is in RAM, too. Takes milliseconds on
// large ones. Context: any.
void arch_flush_caches(void);

// Interrupt controllers, for kernel/irq.c. irqchip_has: @irq can come at all.
bool irqchip_has(u32 irq);
// irqchip_name - as /proc/interrupts names the controller of @irq.
const char *irqchip_name(u32 irq);
void irqchip_mask(u32 irq);
void irqchip_unmask(u32 irq);
// Acknowledge (EOI). Return: false when the interrupt was spurious.
bool irqchip_ack(u32 irq);
// irqchip_msi_message - address and data that make a device raise @irq;
// -ENODEV: no local APIC. irqs 16..63 are for messages.
int irqchip_msi_message(u32 irq, u32 *address, u32 *data);
#define IRQ_LEGACY 16u // 0..15: lines, of the 8259 pair or the I/O APIC
#define IRQ_COUNT  64u
#define IRQ_TIMER  0u
#define TIMER_HZ   100u // ticks a second

// arch_tsc_hz - of the time stamp counter, calibrated. 0: the CPU has none.
u64 arch_tsc_hz(void);

// arch_wait_stamps - let @stamps time stamps pass; the CPU has them (CPU_TSC).
// Return: false: they do not go on. Context: any.
__must_check bool arch_wait_stamps(u64 stamps);

// Backtrace from a frame pointer: calls fn(return address) for each frame
// while they lie inside kernel stacks; bounded.
void arch_backtrace(u32 ebp, void (*fn)(u32 eip, void *arg), void *arg);

// Control registers, for reports.
struct control_registers {
    u32 cr0, cr2, cr3, cr4;
};
void arch_control_registers(struct control_registers *out);
