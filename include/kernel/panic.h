// include/kernel/panic.h - the end, and what is reported before it
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct trap_frame;

// panic - no way on. Prints the text, registers, backtrace and the last log
// lines, synchronously; leaves QEMU or stops. Safe to be entered again.
__noreturn __printf(1, 2) void panic(const char *format, ...);

// panic_regs - the same with the registers of an exception.
__noreturn __printf(2, 3) void panic_regs(struct trap_frame *regs,
                                          const char *format, ...);

// kernel.panic, as struct proc_setting has it: seconds until the machine resets
// after a panic; 0: it stays as it is; less: at once. At first what the
// command-line word panic= says, or 0.
void panic_timeout_show(const char *name, char *buf, size_t size);
__must_check int panic_timeout_store(const char *name, const char *text);

// oops - a fault in the kernel: report it; then kill the current task if that
// is safe (it is a user's, not in an interrupt, not init), else panic.
void oops(struct trap_frame *regs, const char *what, u32 fault_address);
