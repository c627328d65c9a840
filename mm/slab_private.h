// mm/slab_private.h - between slab.c, slab_shrink.c and kmalloc.c
// SPDX-License-Identifier: MIT
#pragma once

#include <base/list.h>
#include <mm/slab.h>
#include <mm/slab_layout.h>

struct page;

struct kmem_cache {
    const char *name;
    struct slab_layout layout;
    u32 gfp; // for its slabs: GFP_RECLAIMABLE or 0
    u32 slabs, objects, empty_slabs;
    struct list_head partial; // slabs with a free object, empty ones last
    struct list_head link;    // all caches
};

extern struct list_head slab_caches;

// slab_leave - an empty slab goes: off its list, and not counted any more.
// Interrupts off. slab_destroy - its frames are free. Any context.
void slab_leave(struct kmem_cache *cache, struct page *slab);
void slab_destroy(struct kmem_cache *cache, struct page *slab);

// slab_shrink_init - boot, once, from slab_init.
void slab_shrink_init(void);

// slab_cache_init - as kmem_cache_create, in place. Boot.
void slab_cache_init(struct kmem_cache *cache, const char *name, u32 size,
                     u32 align);

// slab_alloc - kmem_cache_alloc on behalf of the code at @caller, which uses
// the first @bytes only (DEBUG=1 sees to it); GFP_ZERO clears these.
void *slab_alloc(struct kmem_cache *cache, u32 bytes, u32 gfp, u32 caller);

// slab_free - kmem_cache_free of an object that lies in @page.
void slab_free(struct kmem_cache *cache, struct page *page, void *object);

// kmalloc_init - boot, once, from slab_init.
void kmalloc_init(void);
