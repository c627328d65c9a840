// kernel/signal_fpu.h - FPU state in signal frames
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// Bytes that signal_fpu_push writes; 0: no FPU, no state.
u32 signal_fpu_bytes(void);

// signal_fpu_push - the current task's state as struct _fpstate to user
// address @at (a multiple of 16). Return: 0; -EFAULT.
__must_check int signal_fpu_push(u32 at);

// signal_fpu_pop - take the state from there; @at 0: a fresh one.
// Return: 0; -EFAULT: and they are fresh ones.
__must_check int signal_fpu_pop(u32 at);
