// kernel/rusage.h - what tasks and processes have used
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <linux/resource.h>

struct process;
struct task;

// rusage_thread, rusage_self, rusage_children - as struct rusage: of one task;
// of a process; of the children that were waited for. rusage_both - of the
// process and those children together.
void rusage_thread(const struct task *task, struct rusage *out);
void rusage_self(const struct process *process, struct rusage *out);
void rusage_children(const struct process *process, struct rusage *out);
void rusage_both(const struct process *process, struct rusage *out);
