// include/arch/cpu.h - the one CPU: interrupts, time stamp, features
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

#define EFLAGS_IF 0x200u
#define EFLAGS_VM 0x20000u // virtual-8086 mode

static inline u32 cpu_flags(void)
{
    u32 flags;

    __asm__ volatile("pushfl; popl %0" : "=r"(flags) : : "memory");
    return flags;
}

static inline void irq_disable(void)
{
    __asm__ volatile("cli" ::: "memory");
}
static inline void irq_enable(void)
{
    __asm__ volatile("sti" ::: "memory");
}
static inline bool irq_enabled(void)
{
    return cpu_flags() & EFLAGS_IF;
}

// irq_save, irq_restore - nestable: what a task shares with a handler is
// touched between these two.
static inline u32 irq_save(void)
{
    u32 flags = cpu_flags();

    irq_disable();
    return flags;
}

static inline void irq_restore(u32 flags)
{
    __asm__ volatile("pushl %0; popfl" : : "r"(flags) : "memory", "cc");
}

// Inside a polling loop.
static inline void cpu_relax(void)
{
    __asm__ volatile("rep; nop" ::: "memory");
}

// Enable interrupts and sleep until one comes; no interrupt is lost between.
static inline void cpu_wait_for_irq(void)
{
    __asm__ volatile("sti; hlt" ::: "memory");
}

// Stop for good.
static inline __attribute__((noreturn)) void cpu_stop(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

static inline u64 cpu_tsc(void)
{
    u64 stamp;

    // A: edx and eax. Of two halves the compiler makes a number by the stack.
    __asm__ volatile("rdtsc" : "=A"(stamp));
    return stamp;
}

enum cpu_feature {
    CPU_FPU,
    CPU_PSE,
    CPU_TSC,
    CPU_MSR,
    CPU_PAE,
    CPU_APIC,
    CPU_SEP, // SYSENTER
    CPU_PGE,
    CPU_PAT,
    CPU_CMOV,
    CPU_FXSR,
    CPU_SSE,
    CPU_SSE2,
    CPU_NX,
    CPU_SMEP,
    CPU_SMAP,
    CPU_UMIP,
    CPU_FEATURES
};

extern u32 cpu_features; // bit n: enum cpu_feature n (cpu_detect)

static inline bool cpu_has(enum cpu_feature feature)
{
    return cpu_features & 1u << feature;
}

// cpu_hwcap - CPUID leaf 1 EDX, for AT_HWCAP. 0 without CPUID.
u32 cpu_hwcap(void);
