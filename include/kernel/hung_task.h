// include/kernel/hung_task.h - reporting tasks that are never woken
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// hung_task_init - start khungtaskd. Context: once, in a task; may sleep.
void hung_task_init(void);

// hung_task_show, hung_task_store - kernel.hung_task_timeout_secs: after how
// many seconds of one uninterruptible sleep a task is reported; 0: never.
// @name is the setting's, and not looked at: there is one. Return: 0; -EINVAL.
void hung_task_show(const char *name, char *buf, size_t size);
__must_check int hung_task_store(const char *name, const char *text);
