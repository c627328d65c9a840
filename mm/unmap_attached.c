// mm/unmap_attached.c - unmapping what was attached as one piece
// SPDX-License-Identifier: MIT
//
// An attachment of shared memory may have become several areas since
// (mprotect, munmap of a part): they are found by what they map and where they
// must lie if they are still where they were attached.

#include <mm/mm.h>

#include <mm/pagecache.h>

#include "mmap_private.h"
#include "vma_ops.h"

static bool belongs(const struct vm_area *vma, user_addr_t addr,
                    const struct vm_operations *ops)
{
    return vma->ops == ops && !user_before(vma->start, addr) &&
           user_bytes(addr, vma->start) >> PAGE_SHIFT == vma->pgoff;
}

int mm_unmap_attached(struct mm *mm, user_addr_t addr,
                      const struct vm_operations *ops)
{
    const struct file *file = NULL; // only compared
    struct vm_area *vma, *next;
    u64 end = TASK_SIZE;
    int err = 0;

    mutex_lock(&mm->lock);
    for (vma = vma_find(&mm->areas, addr); !err && vma; vma = next) {
        next = vma_next(vma);
        if (vma->start.v >= end)
            break;
        if (!belongs(vma, addr, ops) || (file && vma->file != file))
            continue;
        if (!file) {
            file = vma->file;
            end = addr.v + vma->mapping->size_bytes;
        }
        if (trace_of(mm))
            trace_unmapped(vma->start, vma_bytes(vma));
        err = mm_unmap_locked(mm, vma->start, vma->end);
    }
    mutex_unlock(&mm->lock);
    return file ? err : -EINVAL;
}
