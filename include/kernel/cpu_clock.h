// include/kernel/cpu_clock.h - clocks of what a process or a thread has used
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct process;

struct cpu_clock {
    struct process *process;
    s32 tid;        // of a thread of it; 0: all of them
    bool user_only; // without what the kernel has done for it
};

// cpu_clock_find - by a clockid_t: CLOCK_PROCESS_CPUTIME_ID and
// CLOCK_THREAD_CPUTIME_ID are the current task's; of others a negative one has
// the number (clock_getcpuclockid). No reference is taken.
// Return: 0; -EINVAL: no such clock, or nobody has it.
__must_check int cpu_clock_find(u32 clock, struct cpu_clock *out);

// cpu_clock_of - of @usage, what the clock counts.
struct task_usage;
u64 cpu_clock_of(const struct cpu_clock *clock, const struct task_usage *usage);

// cpu_clock_ns - 0: the thread has ended. Any context.
u64 cpu_clock_ns(const struct cpu_clock *clock);
