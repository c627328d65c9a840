// include/kernel/sched.h - who runs: what the rest of the kernel may know
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <kernel/task.h>

// What the CPU has done since boot, in ticks' resolution.
struct cpu_times {
    u64 user_ns, nice_ns, system_ns; // nice: programs with a nice value > 0
    u64 idle_ns, iowait_ns;          // iowait: idle, but tasks wait for disks
    u64 switches;                    // of tasks
};
void sched_cpu_times(struct cpu_times *out);

// sched_load - load averages over 1, 5 and 15 minutes, times 2^16.
void sched_load(u32 out_load[3]);

// sched_runnable - tasks that run or could.
u32 sched_runnable(void);

// sched_init - the boot context becomes the idle task, `current`. Interrupts
// off, before any mutex is taken.
void sched_init(void);

// sched_idle - interrupts on; run the others for ever. Context: boot.
__noreturn void sched_idle(void);

// sched_started - whether sched_idle has been reached: may tasks sleep?
bool sched_started(void);

// sched_add - make a task that is on no queue runnable. Any context.
void sched_add(struct task *task);

// sched_yield - let all others that could run do so first. Context: task.
void sched_yield(void);

// sched_tick - one timer interrupt; @user: it interrupted user mode.
void sched_tick(bool user);
