// include/mm/limits.h - what a process may have of memory
// SPDX-License-Identifier: MIT
//
// The limits are the current task's, whosever address space it is, as on Linux.
#pragma once

#include <mm/mm.h>

// RLIMIT_ numbers (asm-generic/resource.h; checked in kernel/sys_limits.c).
enum mm_limit {
    MM_LIMIT_DATA = 2,
    MM_LIMIT_STACK = 3,
    MM_LIMIT_MEMLOCK = 8,
    MM_LIMIT_AS = 9,
};

// The default number of areas, as Linux's; vm.max_map_count.
#define MAX_MAP_COUNT_DEFAULT 65530u
extern u32 vm_max_map_count;

// vm.mmap_min_addr: below it only root maps anything, and only on purpose.
extern u32 vm_mmap_min_addr;

// vm.legacy_va_layout: programs are laid out from the bottom up, from their
// execve(2) on.
extern u32 vm_legacy_va_layout;

// READ_IMPLIES_EXEC of the current task's personality (linux/personality.h;
// checked in kernel/sys_process.c).
#define PERSONA_READ_IS_EXEC 0x0400000u

// implied_access - what @vm_access (VM_READ, VM_WRITE, VM_EXEC) becomes in an
// area with @vm_flags (VM_MAYEXEC) for a program of the time when all that
// could be read could be run.
u32 implied_access(u32 vm_access, u32 vm_flags);

// limit_bytes, limit_pages - the soft limit; TASK_LIMIT_INFINITY is above all
// that there can be.
u32 limit_bytes(enum mm_limit limit);
u32 limit_pages(enum mm_limit limit);

// limit_may_grow - whether @mm may have @pages more of areas with @vm_flags:
// RLIMIT_AS, and RLIMIT_DATA for private writable ones.
bool limit_may_grow(const struct mm *mm, u32 vm_flags, u32 pages);

// limit_may_lock - whether @bytes more of areas with @vm_flags keep within
// RLIMIT_MEMLOCK. Always, if they are not VM_LOCKED, and for root.
bool limit_may_lock(const struct mm *mm, u32 vm_flags, u32 bytes);

// limit_can_lock - whether the current task may lock anything at all.
bool limit_can_lock(void);
