// mm/census_totals.c - the census of frames: the sums
// SPDX-License-Identifier: MIT

#include "census_private.h"

#include <lib/string.h>
#include <mm/radix_alloc.h>
#include <mm/slab_stat.h>
#include <mm/swap_cache.h>

#include "counts.h"

static void compare_slabs(struct census_walk *walk,
                          const struct census_totals *t)
{
    struct slab_info info;
    u32 objects = 0, pages = 0, reclaimable = 0;

    for (u32 i = 0; slab_get_info(i, &info); i++) {
        objects += info.objects_used;
        pages += info.slabs * info.pages_per_slab;
        if (info.reclaimable)
            reclaimable += info.slabs * info.pages_per_slab;
    }
    census_compare(walk, "slab.frames", t->state[PAGE_STATE_SLAB],
                   slab_page_count());
    census_compare(walk, "slab.frames_by_cache", t->state[PAGE_STATE_SLAB],
                   pages);
    census_compare(walk, "slab.reclaimable_by_cache", reclaimable,
                   slab_reclaimable_page_count());
    census_compare(walk, "slab.objects", t->slab_objects, objects);
}

// Nodes of radix trees are objects that come and go with pages of files and of
// the swap cache: each is in the tree of one, or kept for the next insert.
static void compare_radix_nodes(struct census_walk *walk,
                                const struct census_totals *t)
{
    struct slab_info info;

    for (u32 i = 0; slab_get_info(i, &info); i++)
        if (strcmp(info.name, RADIX_NODE_CACHE) == 0)
            census_compare(walk, "radix.nodes",
                           t->radix_nodes + walk->shmem_nodes +
                               swap_cache_nodes() + radix_nodes_kept(),
                           info.objects_used);
}

void census_compare_totals(struct census_walk *walk,
                           const struct census_totals *t)
{
    u32 cached = t->state[PAGE_STATE_CACHE];

    census_owners(walk, t->owners);
    compare_slabs(walk, t);
    compare_radix_nodes(walk, t);
    census_tell(walk, "anon.frames", t->state[PAGE_STATE_ANON]);
    census_compare(walk, "anon.mapped", t->anon_mapped,
                   (u32)vm_counts.anon_mapped);
    census_compare(walk, "cache.frames", cached, (u32)vm_counts.cached);
    census_compare(walk, "cache.by_mapping", cached,
                   t->of_mappings + walk->shmem_pages);
    census_compare(walk, "cache.mapped", t->file_mapped,
                   (u32)vm_counts.file_mapped);
    census_compare(walk, "cache.shmem", t->shmem, (u32)vm_counts.shmem);
    census_compare_files(walk, t);
    census_compare(walk, "writeback", t->writeback, (u32)vm_counts.writeback);
    census_compare(walk, "bounce.used", t->bounce, (u32)vm_counts.bounce);
    census_compare(walk, "swap.cached", t->swap_cached,
                   (u32)vm_counts.swap_cached);
    census_compare(walk, "mlocked", t->mlocked, (u32)vm_counts.mlocked);
    census_compare(walk, "frames.bad_mlock", t->bad_mlock, 0);
    census_compare(walk, "frames.not_in_cache", t->not_in_cache, 0);
    census_compare(walk, "frames.off_lru", t->off_lru, 0);
    census_compare(walk, "frames.bad_mapcount", t->bad_mapcount, 0);
    census_compare(walk, "frames.bad_refcount", t->bad_refcount, 0);
    census_compare(walk, "frames.bad_block", t->bad_block, 0);
    census_compare(walk, "frames.bad_owner", t->bad_owner, 0);
}
