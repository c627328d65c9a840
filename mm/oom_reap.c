// mm/oom_reap.c - memory of a victim that does not come to its end
// SPDX-License-Identifier: MIT
//
// A victim that waits for a lock cannot leave, and its memory may be what the
// owner of the lock waits for. Its tasks will never return to user mode, so
// nobody will miss its private anonymous memory: it is taken out of the page
// tables here, on behalf of the one who needs it. The kernel may still be
// copying from it, for a write(2) that was under way: so from then on every
// fault in it fails (mm->is_reaped), instead of bringing zeros, or what a file
// had, in the place of what is gone.
//
// Shared memory stays (others see it), and so do locked pages.
//
// Locking: mm->lock, tried only: who holds it may be waiting for us. It also
// says that nobody is in the middle of a fault or of changing areas.

#include <mm/mm.h>
#include <mm/zap.h>

#include "oom_private.h"

static bool may_reap(const struct vm_area *vma)
{
    return !(vma->flags & (VM_SHARED | VM_LOCKED));
}

u32 oom_reap(struct mm *mm)
{
    const u32 before = mm->anon_pages + mm->swap_entries;
    struct vm_area *vma;

    if (!mutex_trylock(&mm->lock))
        return 0;
    mm->is_reaped = true;
    vma_for_each (vma, &mm->areas)
        if (may_reap(vma))
            zap_range(vma, vma->start, vma->end);
    mutex_unlock(&mm->lock);
    return before - mm->anon_pages - mm->swap_entries;
}
