// kernel/cpu_limit.h - RLIMIT_CPU
// SPDX-License-Identifier: MIT
#pragma once

struct process;

// cpu_limit_check - send a process the signal that is due for the time it has
// had. Context: the timer's interrupt.
void cpu_limit_check(struct process *process);
