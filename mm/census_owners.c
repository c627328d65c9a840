// mm/census_owners.c - the census of frames in state KERNEL, by owner
// SPDX-License-Identifier: MIT
//
// Three witnesses for each owner: the tags of the frames (counted), the book
// that it keeps where it takes and gives back frames (include/mm/owner.h), and,
// for vmalloc and kernel stacks, the areas that were walked.
//
// Rejected: counting in page_alloc_order and page_free_order. Then a tag and
// its counter would come from the same place, and agree when both are wrong.

#include "census_private.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <mm/owner.h>
#include <mm/vmalloc_stat.h>

static u32 books[OWNERS];

void owner_take(enum page_owner owner, u32 frames)
{
    u32 flags = irq_save();

    books[owner] += frames;
    irq_restore(flags);
}

void owner_give(enum page_owner owner, u32 frames)
{
    u32 flags = irq_save();

    ASSERT(books[owner] >= frames);
    books[owner] -= frames;
    irq_restore(flags);
}

u32 owner_frames(enum page_owner owner)
{
    return books[owner];
}

void census_owners(struct census_walk *walk, const u32 frames[OWNERS])
{
    static const char *const names[OWNERS] = {
        [OWNER_OTHER] = "kernel.other",     [OWNER_KMALLOC] = "kernel.kmalloc",
        [OWNER_VMALLOC] = "kernel.vmalloc", [OWNER_STACK] = "kernel.stacks",
        [OWNER_DMA] = "kernel.dma",         [OWNER_PIPE] = "kernel.pipes",
        [OWNER_EXEC] = "kernel.exec",       [OWNER_IO] = "kernel.io",
        [OWNER_BOUNCE] = "kernel.bounce",
    };

    for (u32 i = 0; i < OWNERS; i++)
        census_compare(walk, names[i], frames[i],
                       owner_frames((enum page_owner)i));
    census_compare(walk, "kernel.vmalloc_areas", frames[OWNER_VMALLOC],
                   walk->vmalloc_frames);
    census_compare(walk, "kernel.stacks_in_use", frames[OWNER_STACK],
                   kernel_stack_pages());
}
