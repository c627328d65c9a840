// mm/fault_cause.c - how often each cause of a page fault was met, how long it
// took
// SPDX-License-Identifier: MIT

#include <mm/fault_cause.h>

u32 fault_buckets[FAULT_CAUSES][LATENCY_BUCKETS];
u64 fault_cycles[FAULT_CAUSES];

const char *const fault_cause_names[FAULT_CAUSES] = {
    [CAUSE_CUT_SHORT] = "cut_short",
    [CAUSE_HOLE] = "hole",
    [CAUSE_STACK_GROWTH] = "stack_growth",
    [CAUSE_FORBIDDEN] = "forbidden",
    [CAUSE_ZERO_PAGE] = "zero_page",
    [CAUSE_FIRST_WRITE] = "first_write",
    [CAUSE_FILE_READ] = "file_read",
    [CAUSE_PRIVATE_WRITE] = "private_write",
    [CAUSE_SHARED_WRITE] = "shared_write",
    [CAUSE_SWAPPED] = "swapped",
    [CAUSE_COPY_ON_WRITE] = "copy_on_write",
    [CAUSE_CLEAN_WRITE] = "clean_write",
    [CAUSE_STALE] = "stale",
    [CAUSE_BEYOND_END] = "beyond_end",
    [CAUSE_IO_ERROR] = "io_error",
    [CAUSE_NO_MEMORY] = "no_memory",
    [CAUSE_KERNEL_REPAIRED] = "kernel_repaired",
    [CAUSE_KERNEL_BUG] = "kernel_bug",
};
