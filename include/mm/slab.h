// include/mm/slab.h - small objects in low memory
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct kmem_cache;

// kmem_cache_create - a cache of objects of @size bytes, @align (power of two,
// 0: 8). No constructor. Return: NULL: no memory.
struct kmem_cache *kmem_cache_create(const char *name, u32 size, u32 align);

// kmem_cache_create_reclaimable - the same, of objects that a shrinker frees
// when memory is short, or that go with what it frees: their slabs count as
// reclaimable, and lie in pageblocks of their own.
struct kmem_cache *kmem_cache_create_reclaimable(const char *name, u32 size,
                                                 u32 align);

// kmem_cache_alloc - Context: by @gfp as page_alloc_order. GFP_ZERO clears.
// NULL: no memory.
void *kmem_cache_alloc(struct kmem_cache *cache, u32 gfp);
void kmem_cache_free(struct kmem_cache *cache, void *object);

// kmalloc - at least @bytes, aligned to 8. Up to 4 MiB; above 4 KiB it is
// whole pages. NULL: no memory, or too much asked. kfree(NULL) is allowed.
void *kmalloc(size_t bytes, u32 gfp);
void *kzalloc(size_t bytes, u32 gfp);
void kfree(void *object);
