// arch/x86/cpu.c - what this CPU can do, and its registers at known values
// SPDX-License-Identifier: MIT
//
// Down to a Pentium; a 486 with an FPU has no more than is asked for here,
// with or without CPUID. CR4 exists on those with CPUID.
//
// Source: Intel SDM 2A CPUID; 3A 2.5, 11.12 (PAT), 9.2 (FPU).
#include <arch/cpu.h>

#include <arch/init.h>
#include <kernel/panic.h>

#include "arch_private.h"
#include "cpu_regs.h"

#define LOG_NAME "cpu"
#include <kernel/log.h>

enum {
    LEAF_FEATURES = 1,
    LEAF_EXTENDED = 0x80000000,
    LEAF_EXTENDED_FEATURES = 0x80000001,
    EDX_MCE = 1 << 7,
    EDX_NX = 1 << 20, // of the extended leaf
};

// Page attribute tables 0-7 as firmware leaves them, but 1 (and 5): write
// combining instead of write through. Chosen by PWT and PCD: 0 write back,
// 1 write combining, 2 uncached unless an MTRR says more, 3 uncached.
#define PAT_KERNEL 0x0007010600070106ull

static const u8 feature_bit[CPU_FEATURES] = {
    // of leaf 1, edx
    [CPU_FPU] = 0,  [CPU_PSE] = 3,   [CPU_TSC] = 4,  [CPU_MSR] = 5,
    [CPU_PAE] = 6,  [CPU_APIC] = 9,  [CPU_PGE] = 13, [CPU_CMOV] = 15,
    [CPU_PAT] = 16, [CPU_FXSR] = 24, [CPU_SSE] = 25, [CPU_SSE2] = 26,
};

static u32 features;    // bit n: enum cpu_feature n
static u32 leaf1_edx;   // 0 without CPUID
static u32 family;      // 0 without CPUID
static bool cr4_exists; // so does CPUID

static void cpuid(u32 leaf, u32 regs[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]),
                       "=d"(regs[3])
                     : "a"(leaf), "c"(0));
}

static bool has_cpuid(void)
{
    u32 flags = cpu_flags(), changed;

    irq_restore(flags ^ EFLAGS_ID);
    changed = cpu_flags();
    irq_restore(flags);
    return (flags ^ changed) & EFLAGS_ID;
}

// For a CPU that cannot say: an absent FPU leaves the word as it is.
static bool probe_fpu(void)
{
    u16 status = 0x5a5a;

    __asm__ volatile("fninit; fnstsw %0" : "+m"(status));
    return status == 0;
}

void cpu_detect(void)
{
    u32 regs[4];

    if (!has_cpuid()) {
        features = probe_fpu() ? 1u << CPU_FPU : 0;
        return;
    }
    cr4_exists = true;
    cpuid(0, regs);
    if (regs[0] < LEAF_FEATURES)
        return;
    cpuid(LEAF_FEATURES, regs);
    leaf1_edx = regs[3];
    family = regs[0] >> 8 & 0xf;
    for (u32 i = 0; i < CPU_NX; i++) {
        if (leaf1_edx & 1u << feature_bit[i])
            features |= 1u << i;
    }
    cpuid(LEAF_EXTENDED, regs);
    // Without extended leaves this answers something that is not of them.
    if (regs[0] >> 16 != LEAF_EXTENDED >> 16 ||
        regs[0] < (u32)LEAF_EXTENDED_FEATURES)
        return;
    cpuid(LEAF_EXTENDED_FEATURES, regs);
    if (regs[3] & EDX_NX)
        features |= 1u << CPU_NX;
}

bool cpu_has(enum cpu_feature feature)
{
    return features & 1u << feature;
}

u32 cpu_hwcap(void)
{
    return leaf1_edx;
}

bool cpu_has_cr4(void)
{
    return cr4_exists;
}

u32 cpu_family(void)
{
    return family;
}

// CR0 has its value since start.S; PGE follows when there are global pages.
void cpu_init(void)
{
    u32 cr4 = 0;

    if (!cpu_has(CPU_FPU))
        panic("this CPU has no floating-point unit");
    if (cpu_has(CPU_PSE))
        cr4 |= CR4_PSE;
    if (leaf1_edx & EDX_MCE)
        cr4 |= CR4_MCE;
    if (cpu_has(CPU_FXSR))
        cr4 |= CR4_OSFXSR;
    if (cpu_has(CPU_SSE))
        cr4 |= CR4_OSXMMEXCPT;
    if (cr4_exists)
        cr4_write(cr4);
    if (cpu_has(CPU_PAT) && cpu_has(CPU_MSR)) {
        // No page uses entry 1 yet, so that caches hold nothing of that type;
        // flushed all the same, for what firmware had there.
        __asm__ volatile("wbinvd" ::: "memory");
        msr_write(MSR_PAT, PAT_KERNEL);
        cr3_write(cr3_read());
    }
    fpu_init();
    log_info("family=%u features=0x%08x pse=%u pge=%u apic=%u fxsr=%u nx=%u",
             family, leaf1_edx, cpu_has(CPU_PSE), cpu_has(CPU_PGE),
             cpu_has(CPU_APIC), cpu_has(CPU_FXSR), cpu_has(CPU_NX));
}

void arch_control_registers(struct control_registers *out)
{
    __asm__ volatile("movl %%cr0, %0" : "=r"(out->cr0));
    out->cr2 = cr2_read();
    out->cr3 = cr3_read();
    out->cr4 = cr4_exists ? cr4_read() : 0;
}
