// arch/x86/fpu.c - floating-point registers of user programs
// SPDX-License-Identifier: MIT
//
// FXSAVE's 512 bytes where the CPU has it, else FNSAVE's 108. The kernel uses
// no FPU, so the CPU's registers are the running thread's all the time.
//
// Source: Intel SDM 1, 8.1.10, figure 8-9 (FNSAVE), 10.5.1 (FXSAVE), 11.6.6
// (MXCSR mask); 3A 9.2.
#include <arch/thread.h>

#include <arch/cpu.h>
#include <lib/string.h>

#include "arch_private.h"

enum {
    CONTROL_DEFAULT = 0x37f, // all masked, 64-bit precision, to nearest
    MXCSR_DEFAULT = 0x1f80,
    MXCSR_MASK_DEFAULT = 0xffbf, // if FXSAVE gives 0
};

struct fxsave { // its head
    u16 control, status;
    u8 tags, reserved; // tags 0: all empty
    u16 opcode;
    u32 eip, cs, data, ds;
    u32 mxcsr, mxcsr_mask;
};
static_assert(offsetof(struct fxsave, mxcsr_mask) == 28, "SDM 1, 10.5.1");

struct fnsave {
    u32 control, status, tags; // tags all ones: all empty
    u32 eip, cs, data, ds;
};

static u32 mxcsr_mask;

void fpu_save(struct fpu_state *state)
{
    if (cpu_has(CPU_FXSR))
        __asm__ volatile("fxsave %0" : "=m"(*state));
    else
        __asm__ volatile("fnsave %0; fwait" : "=m"(*state));
}

void fpu_restore(const struct fpu_state *state)
{
    if (cpu_has(CPU_FXSR))
        __asm__ volatile("fxrstor %0" : : "m"(*state));
    else
        __asm__ volatile("frstor %0" : : "m"(*state));
}

void fpu_clean(struct fpu_state *state)
{
    memset(state, 0, sizeof(*state));
    if (cpu_has(CPU_FXSR)) {
        struct fxsave *image = (struct fxsave *)(void *)state->bytes;

        image->control = CONTROL_DEFAULT;
        image->mxcsr = MXCSR_DEFAULT;
    } else {
        struct fnsave *image = (struct fnsave *)(void *)state->bytes;

        image->control = 0xffff0000 | CONTROL_DEFAULT;
        image->status = 0xffff0000;
        image->tags = 0xffffffff;
    }
}

void fpu_init(void)
{
    struct fpu_state state;
    struct fxsave *image = (struct fxsave *)(void *)state.bytes;

    __asm__ volatile("fninit");
    if (cpu_has(CPU_FXSR)) {
        memset(&state, 0, sizeof(state));
        fpu_save(&state);
        mxcsr_mask = image->mxcsr_mask ? image->mxcsr_mask : MXCSR_MASK_DEFAULT;
    }
    fpu_clean(&state);
    fpu_restore(&state);
}

void fpu_store(struct arch_thread *thread)
{
    u32 flags = irq_save();

    if (thread_is_running(thread)) {
        fpu_save(&thread->fpu);
        fpu_restore(&thread->fpu);
    }
    irq_restore(flags);
}

void fpu_load(struct arch_thread *thread)
{
    struct fxsave *image = (struct fxsave *)(void *)thread->fpu.bytes;
    u32 flags = irq_save();

    // FXRSTOR would fault on a reserved bit.
    if (cpu_has(CPU_FXSR))
        image->mxcsr &= mxcsr_mask;
    if (thread_is_running(thread))
        fpu_restore(&thread->fpu);
    irq_restore(flags);
}

void fpu_reset(struct arch_thread *thread)
{
    u32 flags = irq_save();

    fpu_clean(&thread->fpu);
    if (thread_is_running(thread))
        fpu_restore(&thread->fpu);
    irq_restore(flags);
}
