// arch/x86/cpu.c - what this CPU can do, and its registers at known values
// SPDX-License-Identifier: MIT
//
// Down to a Pentium; a 486 with an FPU has no more than is asked for here,
// with or without CPUID. CR4 exists on those with CPUID.
//
// Source: Intel SDM 2A CPUID; 3A 2.5, 11.12 (PAT), 9.2 (FPU).
#include <arch/cpu.h>

#include <arch/init.h>

#include "arch_private.h"
#include "cpu_regs.h"

#define LOG_NAME "cpu"
#include <kernel/log.h>

enum {
    LEAF_FEATURES = 1,
    LEAF_MORE_FEATURES = 7,
    LEAF_EXTENDED = 0x80000000,
    LEAF_EXTENDED_FEATURES = 0x80000001,
    LEAF_ADDRESS_BITS = 0x80000008,
    EDX_MCE = 1 << 7,
    EDX_SEP = 1 << 11,
    EBX7_SMEP = 1 << 7,
    EBX7_SMAP = 1 << 20,
    ECX7_UMIP = 1 << 2,
    EDX_NX = 1 << 20, // of the extended leaf

    EDX_PSE36 = 1 << 17,

    STAMP_READS = 1000, // some 10 us: in which time stamps move
};

// Page attribute tables 0-7 as firmware leaves them, but 1 (and 5): write
// combining instead of write through. Chosen by PWT and PCD: 0 write back,
// 1 write combining, 2 uncached unless an MTRR says more, 3 uncached.
#define PAT_KERNEL 0x0007010600070106ull

static const u8 feature_bit[CPU_NX] = {
    // of leaf 1, edx
    [CPU_FPU] = 0,   [CPU_PSE] = 3,  [CPU_TSC] = 4,   [CPU_MSR] = 5,
    [CPU_PAE] = 6,   [CPU_APIC] = 9, [CPU_SEP] = 11,  [CPU_PGE] = 13,
    [CPU_CMOV] = 15, [CPU_PAT] = 16, [CPU_FXSR] = 24, [CPU_SSE] = 25,
    [CPU_SSE2] = 26,
};

u32 cpu_features;
static u32 leaf1_edx;   // 0 without CPUID
static u32 family;      // 0 without CPUID
static bool cr4_exists; // so does CPUID
static u32 physical_bits = 32;

static void cpuid(u32 leaf, u32 regs[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]),
                       "=d"(regs[3])
                     : "a"(leaf), "c"(0));
}

static bool can_change_flag(u32 flag)
{
    u32 flags = cpu_flags(), changed;

    irq_restore(flags ^ flag);
    changed = cpu_flags();
    irq_restore(flags);
    return (flags ^ changed) & flag;
}

static bool has_cpuid(void)
{
    return can_change_flag(EFLAGS_ID);
}

// For a CPU that cannot say: an absent FPU leaves the word as it is.
static bool probe_fpu(void)
{
    u16 status = 0x5a5a;

    __asm__ volatile("fninit; fnstsw %0" : "+m"(status));
    return status == 0;
}

static void add_feature(enum cpu_feature feature, u32 present)
{
    if (present)
        cpu_features |= 1u << feature;
}

static void detect_extended(void)
{
    u32 regs[4], last;

    cpuid(LEAF_EXTENDED, regs);
    last = regs[0];
    // Without extended leaves this answers something that is not of them.
    if (last >> 16 != LEAF_EXTENDED >> 16 || last < LEAF_EXTENDED_FEATURES)
        return;
    cpuid(LEAF_EXTENDED_FEATURES, regs);
    add_feature(CPU_NX, regs[3] & EDX_NX);
    if (last < LEAF_ADDRESS_BITS)
        return;
    cpuid(LEAF_ADDRESS_BITS, regs);
    if ((regs[0] & 0xff) >= 32)
        physical_bits = regs[0] & 0xff;
}

// The first Pentium Pros say that they have it: SDM 2B, SYSENTER.
static bool lies_about_sysenter(u32 signature)
{
    u32 model = signature >> 4 & 0xf, stepping = signature & 0xf;

    return family == 6 && model < 3 && stepping < 3;
}

// There are emulators whose time stamps are constant. Who waited for them would
// wait for ever; as if there were none, time goes by ticks.
static bool stamps_stand_still(void)
{
    u64 first = cpu_tsc();

    for (u32 i = 0; i < STAMP_READS; i++) {
        if (cpu_tsc() != first)
            return false;
    }
    return true;
}

static void detect(void)
{
    u32 regs[4], last;

    if (!has_cpuid()) {
        cpu_features = probe_fpu() ? 1u << CPU_FPU : 0;
        return;
    }
    cr4_exists = true;
    cpuid(0, regs);
    last = regs[0];
    if (last < LEAF_FEATURES)
        return;
    cpuid(LEAF_FEATURES, regs);
    leaf1_edx = regs[3];
    family = regs[0] >> 8 & 0xf;
    if (lies_about_sysenter(regs[0]))
        leaf1_edx &= ~(u32)EDX_SEP;
    if (leaf1_edx & EDX_PSE36)
        physical_bits = 36;
    for (u32 i = 0; i < CPU_NX; i++)
        add_feature(i, leaf1_edx & 1u << feature_bit[i]);
    if (cpu_has(CPU_TSC) && stamps_stand_still())
        cpu_features &= ~(1u << CPU_TSC);
    if (last >= LEAF_MORE_FEATURES) {
        cpuid(LEAF_MORE_FEATURES, regs);
        add_feature(CPU_SMEP, regs[1] & EBX7_SMEP);
        add_feature(CPU_SMAP, regs[1] & EBX7_SMAP);
        add_feature(CPU_UMIP, regs[2] & ECX7_UMIP);
    }
    detect_extended();
}

// What is missing is said while COM1 is all that there is.
void cpu_detect(void)
{
    // A 386 has neither write protection in the kernel nor INVLPG.
    if (!can_change_flag(EFLAGS_AC))
        boot_die("this CPU is a 386, and a 486 with FPU is the least");
    detect();
    if (!cpu_has(CPU_FPU))
        boot_die("this CPU has no floating-point unit");
}

// The leaf's word, if there is one. Else SDM 3A 4.1.4 says 36 for every CPU
// with PAE; but QEMU's older models have 32, and take a bit above for a
// reserved one, unless they have PSE-36. Of real CPUs only the first Pentium
// Pros have PAE without it; these are taken for less than they are.
u32 cpu_physical_bits(void)
{
    return physical_bits;
}

bool cpu_msr_read_safe(u32 msr, u64 *out)
{
    u32 low = 0, high = 0, failed = 1;

    // A general protection fault goes on at 2, with nothing loaded.
    __asm__ volatile("1: rdmsr\n\t"
                     "xorl %2, %2\n"
                     "2:\n\t"
                     ".pushsection .fixup, \"a\"\n\t"
                     ".long 1b, 2b\n\t"
                     ".popsection"
                     : "+a"(low), "+d"(high), "+r"(failed)
                     : "c"(msr)
                     : "cc");
    *out = (u64)high << 32 | low;
    return !failed;
}

bool cpu_msr_write_safe(u32 msr, u64 v)
{
    u32 failed = 1;

    __asm__ volatile("1: wrmsr\n\t"
                     "xorl %0, %0\n"
                     "2:\n\t"
                     ".pushsection .fixup, \"a\"\n\t"
                     ".long 1b, 2b\n\t"
                     ".popsection"
                     : "+r"(failed)
                     : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32))
                     : "cc", "memory");
    return !failed;
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

// What of CR4 is not paging's.
static u32 cr4_features(void)
{
    u32 cr4 = 0;

    if (cpu_has(CPU_PSE))
        cr4 |= CR4_PSE;
    if (leaf1_edx & EDX_MCE)
        cr4 |= CR4_MCE;
    if (cpu_has(CPU_FXSR))
        cr4 |= CR4_OSFXSR;
    if (cpu_has(CPU_SSE))
        cr4 |= CR4_OSXMMEXCPT;
    if (cpu_has(CPU_UMIP))
        cr4 |= CR4_UMIP;
    if (cpu_has(CPU_SMEP))
        cr4 |= CR4_SMEP;
    if (cpu_has(CPU_SMAP))
        cr4 |= CR4_SMAP;
    return cr4;
}

// CR0 has its value since start.S; PGE follows when there are global pages.
void cpu_init(void)
{
    if (cr4_exists)
        cr4_write(cr4_features() | (cr4_read() & CR4_PAE));
    if (cpu_has(CPU_PAT) && cpu_has(CPU_MSR)) {
        // No page uses entry 1 yet, so that caches hold nothing of that type;
        // flushed all the same, for what firmware had there.
        __asm__ volatile("wbinvd" ::: "memory");
        if (!cpu_msr_write_safe(MSR_PAT, PAT_KERNEL))
            cpu_features &= ~(1u << CPU_PAT);
        cr3_write(cr3_read());
    }
    fpu_init();
    log_info("family=%u features=0x%08x pse=%u pge=%u apic=%u fxsr=%u nx=%u",
             family, leaf1_edx, cpu_has(CPU_PSE), cpu_has(CPU_PGE),
             cpu_has(CPU_APIC), cpu_has(CPU_FXSR), cpu_has(CPU_NX));
    log_info("pae=%u smep=%u smap=%u umip=%u", cpu_has(CPU_PAE),
             cpu_has(CPU_SMEP), cpu_has(CPU_SMAP), cpu_has(CPU_UMIP));
    if (leaf1_edx & 1u << feature_bit[CPU_TSC] && !cpu_has(CPU_TSC))
        log_warn("the time stamps stand still: not used");
}

void arch_flush_caches(void)
{
    __asm__ volatile("wbinvd" ::: "memory");
}

void arch_control_registers(struct control_registers *out)
{
    __asm__ volatile("movl %%cr0, %0" : "=r"(out->cr0));
    out->cr2 = cr2_read();
    out->cr3 = cr3_read();
    out->cr4 = cr4_exists ? cr4_read() : 0;
}
