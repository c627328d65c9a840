// include/kernel/vdso.h - the shared object that every program has mapped
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <kernel/vdso_data.h>

struct mm;

// What programs see of the clock: kernel/time.c writes it, interrupts off.
extern struct vdso_data vdso_data;

// vdso_init - boot: choose how it enters the kernel. The command-line word
// vdso=0 leaves it out of every program.
void vdso_init(void);

// vdso_map - for exec: map it, with the clock's page below it, into @mm, which
// nobody runs in yet. Nothing is done with vdso=0. Return: 0; -ENOMEM.
__must_check int vdso_map(struct mm *mm);

// vdso_entry - the user address of __kernel_vsyscall in @mm, which has it.
u32 vdso_entry(const struct mm *mm);

// vdso_sigreturn - where a handler returns to that brought no restorer: the
// address of __kernel_sigreturn, or with @rt of __kernel_rt_sigreturn. 0: @mm
// has no vDSO.
u32 vdso_sigreturn(const struct mm *mm, bool rt);
