// include/kernel/futex.h - waking those who wait on a word of user memory
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// futex_init - once, before the first program.
void futex_init(void);

// futex_wake - up to @count waiters on @word of the current address space, or
// of those that share it. Context: task; may sleep, takes mm->lock.
void futex_wake(const u32 __user *word, u32 count);
