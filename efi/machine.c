// efi/machine.c - what the CPU and the memory are like
// SPDX-License-Identifier: MIT
//
// Source: Intel SDM 2A, CPUID. Every CPU that UEFI runs on has the instruction.

#include "stub.h"

enum {
    LEAF_FEATURES = 1,
    LEAF_EXTENDED = 0x80000000,
    LEAF_EXTENDED_FEATURES = 0x80000001,
    EDX_FPU = 1 << 0,
    EDX_PAE = 1 << 6,
    EDX_NX = 1 << 20, // of the extended leaf
};

static void cpuid(u32 leaf, u32 regs[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]),
                       "=d"(regs[3])
                     : "a"(leaf), "c"(0));
}

void machine_flush_caches(void)
{
    __asm__ volatile("wbinvd" : : : "memory");
}

void memory_exit_failed(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

EFI_STATUS machine_describe(struct machine_abilities *out)
{
    u32 regs[4];

    *out = (struct machine_abilities){.pae = false};
    cpuid(LEAF_FEATURES, regs);
    out->fpu = regs[3] & EDX_FPU;
    out->pae = regs[3] & EDX_PAE;
    cpuid(LEAF_EXTENDED, regs);
    if (regs[0] >> 16 == (u32)LEAF_EXTENDED >> 16 &&
        regs[0] >= (u32)LEAF_EXTENDED_FEATURES) {
        cpuid(LEAF_EXTENDED_FEATURES, regs);
        out->nx = regs[3] & EDX_NX;
    }
    return memory_any_above_4gib(&out->high_memory);
}
