// kernel/cpu_limit.c - RLIMIT_CPU: seconds on the CPU, in user mode and kernel
// SPDX-License-Identifier: MIT
//
// Looked at by each tick, when the time is charged: SIGKILL at the hard limit;
// at the soft one SIGXCPU, which moves it on by a second, so that a program
// which goes on is told so again each second. The time is that of all threads;
// a child begins with none used.

#include "cpu_limit.h"

#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <linux/resource.h>
#include <linux/signal.h>

static bool is_reached(u64 used_ns, u32 limit_seconds)
{
    return limit_seconds != TASK_LIMIT_INFINITY &&
           used_ns >= (u64)limit_seconds * NSEC_PER_SEC;
}

void cpu_limit_check(struct process *process)
{
    struct task_limit *limit = &process->limits[RLIMIT_CPU];
    struct task_usage usage;
    u64 used_ns;

    if (limit->soft == TASK_LIMIT_INFINITY) // nearly always
        return;
    process_usage(process, &usage);
    used_ns = usage.user_ns + usage.system_ns;
    if (!is_reached(used_ns, limit->soft))
        return;
    if (is_reached(used_ns, limit->hard)) {
        signal_send_process_simple(process, SIGKILL);
        return;
    }
    signal_send_process_simple(process, SIGXCPU);
    limit->soft++;
}
