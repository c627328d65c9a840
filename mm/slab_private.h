// mm/slab_private.h - between slab.c and kmalloc.c
// SPDX-License-Identifier: MIT
#pragma once

#include <base/list.h>
#include <mm/slab.h>
#include <mm/slab_layout.h>

struct page;

struct kmem_cache {
    const char *name;
    struct slab_layout layout;
    u32 slabs, objects, empty_slabs;
    struct list_head partial; // slabs with a free object, empty ones last
    struct list_head link;    // all caches
};

// slab_cache_init - as kmem_cache_create, in place. Boot.
void slab_cache_init(struct kmem_cache *cache, const char *name, u32 size,
                     u32 align);

// slab_alloc - kmem_cache_alloc on behalf of the code at @caller.
void *slab_alloc(struct kmem_cache *cache, u32 gfp, u32 caller);

// slab_free - kmem_cache_free of an object that lies in @page.
void slab_free(struct kmem_cache *cache, struct page *page, void *object);

// kmalloc_init - boot, once, from slab_init.
void kmalloc_init(void);
