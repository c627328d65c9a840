// arch/x86/sysenter.c - system calls by SYSENTER, and the vDSO that makes them
// SPDX-License-Identifier: MIT
//
// The image that programs map (arch/x86/vdso/) has instructions that every CPU
// understands; here, before the first program, better ones are put in their
// place. The entry itself is in trap.S.
//
// Source: Intel SDM 2B, SYSENTER; 3A 5.8.7.
#include <arch/vdso.h>

#include <arch/cpu.h>
#include <lib/string.h>

#include "arch_private.h"
#include "cpu_regs.h"

#define LOG_NAME "vdso"
#include <kernel/log.h>

extern const u8 vdso_offset_vdso_enter[];
extern const u8 vdso_offset_vdso_fence[];

static void patch(const u8 *offset, const u8 *code, u32 bytes)
{
    memcpy(vdso_image + (uintptr_t)offset, code, bytes);
}

void vdso_prepare(void)
{
    static const u8 enter[] = {0x89, 0xe5, 0x0f,
                               0x34};             // mov esp, ebp; sysenter
    static const u8 fence[] = {0x0f, 0xae, 0xe8}; // lfence
    bool sysenter = cpu_has(CPU_SEP) && cpu_has(CPU_MSR);

    // SYSENTER and SYSEXIT take the other segments to lie behind this one.
    static_assert(KERNEL_DS == KERNEL_CS + 8 &&
                      USER_CS == ((KERNEL_CS + 16) | 3) &&
                      USER_DS == ((KERNEL_CS + 24) | 3),
                  "SDM 2B, SYSEXIT");
    if (sysenter) {
        msr_write(MSR_SYSENTER_CS, KERNEL_CS);
        msr_write(MSR_SYSENTER_ESP, (u32)(uintptr_t)sysenter_stack_top);
        msr_write(MSR_SYSENTER_EIP, (u32)(uintptr_t)sysenter_entry);
        patch(vdso_offset_vdso_enter, enter, sizeof(enter));
    }
    if (cpu_has(CPU_SSE2))
        patch(vdso_offset_vdso_fence, fence, sizeof(fence));
    log_info("sysenter=%u lfence=%u", sysenter, cpu_has(CPU_SSE2));
}
