// include/kernel/futex.h - waking those who wait on a word of user memory
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// futex_init - once, before the first program.
void futex_init(void);

struct task_restart;

#define ROBUST_HEAD_BYTES 12u // struct robust_list_head

// futex_leave - the current task ends or runs another program: whoever waits
// for a lock that it has is told. Context: task; may sleep.
void futex_leave(void);

// futex_restart - restart_syscall of a wait that was interrupted. Return: as
// the system call.
s32 futex_restart(const struct task_restart *restart);

// futex_wake - up to @count waiters on @word of the current address space, or
// of those that share it. Context: task; may sleep, takes mm->lock.
void futex_wake(const u32 __user *word, u32 count);
