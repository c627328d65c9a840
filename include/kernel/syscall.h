// include/kernel/syscall.h - the system call entry
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// syscall_watch - whether calls are looked at by @who (kernel/strace.h: anybody
// is followed; kernel/trace.h: group syscall): then no call is made directly
// by the entry of SYSENTER.
enum syscall_watcher {
    SYSCALL_STRACE = 1u << 0,
    SYSCALL_TRACE = 1u << 1,
};
void syscall_watch(enum syscall_watcher who, bool on);
