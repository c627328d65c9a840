// kernel/trace_there.c - what was there when the trace began
// SPDX-License-Identifier: MIT

#include <kernel/task.h>
#include <kernel/trace.h>
#include <mm/mm.h>

#include "trace_private.h"

// Of the ring a quarter: what is beyond is known by its faults alone.
#define AREAS_MAX 4096u

void trace_there(void)
{
    struct process *process;
    u32 areas = 0;

    for_each_process (process) {
        const struct mm *mm = process_mm(process);

        if (!mm || mm->is_building)
            continue;
        areas += mm->areas.count;
        if (areas > AREAS_MAX)
            return;
        mm_trace_areas(mm, process->leader->pid, TRACE_MAP_THERE);
    }
}
