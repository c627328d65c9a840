// mm/map_trace.c - changes of an address space, for the trace
// SPDX-License-Identifier: MIT
//
// What is written is what is there afterwards, by the areas as they are then:
// so it is right whatever the call did on its way. A program's areas are
// written when exec is through (kernel/exec.c): before, they are nobody's.
//
// Context: mm->lock held, or no sleep since the areas were looked at.

#include <mm/mm.h>

#include <base/bits.h>
#include <kernel/task.h>
#include <mm/pagecache.h>

#include "mmap_private.h"

static_assert(VM_READ << 4 == TRACE_MAP_READ &&
                  VM_WRITE << 4 == TRACE_MAP_WRITE &&
                  VM_EXEC << 4 == TRACE_MAP_EXEC &&
                  VM_SHARED << 4 == TRACE_MAP_SHARED,
              "what may be done, by shift");

static void write_area(const struct vm_area *vma, s32 pid, enum trace_map kind,
                       user_addr_t start, user_addr_t end)
{
    u32 what = (u32)kind | (vma->flags & (VM_ACCESS | VM_SHARED)) << 4 |
               (u32)trace_area_kind(vma) << TRACE_MAP_AREA_SHIFT;

    trace_write_of(pid, TRACE_MAP, start.v, end.v, what,
                   vma->mapping ? trace_file(vma->mapping) : 0,
                   vma_pgoff_of(vma, start));
}

void trace_mapped(struct mm *mm, enum trace_map kind, user_addr_t start,
                  u32 bytes)
{
    u32 end = min(bytes, TASK_SIZE - start.v) + start.v;
    struct vm_area *vma = vma_find(&mm->areas, start);

    for (; vma && vma->start.v < end; vma = vma_next(vma)) {
        write_area(vma, current->pid, kind,
                   user_addr(max(vma->start.v, start.v)),
                   user_addr(min(vma->end.v, end)));
        if (vma->end.v >= end) // most often; the next one would be looked for
            break;
    }
}

void trace_unmapped(user_addr_t start, u32 bytes)
{
    trace_write(TRACE_MAP, start.v, start.v + bytes, TRACE_MAP_MUNMAP, 0, 0);
}

void mm_trace_areas(const struct mm *mm, s32 pid, enum trace_map kind)
{
    const struct vm_area *vma;

    vma_for_each (vma, &mm->areas)
        write_area(vma, pid, kind, vma->start, vma->end);
}
