// kernel/rusage.h - what a task has used, as struct rusage
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <linux/resource.h>

struct task;

// The most pages it ever had in memory, in all its programs.
u32 task_max_rss(const struct task *task);

// Of the task itself; of the children it has waited for.
void rusage_self(const struct task *task, struct rusage *out);
void rusage_children(const struct task *task, struct rusage *out);
