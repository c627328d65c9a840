// include/arch/thread.h - the CPU's part of a task
// SPDX-License-Identifier: MIT
#pragma once

#include <arch/trap.h>
#include <base/compiler.h>

#define KERNEL_STACK_BYTES 8192u // an unmapped guard page lies below

struct user_desc;

// FPU and SSE registers as FXSAVE (or FNSAVE, 108 bytes) leaves them.
struct fpu_state {
    u8 bytes[512];
} __aligned(16);

struct arch_thread {
    struct fpu_state fpu; // of user mode; the kernel uses no FPU
    u32 esp;              // while it is not running
    u32 stack_top;        // esp at entry from user mode
    u64 tls[TLS_ENTRIES]; // GDT descriptors of set_thread_area
};

// thread_switch - from @prev (running) to @next. Returns when somebody
// switches back to @prev. Interrupts are off. The address space is not
// switched here.
void thread_switch(struct arch_thread *prev, struct arch_thread *next);

// thread_init_kernel - make @thread start in fn(arg), interrupts on, on the
// stack that ends at @stack_top. @fn does not return.
void thread_init_kernel(struct arch_thread *thread, void *stack_top,
                        void (*fn)(void *), void *arg);

// thread_init_user - make @thread start in user mode with a copy of @regs,
// eax 0 (a child's return of fork). FPU and TLS are copied from @parent.
void thread_init_user(struct arch_thread *thread, void *stack_top,
                      const struct trap_frame *regs,
                      const struct arch_thread *parent);

// thread_user_frame - where the registers of user mode lie on this stack.
static inline struct trap_frame *
thread_user_frame(const struct arch_thread *thread)
{
    return (struct trap_frame *)(uintptr_t)(thread->stack_top -
                                            sizeof(struct trap_frame));
}

// thread_resume_eip, thread_resume_ebp - where a thread that does not run goes
// on, and its frame there.
u32 thread_resume_eip(const struct arch_thread *thread);
u32 thread_resume_ebp(const struct arch_thread *thread);

// thread_enter_user - leave the kernel for the first time, with what is in
// thread_user_frame(@thread); for a task that began as a kernel thread (init).
__noreturn void thread_enter_user(struct arch_thread *thread);

// thread_exec - registers of a fresh program: all 0 but eip, esp and the
// selectors; FPU reset, TLS empty.
void thread_exec(struct arch_thread *thread, u32 eip, u32 esp);

// thread_activate - esp0 of the TSS, after the current task's stack_top
// changed. thread_switch does it, too.
void thread_activate(struct arch_thread *thread);

// FPU state for signal frames. The current task's, in FXSAVE layout if
// CPU_FXSR, else FNSAVE. fpu_load drops bits of MXCSR that the CPU has not.
void fpu_store(struct arch_thread *thread);
void fpu_load(struct arch_thread *thread);
void fpu_reset(struct arch_thread *thread);

// tls_set, tls_get - set_thread_area's descriptors. Entry -1 in @desc: pick a
// free one and write its number back. Return: 0; -ESRCH none free; -EINVAL.
__must_check int tls_set(struct arch_thread *thread, struct user_desc *desc);
__must_check int tls_get(const struct arch_thread *thread,
                         struct user_desc *desc);
