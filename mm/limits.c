// mm/limits.c - what a process may have of memory
// SPDX-License-Identifier: MIT

#include <mm/limits.h>

#include <kernel/cred.h>
#include <kernel/task.h>

#include "vma_ops.h"

u32 vm_max_map_count = MAX_MAP_COUNT_DEFAULT;
u32 vm_mmap_min_addr = MMAP_MIN_ADDR;
u32 vm_legacy_va_layout = 0;

static_assert(TASK_LIMIT_INFINITY >> PAGE_SHIFT >= TASK_SIZE >> PAGE_SHIFT,
              "no limit needs no case of its own");

u32 limit_bytes(enum mm_limit limit)
{
    return current->process->limits[limit].soft;
}

u32 limit_pages(enum mm_limit limit)
{
    return limit_bytes(limit) >> PAGE_SHIFT;
}

bool limit_may_grow(const struct mm *mm, u32 vm_flags, u32 pages)
{
    const struct task_limit *data = &current->process->limits[MM_LIMIT_DATA];

    if (mm->total_pages + pages > limit_pages(MM_LIMIT_AS))
        return false;
    if (!vma_is_data(vm_flags) ||
        mm->data_pages + pages <= data->soft >> PAGE_SHIFT)
        return true;
    // A soft limit of 0 was the way to say "mmap only" when mmap was not
    // counted as data: Linux lets it pass.
    return data->soft == 0 &&
           mm->data_pages + pages <= data->hard >> PAGE_SHIFT;
}

bool limit_may_lock(const struct mm *mm, u32 vm_flags, u32 bytes)
{
    return !(vm_flags & VM_LOCKED) || capable(CAP_IPC_LOCK) ||
           mm->locked_pages + (bytes >> PAGE_SHIFT) <=
               limit_pages(MM_LIMIT_MEMLOCK);
}

u32 implied_access(u32 vm_access, u32 vm_flags)
{
    bool implied = current->personality & PERSONA_READ_IS_EXEC;

    return implied && (vm_access & VM_READ) && (vm_flags & VM_MAYEXEC)
               ? vm_access | VM_EXEC
               : vm_access;
}

bool limit_can_lock(void)
{
    return capable(CAP_IPC_LOCK) || limit_bytes(MM_LIMIT_MEMLOCK) != 0;
}
