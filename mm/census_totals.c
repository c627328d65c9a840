// mm/census_totals.c - the census of frames: the sums
// SPDX-License-Identifier: MIT

#include "census_private.h"

#include <mm/slab_stat.h>

#include "counts.h"

static void compare_slabs(struct census_walk *walk,
                          const struct census_totals *t)
{
    struct slab_info info;
    u32 objects = 0, pages = 0;

    for (u32 i = 0; slab_get_info(i, &info); i++) {
        objects += info.objects_used;
        pages += info.slabs * info.pages_per_slab;
    }
    census_compare(walk, "slab.frames", t->state[PAGE_STATE_SLAB],
                   slab_page_count());
    census_compare(walk, "slab.frames_by_cache", t->state[PAGE_STATE_SLAB],
                   pages);
    census_compare(walk, "slab.objects", t->slab_objects, objects);
}

static void tell_owners(struct census_walk *walk, const struct census_totals *t)
{
    static const char *const names[OWNERS] = {
        [OWNER_OTHER] = "kernel.other",     [OWNER_KMALLOC] = "kernel.kmalloc",
        [OWNER_VMALLOC] = "kernel.vmalloc", [OWNER_STACK] = "kernel.stacks",
        [OWNER_DMA] = "kernel.dma",         [OWNER_PIPE] = "kernel.pipes",
        [OWNER_EXEC] = "kernel.exec",
    };

    for (u32 i = 0; i < OWNERS; i++)
        census_tell(walk, names[i], t->owners[i]);
}

void census_compare_totals(struct census_walk *walk,
                           const struct census_totals *t)
{
    u32 cached = t->state[PAGE_STATE_CACHE];

    tell_owners(walk, t);
    compare_slabs(walk, t);
    census_tell(walk, "anon.frames", t->state[PAGE_STATE_ANON]);
    census_compare(walk, "anon.mapped", t->anon_mapped,
                   (u32)vm_counts.anon_mapped);
    census_compare(walk, "cache.frames", cached, (u32)vm_counts.cached);
    census_compare(walk, "cache.by_mapping", cached, t->of_mappings);
    census_compare(walk, "cache.mapped", t->file_mapped,
                   (u32)vm_counts.file_mapped);
    census_compare(walk, "cache.unevictable", t->unevictable,
                   (u32)vm_counts.unevictable_cached);
    census_compare(walk, "cache.dirty", t->dirty, (u32)vm_counts.dirty);
    census_compare(walk, "writeback", t->writeback, (u32)vm_counts.writeback);
    census_compare(walk, "swap.cached", t->swap_cached,
                   (u32)vm_counts.swap_cached);
    census_compare(walk, "frames.not_in_cache", t->not_in_cache, 0);
    census_compare(walk, "frames.off_lru", t->off_lru, 0);
    census_compare(walk, "frames.bad_mapcount", t->bad_mapcount, 0);
    census_compare(walk, "frames.bad_refcount", t->bad_refcount, 0);
    census_compare(walk, "frames.bad_block", t->bad_block, 0);
    census_compare(walk, "frames.bad_owner", t->bad_owner, 0);
}
