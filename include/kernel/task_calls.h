// include/kernel/task_calls.h - where in the kernel a task is
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct task;

// task_calls - @fn with the address of each function that @task is in, from the
// innermost on; nothing for a zombie. Context: task; does not sleep.
void task_calls(const struct task *task, void (*fn)(u32 address, void *arg),
                void *arg);

// task_waits_in - the name of the function that made it wait, leaving out what
// all waits go through. NULL: it does not wait. Context: as above.
const char *task_waits_in(const struct task *task);
