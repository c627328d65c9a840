// mm/slab_shrink.c - empty slabs given back; what the caches hold, for /proc
// SPDX-License-Identifier: MIT
//
// Each cache keeps one empty slab, which is of use until memory is short. A
// cache is never destroyed, so the list is walked without protection; slabs
// come and go with interrupts off.

#include <mm/slab.h>

#include <arch/cpu.h>
#include <mm/page_alloc.h>
#include <mm/shrinker.h>
#include <mm/slab_stat.h>

#include "slab_private.h"

static u32 count_empty(void)
{
    const struct kmem_cache *cache;
    u32 empty = 0;

    list_for_each_entry (cache, &slab_caches, link)
        empty += cache->empty_slabs;
    return empty;
}

// Return: false: the cache has no empty slab.
static bool drop_empty(struct kmem_cache *cache)
{
    u32 flags = irq_save();
    struct page *slab = NULL;

    if (cache->empty_slabs) {
        slab = list_last_entry(&cache->partial, struct page, lru);
        ASSERT(slab->slab_inuse == 0);
        cache->empty_slabs--;
        slab_leave(cache, slab);
    }
    irq_restore(flags);
    if (slab)
        slab_destroy(cache, slab);
    return slab;
}

static u32 shrink_empty(u32 want)
{
    struct kmem_cache *cache;
    u32 freed = 0;

    list_for_each_entry (cache, &slab_caches, link)
        while (freed < want && drop_empty(cache))
            freed++;
    return freed;
}

static struct shrinker empty_slabs = {
    .name = "slab",
    .count = count_empty,
    .scan = shrink_empty,
};

void slab_shrink_init(void)
{
    shrinker_register(&empty_slabs);
}

bool slab_get_info(u32 n, struct slab_info *out)
{
    struct kmem_cache *cache;

    list_for_each_entry (cache, &slab_caches, link) {
        if (n-- > 0)
            continue;
        *out = (struct slab_info){
            .name = cache->name,
            .object_bytes = cache->layout.space,
            .objects_used = cache->objects,
            .objects_total = cache->slabs * cache->layout.per_slab,
            .objects_per_slab = cache->layout.per_slab,
            .pages_per_slab = 1u << cache->layout.order,
            .slabs = cache->slabs,
            .reclaimable = cache->gfp & GFP_RECLAIMABLE,
        };
        return true;
    }
    return false;
}
