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
