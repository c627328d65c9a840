// mm/slab.c - caches of small objects in low memory
// SPDX-License-Identifier: MIT
//
// A slab is a block of 2^order frames cut into objects of one size. Everything
// about it is in its first struct page: owner = the cache, index = address of
// the first free object (0: full), slab_inuse, slab_objects. A free object's
// first word is the address of the next one. Slabs with room are on the
// cache's partial list; full ones on none. One empty slab is kept per cache,
// so that a free followed by an alloc does not go to the page allocator.
//
// A slab's frames are naturally aligned, so an object's slab is found by
// masking, for any order: each frame's owner is the cache, which knows it.
//
// Always checked: that what is freed is an object of that cache and not the one
// freed last, and that the link of a free object leads into its own slab.
// DEBUG=1: red zones, contents of free objects, any double free, and who
// allocated it (mm/slab_layout.c). What is found wrong ends in slab_broken.
//
// Locking: interrupts off; handlers may allocate (GFP_ATOMIC) and free.
// Idea: Lameter's SLUB (2007), without per-CPU parts and merging.

#include <mm/slab.h>

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <kernel/symbols.h>
#include <lib/string.h>
#include <mm/inject.h>
#include <mm/page_alloc.h>
#include <mm/slab_stat.h>

#include "slab_private.h"

LIST_HEAD(slab_caches);
static u32 slab_pages, reclaimable_pages;

static struct kmem_cache cache_cache; // of struct kmem_cache

void slab_cache_init(struct kmem_cache *cache, const char *name, u32 size,
                     u32 align)
{
    *cache = (struct kmem_cache){.name = name};
    if (slab_layout_make(size, align, FAULTLINE_DEBUG, &cache->layout))
        panic("slab: cache=%s size=%u is too large", name, size);
    list_init(&cache->partial);
    list_add_tail(&cache->link, &slab_caches);
}

struct kmem_cache *kmem_cache_create(const char *name, u32 size, u32 align)
{
    struct kmem_cache *cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

    if (cache)
        slab_cache_init(cache, name, size, align);
    return cache;
}

struct kmem_cache *kmem_cache_create_reclaimable(const char *name, u32 size,
                                                 u32 align)
{
    struct kmem_cache *cache = kmem_cache_create(name, size, align);

    if (cache)
        cache->gfp = GFP_RECLAIMABLE;
    return cache;
}

// The slab that the frame @page belongs to, if it is one of this cache's.
static struct page *slab_of(const struct kmem_cache *cache, struct page *page)
{
    return page - (page_to_pfn(page).v & ((1u << cache->layout.order) - 1));
}

// Somebody has used an object wrongly: memory is not what it was meant to be.
__noreturn __noinline static void slab_broken(const struct kmem_cache *cache,
                                              const void *object,
                                              enum slab_fault fault)
{
    u32 caller = cache->layout.red_end && fault != SLAB_NOT_AN_OBJECT
                     ? slab_caller(&cache->layout, object)
                     : 0;
    u32 offset = 0;
    const char *name = caller ? symbol_find(caller, &offset) : NULL;

    panic("slab: cache=%s object=%p %s; allocated by %s+%#x", cache->name,
          object, slab_fault_names[fault], name ? name : "?", offset);
}

// A new slab, all objects free, not on the partial list yet.
static struct page *slab_create(struct kmem_cache *cache, u32 gfp)
{
    u32 order = cache->layout.order;
    struct page *slab = page_alloc_order(
        (gfp & ~(GFP_ZERO | GFP_ZONE_HIGHMEM | GFP_MOVABLE)) | cache->gfp,
        order);
    void *base;

    if (!slab)
        return NULL;
    for (u32 i = 0; i < 1u << order; i++) {
        page_set_state(&slab[i], PAGE_STATE_SLAB);
        slab[i].owner = cache;
    }
    base = page_address(slab);
    slab_link_all(&cache->layout, base);
    slab->index = (u32)(uintptr_t)base;
    slab->slab_inuse = 0;
    slab->slab_objects = (u16)cache->layout.per_slab;
    return slab;
}

void slab_destroy(struct kmem_cache *cache, struct page *slab)
{
    slab->mapcount = 0; // shares its place with slab_inuse, slab_objects
    for (u32 i = 0; i < 1u << cache->layout.order; i++)
        page_set_state(&slab[i], PAGE_STATE_KERNEL);
    page_free_order(slab, cache->layout.order);
}

static void count_pages(const struct kmem_cache *cache, s32 slabs)
{
    u32 pages = (u32)slabs << cache->layout.order;

    slab_pages += pages;
    if (cache->gfp & GFP_RECLAIMABLE)
        reclaimable_pages += pages;
}

// A slab with room comes. Interrupts off.
static void slab_enter(struct kmem_cache *cache, struct page *slab)
{
    cache->slabs++;
    cache->empty_slabs++;
    count_pages(cache, 1);
    list_add(&slab->lru, &cache->partial);
}

void slab_leave(struct kmem_cache *cache, struct page *slab)
{
    list_del(&slab->lru);
    cache->slabs--;
    count_pages(cache, -1);
}

// The first free object of a slab with room. Interrupts off.
static void *slab_pop(struct kmem_cache *cache, struct page *slab, u32 bytes,
                      u32 caller)
{
    void *object = (void *)(uintptr_t)slab->index;
    u32 next = *(u32 *)object;

    // Links of one slab differ in the low bits only.
    if (next && (next ^ slab->index) >> PAGE_SHIFT >> cache->layout.order)
        slab_broken(cache, object, SLAB_USED_WHEN_FREE);
    if (FAULTLINE_DEBUG) {
        enum slab_fault fault =
            slab_take(&cache->layout, object, bytes, caller);

        if (fault != SLAB_FINE)
            slab_broken(cache, object, fault);
    }
    slab->index = next;
    if (slab->slab_inuse++ == 0)
        cache->empty_slabs--;
    if (next == 0)
        list_del(&slab->lru);
    cache->objects++;
    return object;
}

void *slab_alloc(struct kmem_cache *cache, u32 bytes, u32 gfp, u32 caller)
{
    struct page *slab;
    void *object;
    u32 flags;

    if (inject_fails(INJECT_SLAB, gfp, caller))
        return NULL;
    flags = irq_save();
    if (list_empty(&cache->partial)) {
        irq_restore(flags);
        slab = slab_create(cache, gfp); // may sleep
        if (!slab)
            return NULL;
        flags = irq_save();
        slab_enter(cache, slab);
    }
    slab = list_first_entry(&cache->partial, struct page, lru);
    object = slab_pop(cache, slab, bytes, caller);
    irq_restore(flags);

    if (gfp & GFP_ZERO)
        memset(object, 0, bytes);
    return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache, u32 gfp)
{
    return slab_alloc(cache, cache->layout.size, gfp, CALLER_ADDRESS);
}

static void check_object(const struct kmem_cache *cache,
                         const struct page *slab, const void *object)
{
    u32 mask = (PAGE_SIZE << cache->layout.order) - 1;
    u32 offset = (u32)(uintptr_t)object & mask;

    if (page_state(slab) != PAGE_STATE_SLAB || slab->owner != cache ||
        slab_place(&cache->layout, offset) == cache->layout.per_slab)
        slab_broken(cache, object, SLAB_NOT_AN_OBJECT);
    if (slab->slab_inuse == 0 || slab->index == (u32)(uintptr_t)object)
        slab_broken(cache, object, SLAB_FREED_TWICE);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
    slab_free(cache, virt_to_page(object), object);
}

void slab_free(struct kmem_cache *cache, struct page *page, void *object)
{
    struct page *slab = slab_of(cache, page);
    u32 flags = irq_save();
    bool spare = false;

    check_object(cache, slab, object);
    if (FAULTLINE_DEBUG) {
        enum slab_fault fault = slab_give(&cache->layout, object);

        if (fault != SLAB_FINE)
            slab_broken(cache, object, fault);
    }
    if (slab->index == 0)
        list_add(&slab->lru, &cache->partial);
    *(u32 *)object = slab->index;
    slab->index = (u32)(uintptr_t)object;
    cache->objects--;
    if (--slab->slab_inuse == 0) {
        spare = cache->empty_slabs > 0;
        if (spare) {
            slab_leave(cache, slab);
        } else {
            cache->empty_slabs++;
            list_move_tail(&slab->lru, &cache->partial); // fill others first
        }
    }
    irq_restore(flags);
    if (spare)
        slab_destroy(cache, slab);
}

void slab_init(void)
{
    slab_cache_init(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 0);
    kmalloc_init();
    slab_shrink_init();
}

u32 slab_page_count(void)
{
    return slab_pages;
}

u32 slab_reclaimable_page_count(void)
{
    return reclaimable_pages;
}
