// arch/x86/gdt.c - segments and task state
// SPDX-License-Identifier: MIT
//
// Flat segments at Linux's selectors, three entries for set_thread_area, one
// for the local descriptor table of who has one (ldt.c), a stack segment for
// returns to 16-bit stacks (trap.S), and two task states: one that the CPU
// reads the kernel stack from (esp0) when it enters from user mode, and one
// that a double fault switches to, because then the stack may be what is wrong.
// The CPU saves all registers to the first one at that switch; that is where
// the report finds them.
//
// Source: Intel SDM 3A 3.4.5 (descriptors), 8.2 (task state), 6.14.
#include "arch_private.h"

#include <lib/string.h>
#include <mm/pmap.h>

#include "asm.h"
#include "cpu_regs.h"

enum {
    GDT_TSS = 16, // Linux's places
    GDT_LDT = 17,
    GDT_ESPFIX = ASM_ESPFIX_SS / 8,
    GDT_DOUBLE_FAULT_TSS = 31,
    GDT_ENTRIES = 32,

    ACCESS_CODE = 0x9b, // present, accessed, readable
    ACCESS_DATA = 0x93, // present, accessed, writable
    ACCESS_TSS = 0x89,  // present, available
    ACCESS_LDT = 0x82,  // present
    ACCESS_USER = 0x60, // DPL 3
    FLAGS_FLAT = 0xc,   // 32 bits, limit in pages
};

struct tss {
    u32 link;
    u32 esp0, ss0, esp1, ss1, esp2, ss2;
    u32 cr3, eip, eflags;
    u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
    u32 es, cs, ss, ds, fs, gs;
    u32 ldt;
    u16 trap, io_map; // offset of the I/O bitmap: beyond the limit, none
};
static_assert(sizeof(struct tss) == 104, "SDM 3A figure 8-2");
static_assert(offsetof(struct tss, esp0) == ASM_TSS_ESP0, "asm.h");

struct table_register {
    u16 limit;
    u32 base;
} __packed;

u64 gdt[GDT_ENTRIES] __aligned(8);
struct tss kernel_tss; // trap.S, too
static struct tss double_fault_tss;

static u64 descriptor(u32 base, u32 limit, u32 access, u32 flags)
{
    u32 low = (base << 16) | (limit & 0xffff);
    u32 high = (base & 0xff000000) | flags << 20 | (limit & 0xf0000) |
               access << 8 | (base >> 16 & 0xff);

    return (u64)high << 32 | low;
}

static u64 tss_descriptor(const struct tss *t)
{
    return descriptor((u32)(uintptr_t)t, sizeof(*t) - 1, ACCESS_TSS, 0);
}

static void fill_task_states(void)
{
    kernel_tss.ss0 = KERNEL_DS;
    kernel_tss.esp0 = (u32)(uintptr_t)boot_stack_top;
    kernel_tss.io_map = sizeof(kernel_tss);

    double_fault_tss = (struct tss){
        .cr3 = (u32)virt_to_phys(kernel_pmap.root).v,
        .eip = (u32)(uintptr_t)double_fault,
        .eflags = EFLAGS_FIXED,
        // Room for the return address that a function expects.
        .esp = (u32)(uintptr_t)double_fault_stack + DOUBLE_FAULT_STACK_BYTES -
               sizeof(u32),
        .cs = KERNEL_CS,
        .ss = KERNEL_DS,
        .ds = KERNEL_DS,
        .es = KERNEL_DS,
        .io_map = sizeof(kernel_tss),
    };
}

void gdt_init(void)
{
    struct table_register gdtr = {sizeof(gdt) - 1, (u32)(uintptr_t)gdt};

    fill_task_states();
    gdt[KERNEL_CS / 8] = descriptor(0, 0xfffff, ACCESS_CODE, FLAGS_FLAT);
    gdt[KERNEL_DS / 8] = descriptor(0, 0xfffff, ACCESS_DATA, FLAGS_FLAT);
    gdt[USER_CS / 8] =
        descriptor(0, 0xfffff, ACCESS_CODE | ACCESS_USER, FLAGS_FLAT);
    gdt[USER_DS / 8] =
        descriptor(0, 0xfffff, ACCESS_DATA | ACCESS_USER, FLAGS_FLAT);
    // trap.S puts the base in.
    gdt[GDT_ESPFIX] = descriptor(0, 0xfffff, ACCESS_DATA, FLAGS_FLAT);
    gdt[GDT_TSS] = tss_descriptor(&kernel_tss);
    gdt[GDT_DOUBLE_FAULT_TSS] = tss_descriptor(&double_fault_tss);

    // The selectors in use are the same in start.S's table: no reload.
    __asm__ volatile("lgdt %0" : : "m"(gdtr));
    __asm__ volatile("lldt %w0; ltr %w1" : : "r"(0), "r"(GDT_TSS * 8));
}

void gdt_load_tls(const u64 tls[TLS_ENTRIES])
{
    u64 *entry = &gdt[TLS_ENTRY_MIN];

    for (u32 i = 0; i < TLS_ENTRIES; i++) {
        if (entry[i] != tls[i])
            entry[i] = tls[i];
    }
}

void gdt_load_ldt(const u64 *entries, u32 bytes)
{
    u32 selector = 0;

    if (entries) {
        gdt[GDT_LDT] =
            descriptor((u32)(uintptr_t)entries, bytes - 1, ACCESS_LDT, 0);
        selector = GDT_LDT * 8;
    }
    __asm__ volatile("lldt %w0" : : "r"(selector) : "memory");
}

void gdt_set_kernel_stack(u32 esp)
{
    kernel_tss.esp0 = esp;
}

void gdt_interrupted_registers(struct trap_frame *out)
{
    *out = (struct trap_frame){
        .ebx = kernel_tss.ebx,
        .ecx = kernel_tss.ecx,
        .edx = kernel_tss.edx,
        .esi = kernel_tss.esi,
        .edi = kernel_tss.edi,
        .ebp = kernel_tss.ebp,
        .eax = kernel_tss.eax,
        .ds = kernel_tss.ds,
        .es = kernel_tss.es,
        .fs = kernel_tss.fs,
        .gs = kernel_tss.gs,
        .trap = TRAP_DOUBLE_FAULT,
        .eip = kernel_tss.eip,
        .cs = kernel_tss.cs,
        .eflags = kernel_tss.eflags,
        .esp = kernel_tss.esp,
        .ss = kernel_tss.ss,
    };
}
