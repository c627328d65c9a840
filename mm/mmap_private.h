// mm/mmap_private.h - what the calls on areas share
// SPDX-License-Identifier: MIT
//
// mm->lock is held in all of these but populate.
#pragma once

#include <kernel/trace.h>
#include <mm/limits.h>
#include <mm/mm.h>
#include <mm/pagecache.h>

// place_find - where @bytes (whole pages) are to go. @fixed: at @hint or
// nowhere, whatever is there; else near @hint if that is free, else where there
// is room. Return: 0; -ENOMEM: no room; -EINVAL: @fixed and not aligned;
// -EPERM: @fixed and below vm.mmap_min_addr.
__must_check int place_find(struct mm *mm, user_addr_t hint, u32 bytes,
                            bool fixed, user_addr_t *out);

// place_is_free - no area lies in [start, start + bytes).
bool place_is_free(struct mm *mm, user_addr_t start, u32 bytes);

// range_check - page-aligned @start, and *@bytes rounded up to pages, end below
// TASK_SIZE. Return: 0; -EINVAL: not aligned; -ENOMEM: it does not end there.
__must_check int range_check(user_addr_t start, u32 *bytes);

// area_carve - make the part of @vma in [start, end) an area of its own.
// Return: it, or NULL: no memory, or too many areas.
struct vm_area *area_carve(struct mm *mm, struct vm_area *vma,
                           user_addr_t start, user_addr_t end);

// area_set_flags - give the part of @vma in [start, end) other flags, and make
// it one with its neighbours if it can be. *@vma: the area that now holds it.
// Return: 0; -ENOMEM, as area_carve.
__must_check int area_set_flags(struct mm *mm, struct vm_area **vma,
                                user_addr_t start, user_addr_t end, u32 flags);

// trace_of - whether changes of @mm go into the trace.
static inline bool trace_of(const struct mm *mm)
{
    return trace_on(map) && !mm->is_building;
}

// trace_area_kind - of an area in records.
static inline enum trace_area trace_area_kind(const struct vm_area *vma)
{
    if (vma->flags & VM_GROWSDOWN)
        return TRACE_AREA_STACK;
    if (!vma->ops)
        return mm_area_is_heap(vma->mm, vma) ? TRACE_AREA_HEAP
                                             : TRACE_AREA_ANON;
    if (vma->ops->frame)
        return TRACE_AREA_SPECIAL;
    if (vma->mapping && vma->mapping->shmem)
        return TRACE_AREA_SHMEM;
    return vma->flags & VM_SHARED ? TRACE_AREA_SHARED : TRACE_AREA_FILE;
}

// trace_mapped - MAP records for what is in [start, start + bytes) now.
// trace_unmapped - one for what is not any more. Of the current task.
void trace_mapped(struct mm *mm, enum trace_map kind, user_addr_t start,
                  u32 bytes);
void trace_unmapped(user_addr_t start, u32 bytes);
