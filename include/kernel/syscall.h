// include/kernel/syscall.h - the system call entry
// SPDX-License-Identifier: MIT
#pragma once

// syscall_init - read the command-line word strace.
void syscall_init(void);
