// mm/kmalloc.c - memory by size
// SPDX-License-Identifier: MIT
//
// Up to 4 KiB from caches of fixed sizes, above in whole frames. Which it was
// is seen from the state of the first frame when it is freed.
//
// Locking: that of the caches and of the page allocator; any context.

#include <mm/slab.h>

#include <mm/buddy.h>
#include <mm/inject.h>
#include <mm/owner.h>
#include <mm/page_alloc.h>

#include "slab_private.h"

#define KMALLOC_LARGEST 4096u

static const struct {
    const char *name;
    u32 bytes;
} sizes[] = {
    {"kmalloc-16", 16},   {"kmalloc-32", 32},   {"kmalloc-64", 64},
    {"kmalloc-96", 96},   {"kmalloc-128", 128}, {"kmalloc-192", 192},
    {"kmalloc-256", 256}, {"kmalloc-512", 512}, {"kmalloc-1k", 1024},
    {"kmalloc-2k", 2048}, {"kmalloc-4k", 4096},
};

static struct kmem_cache kmalloc_caches[ARRAY_SIZE(sizes)];

// By steps of 16 bytes: the cache for a request. All sizes are multiples.
#define STEP_SHIFT 4u
#define STEPS      (KMALLOC_LARGEST >> STEP_SHIFT)
static u8 cache_of_step[STEPS + 1];

void kmalloc_init(void)
{
    u32 step = 0;

    for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
        slab_cache_init(&kmalloc_caches[i], sizes[i].name, sizes[i].bytes, 0);
        while (step << STEP_SHIFT <= sizes[i].bytes && step <= STEPS)
            cache_of_step[step++] = (u8)i;
    }
    ASSERT(step == STEPS + 1);
}

static void *kmalloc_for(size_t bytes, u32 gfp, u32 caller)
{
    u32 pages, order;
    void *object;

    if (likely(bytes <= KMALLOC_LARGEST)) {
        u32 step = (bytes + (1u << STEP_SHIFT) - 1) >> STEP_SHIFT;

        return slab_alloc(&kmalloc_caches[cache_of_step[step]], (u32)bytes, gfp,
                          caller);
    }
    if (bytes > PAGE_SIZE << (BUDDY_ORDERS - 1))
        return NULL;
    pages = (u32)((bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
    order = ilog2(pages);
    if (!is_power_of_2(pages))
        order++;
    object = page_alloc_lowmem(
        (gfp & ~GFP_ZONE_HIGHMEM) | GFP_OWNER(OWNER_KMALLOC), order);
    if (object)
        owner_take(OWNER_KMALLOC, 1u << order);
    return object;
}

void *kmalloc(size_t bytes, u32 gfp)
{
    return kmalloc_for(bytes, gfp, CALLER_ADDRESS);
}

void *kzalloc(size_t bytes, u32 gfp)
{
    return kmalloc_for(bytes, gfp | GFP_ZERO, CALLER_ADDRESS);
}

void kfree(void *object)
{
    struct page *page;

    if (!object)
        return;
    page = virt_to_page(object);
    if (page_state(page) == PAGE_STATE_SLAB) {
        slab_free(page->owner, page, object);
        return;
    }
    ASSERT(page_state(page) == PAGE_STATE_KERNEL &&
           IS_ALIGNED((u32)(uintptr_t)object, PAGE_SIZE));
    owner_give(OWNER_KMALLOC, 1u << page->private);
    page_free_order(page, page->private);
}
