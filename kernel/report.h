// kernel/report.h - the state of the machine in words, for panic, oops and NMI
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct task;
struct trap_frame;

// report_exception - what happened, where, and the address of a page fault
// with its table entry and area.
void report_exception(const struct trap_frame *regs, u32 fault_address);

// regs->trap of a state that is no exception's: a call of panic. Only eip, ebp,
// eflags and the place of the struct mean something then.
#define REPORT_NO_TRAP 0xffffffffu

// report_state - registers, control registers, task, code bytes, stack words,
// backtrace. Reads only memory that it knows to be readable.
void report_state(const struct trap_frame *regs);

// report_calls - the functions that led to @eip, by the frames from @ebp on.
void report_calls(u32 eip, u32 ebp);

// report_task - its state and, if it does not run, where it waits
// (report_tasks.c). report_nmi - the state @regs, and every task. Any context.
void report_task(const struct task *task);
void report_nmi(const struct trap_frame *regs);
