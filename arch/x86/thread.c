// arch/x86/thread.c - starting threads, switching between them
// SPDX-License-Identifier: MIT
//
// A kernel stack, from its top down: the registers of user mode (reserved even
// for kernel threads, one of which becomes init), then whatever runs. FPU and
// SSE registers are switched eagerly: a task has always been in user mode, and
// lazy switching leaks through speculation and costs a trap.
#include <arch/thread.h>

#include <arch/cpu.h>
#include <base/assert.h>
#include <lib/string.h>

#include "arch_private.h"
#include "cpu_regs.h"

struct switch_frame { // switch.S
    u32 edi, esi, ebx, ebp;
    u32 eip;
};

// Whose FPU registers and TLS are in the CPU. NULL until the first switch:
// the boot thread, of which arch knows nothing.
static struct arch_thread *running;

bool thread_is_running(const struct arch_thread *thread)
{
    return thread == running;
}

void thread_activate(struct arch_thread *thread)
{
    gdt_set_kernel_stack(thread->stack_top);
}

void thread_switch(struct arch_thread *prev, struct arch_thread *next)
{
    ASSERT(!irq_enabled());
    fpu_save(&prev->fpu);
    fpu_restore(&next->fpu);
    gdt_load_tls(next->tls);
    thread_activate(next);
    running = next;
    switch_stack(&prev->esp, next->esp);
}

static const struct switch_frame *
switch_frame_of(const struct arch_thread *thread)
{
    return (const struct switch_frame *)(uintptr_t)thread->esp;
}

u32 thread_resume_eip(const struct arch_thread *thread)
{
    return switch_frame_of(thread)->eip;
}

u32 thread_resume_ebp(const struct arch_thread *thread)
{
    return switch_frame_of(thread)->ebp;
}

// Make it go on at @eip when it is switched to.
static struct switch_frame *push_switch_frame(struct arch_thread *thread,
                                              u32 eip)
{
    struct switch_frame *frame =
        (struct switch_frame *)(void *)thread_user_frame(thread) - 1;

    *frame = (struct switch_frame){.eip = eip};
    thread->esp = (u32)(uintptr_t)frame;
    return frame;
}

void thread_init_kernel(struct arch_thread *thread, void *stack_top,
                        void (*fn)(void *), void *arg)
{
    struct switch_frame *frame;

    ASSERT(IS_ALIGNED((u32)(uintptr_t)thread, 16)); // for FXSAVE
    memset(thread, 0, sizeof(*thread));
    thread->stack_top = (u32)(uintptr_t)stack_top;
    memset(thread_user_frame(thread), 0, sizeof(struct trap_frame));
    frame = push_switch_frame(thread, (u32)(uintptr_t)thread_start);
    frame->ebx = (u32)(uintptr_t)fn;
    frame->esi = (u32)(uintptr_t)arg;
    fpu_clean(&thread->fpu);
}

void thread_init_user(struct arch_thread *thread, void *stack_top,
                      const struct trap_frame *regs,
                      const struct arch_thread *parent)
{
    struct trap_frame *user;

    ASSERT(IS_ALIGNED((u32)(uintptr_t)thread, 16));
    memset(thread, 0, sizeof(*thread));
    thread->stack_top = (u32)(uintptr_t)stack_top;
    user = thread_user_frame(thread);
    *user = *regs;
    user->eax = 0;
    push_switch_frame(thread, (u32)(uintptr_t)trap_return);

    memcpy(thread->tls, parent->tls, sizeof(thread->tls));
    if (thread_is_running(parent)) {
        // Its registers are in the CPU; saving may clear them there.
        u32 flags = irq_save();

        fpu_save(&thread->fpu);
        fpu_restore(&thread->fpu);
        irq_restore(flags);
    } else {
        thread->fpu = parent->fpu;
    }
}

__noreturn void thread_enter_user(struct arch_thread *thread)
{
    ASSERT(trap_from_user(thread_user_frame(thread)));
    irq_disable();
    thread_activate(thread);
    switch_to_frame(thread_user_frame(thread));
}

void thread_exec(struct arch_thread *thread, u32 eip, u32 esp)
{
    *thread_user_frame(thread) = (struct trap_frame){
        .ds = USER_DS,
        .es = USER_DS,
        .eip = eip,
        .cs = USER_CS,
        .eflags = EFLAGS_FIXED | EFLAGS_IF,
        .esp = esp,
        .ss = USER_DS,
    };
    fpu_reset(thread);
    memset(thread->tls, 0, sizeof(thread->tls));
    if (thread_is_running(thread))
        gdt_load_tls(thread->tls);
}
