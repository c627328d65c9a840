// include/mm/fault_cause.h - why a page fault came about, by number
// SPDX-License-Identifier: MIT
//
// The numbers of the table at the head of mm/fault.c. They are shown to the
// outside, and tests bear them: a number never gets another meaning.
//
// Each fault that mm_fault answers has one of 0 to 15, that of its last try.
// 16 and 17 are counted by who dispatches traps; 16 comes on top of the reason
// that mm had, if it was asked.
#pragma once

#include <base/types.h>

enum fault_cause {
    CAUSE_CUT_SHORT = 0, // not answered: the task is about to be gone
    CAUSE_HOLE = 1,
    CAUSE_STACK_GROWTH = 2,
    CAUSE_FORBIDDEN = 3,
    CAUSE_ZERO_PAGE = 4,
    CAUSE_FIRST_WRITE = 5,
    CAUSE_FILE_READ = 6,
    CAUSE_PRIVATE_WRITE = 7,
    CAUSE_SHARED_WRITE = 8,
    CAUSE_SWAPPED = 9,
    CAUSE_COPY_ON_WRITE = 10,
    CAUSE_CLEAN_WRITE = 11,
    CAUSE_STALE = 12,
    CAUSE_BEYOND_END = 13,
    CAUSE_IO_ERROR = 14,
    CAUSE_NO_MEMORY = 15,
    CAUSE_KERNEL_REPAIRED = 16,
    CAUSE_KERNEL_BUG = 17,
    FAULT_CAUSES
};

extern u32 fault_counts[FAULT_CAUSES];                    // since boot
extern const char *const fault_cause_names[FAULT_CAUSES]; // for /proc

static inline void fault_count(enum fault_cause cause)
{
    fault_counts[cause]++;
}
