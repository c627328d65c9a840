// include/kernel/syscall.h - the system call entry
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// syscall_follow - whether anybody is followed (kernel/strace.h): then no call
// takes the direct way of trap.S.
void syscall_follow(bool anybody);
