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
// Locking: interrupts off; handlers may allocate (GFP_ATOMIC) and free.
// Idea: Lameter's SLUB (2007), without per-CPU parts and merging.

#include <mm/slab.h>

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/page_alloc.h>
#include <mm/slab_stat.h>

#define SLAB_ALIGN_DEFAULT 8u
#define SLAB_ORDER_MAX     3u
#define FREED_POISON       0x6b // DEBUG=1: what a freed object is filled with

struct kmem_cache {
    const char *name;
    u32 size;  // asked for, bytes
    u32 space; // what one object takes, bytes
    u32 order; // of a slab
    u32 per_slab;
    u32 slabs, objects, empty_slabs;
    struct list_head partial; // slabs with at least one free object
    struct list_head link;    // all caches
};

static LIST_HEAD(caches);
static u32 slab_pages;

static const u16 kmalloc_sizes[] = {16,  32,  64,   96,   128, 192,
                                    256, 512, 1024, 2048, 4096};
#define KMALLOC_MAX_SMALL 4096u
static struct kmem_cache kmalloc_caches[ARRAY_SIZE(kmalloc_sizes)];
static struct kmem_cache cache_cache; // of struct kmem_cache

// The least order at which less than an eighth is left over.
static u32 slab_order(u32 space)
{
    u32 order = 0;

    while (order < SLAB_ORDER_MAX) {
        u32 bytes = PAGE_SIZE << order;

        if (bytes >= space && bytes % space <= bytes / 8)
            break;
        order++;
    }
    return order;
}

static void cache_init(struct kmem_cache *cache, const char *name, u32 size,
                       u32 align)
{
    ASSERT(size > 0 && (align == 0 || is_power_of_2(align)));
    *cache = (struct kmem_cache){.name = name, .size = size};
    cache->space = ALIGN_UP(size, max(align, SLAB_ALIGN_DEFAULT));
    cache->order = slab_order(cache->space);
    cache->per_slab = (PAGE_SIZE << cache->order) / cache->space;
    ASSERT(cache->per_slab > 0);
    list_init(&cache->partial);
    list_add_tail(&cache->link, &caches);
}

void slab_init(void)
{
    static const char *const names[] = {
        "kmalloc-16",  "kmalloc-32",  "kmalloc-64",  "kmalloc-96",
        "kmalloc-128", "kmalloc-192", "kmalloc-256", "kmalloc-512",
        "kmalloc-1k",  "kmalloc-2k",  "kmalloc-4k"};

    static_assert(ARRAY_SIZE(names) == ARRAY_SIZE(kmalloc_sizes), "one each");
    cache_init(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 0);
    for (u32 i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++)
        cache_init(&kmalloc_caches[i], names[i], kmalloc_sizes[i], 0);
}

struct kmem_cache *kmem_cache_create(const char *name, u32 size, u32 align)
{
    struct kmem_cache *cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

    if (cache)
        cache_init(cache, name, size, align);
    return cache;
}

static struct page *slab_of(const struct kmem_cache *cache, const void *object)
{
    u32 addr = ALIGN_DOWN((u32)(uintptr_t)object, PAGE_SIZE << cache->order);

    return virt_to_page((const void *)(uintptr_t)addr);
}

// A new slab, all objects free, not on the partial list yet.
static struct page *slab_create(struct kmem_cache *cache, u32 gfp)
{
    struct page *slab =
        page_alloc_order(gfp & ~(GFP_ZERO | GFP_ZONE_HIGHMEM), cache->order);
    u32 base, next = 0;

    if (!slab)
        return NULL;
    for (u32 i = 0; i < 1u << cache->order; i++) {
        page_set_state(&slab[i], PAGE_STATE_SLAB);
        slab[i].owner = cache;
    }
    base = (u32)(uintptr_t)page_address(slab);
    for (u32 i = cache->per_slab; i-- > 0;) {
        u32 object = base + i * cache->space;

        *(u32 *)(uintptr_t)object = next;
        next = object;
    }
    slab->index = base;
    slab->slab_inuse = 0;
    slab->slab_objects = (u16)cache->per_slab;
    return slab;
}

static void slab_destroy(struct kmem_cache *cache, struct page *slab)
{
    slab->mapcount = 0; // shares its place with slab_inuse, slab_objects
    for (u32 i = 0; i < 1u << cache->order; i++)
        page_set_state(&slab[i], PAGE_STATE_KERNEL);
    page_free_order(slab, cache->order);
}

void *kmem_cache_alloc(struct kmem_cache *cache, u32 gfp)
{
    u32 flags = irq_save();
    struct page *slab;
    u32 object;

    if (list_empty(&cache->partial)) {
        irq_restore(flags);
        slab = slab_create(cache, gfp); // may sleep
        if (!slab)
            return NULL;
        flags = irq_save();
        cache->slabs++;
        cache->empty_slabs++;
        slab_pages += 1u << cache->order;
        list_add(&slab->lru, &cache->partial);
    }
    slab = list_first_entry(&cache->partial, struct page, lru);
    object = slab->index;
    ASSERT(object && slab->slab_inuse < slab->slab_objects);
    slab->index = *(u32 *)(uintptr_t)object;
    if (slab->slab_inuse++ == 0)
        cache->empty_slabs--;
    if (slab->index == 0)
        list_del(&slab->lru);
    cache->objects++;
    irq_restore(flags);

    if (gfp & GFP_ZERO)
        memset((void *)(uintptr_t)object, 0, cache->size);
    return (void *)(uintptr_t)object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
    struct page *slab = slab_of(cache, object);
    u32 addr = (u32)(uintptr_t)object;
    u32 flags;
    bool spare = false;

    ASSERT(page_state(slab) == PAGE_STATE_SLAB && slab->owner == cache);
    ASSERT((addr - (u32)(uintptr_t)page_address(slab)) % cache->space == 0);
    if (FAULTLINE_DEBUG)
        memset(object, FREED_POISON, cache->space);
    flags = irq_save();
    ASSERT(slab->slab_inuse > 0 && slab->index != addr);
    if (slab->index == 0)
        list_add(&slab->lru, &cache->partial);
    *(u32 *)object = slab->index;
    slab->index = addr;
    cache->objects--;
    if (--slab->slab_inuse == 0) {
        spare = cache->empty_slabs > 0;
        if (spare) {
            list_del(&slab->lru);
            cache->slabs--;
            slab_pages -= 1u << cache->order;
        } else {
            cache->empty_slabs++;
        }
    }
    irq_restore(flags);
    if (spare)
        slab_destroy(cache, slab);
}

static struct kmem_cache *kmalloc_cache(size_t bytes)
{
    for (u32 i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++)
        if (bytes <= kmalloc_sizes[i])
            return &kmalloc_caches[i];
    return NULL;
}

void *kmalloc(size_t bytes, u32 gfp)
{
    struct kmem_cache *cache = kmalloc_cache(bytes);
    u32 pages, order;

    if (cache)
        return kmem_cache_alloc(cache, gfp);
    if (bytes > PAGE_SIZE << (BUDDY_ORDERS - 1))
        return NULL;
    pages = (u32)((bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
    order = ilog2(pages);
    if (!is_power_of_2(pages))
        order++;
    return page_alloc_lowmem(gfp & ~GFP_ZONE_HIGHMEM, order);
}

void *kzalloc(size_t bytes, u32 gfp)
{
    return kmalloc(bytes, gfp | GFP_ZERO);
}

void kfree(void *object)
{
    struct page *page;

    if (!object)
        return;
    page = virt_to_page(object);
    if (page_state(page) == PAGE_STATE_SLAB) {
        kmem_cache_free(page->owner, object);
        return;
    }
    ASSERT(page_state(page) == PAGE_STATE_KERNEL &&
           IS_ALIGNED((u32)(uintptr_t)object, PAGE_SIZE));
    page_free_order(page, page->private);
}

u32 slab_page_count(void)
{
    return slab_pages;
}

bool slab_get_info(u32 n, struct slab_info *out)
{
    struct kmem_cache *cache;

    list_for_each_entry (cache, &caches, link) {
        if (n-- > 0)
            continue;
        *out = (struct slab_info){
            .name = cache->name,
            .object_bytes = cache->space,
            .objects_used = cache->objects,
            .objects_total = cache->slabs * cache->per_slab,
            .objects_per_slab = cache->per_slab,
            .pages_per_slab = 1u << cache->order,
            .slabs = cache->slabs,
        };
        return true;
    }
    return false;
}
