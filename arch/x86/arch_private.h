// arch/x86/arch_private.h - what the files of this folder ask of each other
// SPDX-License-Identifier: MIT
#pragma once

#include <arch/thread.h>
#include <base/compiler.h>
#include <base/types.h>
#include <mm/addr.h>

// kernel.ld; used by address only.
extern const u8 kernel_start[], kernel_end[];
extern const u8 kernel_text_start[], kernel_text_end[], kernel_rodata_end[];

// start.S: the stack of boot and of the idle task, and the page below it.
extern u8 boot_stack_guard[], boot_stack[], boot_stack_top[];

// boot.c, multiboot.c: before paging, see start.S.
__stack_args void boot_prepare(u32 magic, u32 info);
__noreturn void boot_die(const char *why);
void multiboot_convert(u32 info);
// Whether multiboot_convert had to cut the command line.
bool multiboot_cmdline_cut(void);

// cpu.c. cpu_detect needs nothing, not even paging.
void cpu_detect(void);
void cpu_init(void);
bool cpu_has_cr4(void);
u32 cpu_family(void);        // 0: no CPUID
u32 cpu_physical_bits(void); // of a physical address, with PAE
// Registers that a CPU may lack although CPUID or its family promises them.
// Return: false: it has none such, *@out is 0. From idt_init on.
bool cpu_msr_read_safe(u32 msr, u64 *out);
bool cpu_msr_write_safe(u32 msr, u64 v);

// pmap_init.c
void pmap_boot_init(void);

// gdt.c
void gdt_init(void);
extern u64 gdt[];
struct tss;
extern struct tss kernel_tss;
void gdt_load_tls(const u64 tls[TLS_ENTRIES]);
// @entries: NULL, or @bytes of descriptors.
void gdt_load_ldt(const u64 *entries, u32 bytes);
void gdt_set_kernel_stack(u32 esp);
// The registers that the CPU saved when it switched to the double-fault task.
void gdt_interrupted_registers(struct trap_frame *out);

// idt.c, trap.S, switch.S
void idt_init(void);
extern const u32 trap_stubs[]; // ASM_STUBS addresses
void syscall_entry(void);
void sysenter_entry(void);
extern const u8 sysenter_entry_end[]; // where the trap flag is clear
extern u8 sysenter_stack_top[];
void apic_spurious_entry(void);
void trap_return(void);
void thread_start(void);
void trap_dispatch(struct trap_frame *regs);
void switch_stack(u32 *save_esp, u32 esp);
__noreturn void switch_to_frame(struct trap_frame *frame);

// double_fault.c
__noreturn void double_fault(void);
#define DOUBLE_FAULT_STACK_BYTES 8192u
extern u8 double_fault_stack[DOUBLE_FAULT_STACK_BYTES];

// fpu.c: registers of the running thread to and from memory.
void fpu_init(void);
void fpu_save(struct fpu_state *state); // may leave them changed
void fpu_restore(const struct fpu_state *state);
void fpu_clean(struct fpu_state *state); // as after FNINIT

// thread.c
bool thread_is_running(const struct arch_thread *thread);

// pic.c: the 8259 pair, irqs 0-15.
bool pic_init(void); // false: there is none
void pic_mask(u32 irq);
void pic_unmask(u32 irq);
bool pic_ack(u32 irq);
bool pic_is_pending(u32 irq);
void pic_mask_all(void);

// irqchip.c: the 8259's lines do not arrive. Return: whether the I/O APIC has
// taken over.
bool irqchip_leave_pic(void);
// irq 0 is the local APIC's timer, or a line as the others.
void irqchip_set_tick(bool by_local_apic);

// apic.c: the local APIC.
#define APIC_SPURIOUS_VECTOR 0xffu
// @virtual_wire: the 8259's line comes in at LINT0. False: there is none.
bool apic_init(bool virtual_wire);
void apic_virtual_wire_off(void);
void apic_eoi(void);
u32 apic_id(void);
__must_check int apic_timer_start(u32 hz); // ticks at IRQ_TIMER's vector
void apic_timer_mask(void);
void apic_timer_unmask(void);
