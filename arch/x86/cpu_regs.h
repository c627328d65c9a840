// arch/x86/cpu_regs.h - control registers, flags, MSRs
// SPDX-License-Identifier: MIT
//
// Source: Intel SDM 3A 2.3, 2.5 and 11.12 (PAT), volume 4 (MSRs).
#pragma once

#define CR0_PE (1 << 0)
#define CR0_MP (1 << 1)  // WAIT obeys TS
#define CR0_ET (1 << 4)  // fixed on a 486 and later
#define CR0_NE (1 << 5)  // FPU errors are exception 16
#define CR0_WP (1 << 16) // the kernel obeys read-only pages
#define CR0_PG (1 << 31)
// Everything else off: caches on, no FPU traps, no alignment checks.
#define CR0_KERNEL (CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG)

#define CR4_PSE        (1 << 4)  // 4 MiB pages
#define CR4_PAE        (1 << 5)  // page tables with entries of 64 bits
#define CR4_MCE        (1 << 6)  // machine checks are exception 18
#define CR4_PGE        (1 << 7)  // global pages
#define CR4_OSFXSR     (1 << 9)  // FXSAVE, SSE
#define CR4_OSXMMEXCPT (1 << 10) // SSE errors are exception 19
#define CR4_UMIP       (1 << 11) // SGDT, SIDT, SLDT, SMSW, STR: kernel only
#define CR4_SMEP       (1 << 20) // the kernel executes no user page
#define CR4_SMAP       (1 << 21) // ... and reads and writes none, but with AC

#define DR6_FIXED 0xffff0ff0u

#define EFLAGS_FIXED 0x000002 // always 1
#define EFLAGS_AC    0x040000 // can be changed: not a 386
#define EFLAGS_ID    0x200000 // can be changed: CPUID exists
#define EFLAGS_NT    0x4000   // IRET switches tasks

#define MSR_APIC_BASE        0x1b
#define MSR_APIC_BASE_X2APIC (1 << 10)
#define MSR_APIC_BASE_ENABLE (1 << 11)
#define MSR_SYSENTER_CS      0x174
#define MSR_SYSENTER_ESP     0x175
#define MSR_SYSENTER_EIP     0x176
#define MSR_PAT              0x277
#define MSR_X2APIC           0x800 // + register offset / 16
#define MSR_EFER             0xc0000080
#define MSR_EFER_NXE         (1 << 11) // bit 63 of a page-table entry: NX

#ifndef __ASSEMBLY__
#include <base/types.h>

static inline u64 msr_read(u32 msr)
{
    u32 low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (u64)high << 32 | low;
}

static inline void msr_write(u32 msr, u64 v)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32))
                     : "memory");
}

static inline u32 cr2_read(void)
{
    u32 v;

    __asm__ volatile("movl %%cr2, %0" : "=r"(v));
    return v;
}

// dr6_take - why there was a debug exception; 0 from then on, but for bits that
// are fixed: the CPU only ever sets any.
static inline u32 dr6_take(void)
{
    u32 v;

    __asm__ volatile("movl %%dr6, %0" : "=r"(v));
    __asm__ volatile("movl %0, %%dr6" : : "r"(DR6_FIXED));
    return v ^ DR6_FIXED;
}

static inline u32 cr3_read(void)
{
    u32 v;

    __asm__ volatile("movl %%cr3, %0" : "=r"(v));
    return v;
}

static inline void cr3_write(u32 v)
{
    __asm__ volatile("movl %0, %%cr3" : : "r"(v) : "memory");
}

static inline u32 cr4_read(void)
{
    u32 v;

    __asm__ volatile("movl %%cr4, %0" : "=r"(v));
    return v;
}

static inline void cr4_write(u32 v)
{
    __asm__ volatile("movl %0, %%cr4" : : "r"(v) : "memory");
}
#endif
