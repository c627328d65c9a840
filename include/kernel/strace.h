// include/kernel/strace.h - the system calls of chosen tasks, in the log
// SPDX-License-Identifier: MIT
//
// Who is followed has TF_STRACE, and so have its children. What a rule may be:
//
//   off     nobody
//   all     all programs
//   NUMBER  this process, besides those that are followed already
//   WORD    programs of this name, those that run and those to come
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct signal_info;
struct trap_frame;

#define STRACE_ARGS       6u
#define STRACE_TEXT_BYTES 256u

// A call that is being followed.
struct strace_call {
    u64 began_ns;
    u32 number, args[STRACE_ARGS];
    const char *kinds; // of what comes next
    u32 next;          // argument
    u32 used;          // of text
    char text[STRACE_TEXT_BYTES];
};

// strace_init - the command-line word strace=; strace=1 is all.
void strace_init(void);

// strace_set - a rule. Return: 0; -ESRCH: no such process; -EINVAL: too long.
__must_check int strace_set(const char *rule);

// strace_show - the rule that holds for programs to come.
void strace_show(char *buf, size_t size);

// strace_exec - @task runs a program of its present name.
void strace_exec(void);

// strace_enter, strace_leave - before and after a call. What the kernel writes
// is printed when it is there; the line is logged by strace_leave, or at once
// if the call does not come back. Context: task, may sleep.
void strace_enter(struct strace_call *trace, const struct trap_frame *regs,
                  const char *kinds);
void strace_leave(struct strace_call *trace, s32 result);

// strace_signal - a signal is acted upon; @handler: or SIG_DFL.
void strace_signal(const struct signal_info *info, u32 handler);

// strace_call_name - "?" where uapi has no name.
const char *strace_call_name(u32 number);
