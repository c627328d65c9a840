// mm/dma.c - memory shared with devices
// SPDX-License-Identifier: MIT
//
// Low memory is below 896 MiB, which every bus master with 32 address bits
// reaches, and x86 keeps caches and devices coherent: a contiguous block of it
// is all that is needed.
//
// A bounce pool is a list of single frames of low memory, or of the DMA zone
// for a device that does not reach all of that. Who uses them and waits for
// them: drivers/block/bounce.c.
//
// Rejected: the allocator first and the pool when that fails, as Linux does:
// under pressure, when it counts, the pool is all there is, and a disk with 64
// pages in flight is busy.

#include <mm/dma.h>

#include <base/errno.h>
#include <lib/string.h>
#include <mm/owner.h>
#include <mm/stat.h>

#include "counts.h"

static u32 dma_order(u32 bytes)
{
    u32 pages = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    u32 order = ilog2(pages);

    return is_power_of_2(pages) ? order : order + 1;
}

void *dma_alloc(u32 bytes, phys_addr_t *bus)
{
    void *addr;

    ASSERT(bytes > 0);
    if (dma_order(bytes) > 10)
        return NULL;
    addr = page_alloc_lowmem(GFP_KERNEL | GFP_ZERO | GFP_OWNER(OWNER_DMA),
                             dma_order(bytes));
    if (!addr)
        return NULL;
    owner_take(OWNER_DMA, 1u << dma_order(bytes));
    *bus = virt_to_phys(addr);
    return addr;
}

void dma_free(void *addr, u32 bytes)
{
    owner_give(OWNER_DMA, 1u << dma_order(bytes));
    page_free_lowmem(addr, dma_order(bytes));
}

// ---- bounce pages ----------------------------------------------------------

bool dma_reaches_all(phys_addr_t end)
{
    return pfn_to_phys(pfn(mem_map_frames)).v <= end.v;
}

static struct page *bounce_page_alloc(phys_addr_t end)
{
    // Low memory ends below 4 GiB, the DMA zone at 16 MiB.
    u32 zone = end.v >= LOWMEM_MAX_BYTES ? 0 : GFP_ZONE_DMA;

    return page_alloc(GFP_KERNEL | zone | GFP_OWNER(OWNER_BOUNCE));
}

static void bounce_pool_destroy(struct bounce_pool *pool)
{
    struct page *page, *next;

    list_for_each_entry_safe (page, next, &pool->free, lru) {
        list_del(&page->lru);
        owner_give(OWNER_BOUNCE, 1);
        page_free_order(page, 0);
    }
}

int bounce_pool_init(struct bounce_pool *pool, u32 pages, phys_addr_t end)
{
    ASSERT(end.v >= DMA_END_LEAST.v);
    list_init(&pool->free);
    pool->pages = pages;
    for (pool->free_pages = 0; pool->free_pages < pages; pool->free_pages++) {
        struct page *page = bounce_page_alloc(end);

        if (!page) {
            bounce_pool_destroy(pool);
            return -ENOMEM;
        }
        ASSERT(dma_reaches(page, end));
        list_add(&page->lru, &pool->free);
        owner_take(OWNER_BOUNCE, 1);
    }
    return 0;
}

struct page *bounce_page_take(struct bounce_pool *pool, struct page *original)
{
    struct page *bounce = list_first_entry(&pool->free, struct page, lru);

    ASSERT(pool->free_pages > 0 && !bounce->owner);
    list_del(&bounce->lru);
    pool->free_pages--;
    bounce->owner = original;
    vm_counts.bounce++;
    vm_count(VM_PGBOUNCE);
    return bounce;
}

struct page *bounce_page_give(struct bounce_pool *pool, struct page *bounce)
{
    struct page *original = bounce->owner;

    ASSERT(original && pool->free_pages < pool->pages);
    bounce->owner = NULL;
    list_add(&bounce->lru, &pool->free);
    pool->free_pages++;
    vm_counts.bounce--;
    return original;
}
