// include/mm/fault_cause.h - why a page fault came about, by number
// SPDX-License-Identifier: MIT
//
// The numbers of the table at the head of mm/fault.c. They are shown to the
// outside, and tests bear them: a number never gets another meaning.
//
// Each fault that mm_fault answers has one of 0 to 15, that of its last try.
// 16 and 17 are counted by who dispatches traps, and not timed; 16 comes on top
// of the reason that mm had, if it was asked. Nor is 1 timed where the address
// is the kernel's. Without time stamps no fault is.
#pragma once

#include <mm/latency.h>

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

// Since boot: how often each was met, by how long it took (mm/latency.h), and
// how long all of its faults took together.
extern u32 fault_buckets[FAULT_CAUSES][LATENCY_BUCKETS];
extern u64 fault_cycles[FAULT_CAUSES];
extern const char *const fault_cause_names[FAULT_CAUSES]; // for /proc

// fault_count - one that was not timed.
static inline void fault_count(enum fault_cause cause)
{
    fault_buckets[cause][0]++;
}

// fault_count_timed - one that took @cycles.
static inline void fault_count_timed(enum fault_cause cause, u64 cycles)
{
    fault_buckets[cause][latency_bucket(cycles)]++;
    fault_cycles[cause] += cycles;
}
