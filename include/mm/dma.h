// include/mm/dma.h - memory that devices read and write
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/page_alloc.h>

// dma_alloc - zeroed low memory, page aligned, contiguous, below 4 GiB; the CPU
// and the device see it alike (x86 is coherent). *@bus is the device's address.
// NULL: no memory. Context: may sleep.
void *dma_alloc(u32 bytes, phys_addr_t *bus);
void dma_free(void *addr, u32 bytes);

// What a device with 32 address bits, and one with 64, reaches: up to here.
#define DMA_END_32BIT phys_addr(1ull << 32)
#define DMA_END_64BIT phys_addr(~0ull)

// Nothing below this can be asked of a bounce pool: the DMA zone.
#define DMA_END_LEAST phys_addr(16u * MIB)

// dma_reaches - a device that reaches up to @end reaches all of the page.
static inline bool dma_reaches(const struct page *page, phys_addr_t end)
{
    return page_to_phys(page).v + PAGE_SIZE <= end.v;
}

// dma_reaches_all - ... every frame of RAM that is used.
bool dma_reaches_all(phys_addr_t end);

// Bounce pages: low memory that a device reaches, for transfers to and from
// frames that it does not reach. A pool has all of its pages from the start:
// writing a page out must not need memory. A page of it that is in use names
// the page that it stands for (struct page: owner).
struct bounce_pool {
    struct list_head free; // (i) by lru
    u32 free_pages;        // (i)
    u32 pages;
};

// bounce_pool_init - @pages pages below @end, which is DMA_END_LEAST at least.
// Return: 0; -ENOMEM. Context: task, may sleep.
__must_check int bounce_pool_init(struct bounce_pool *pool, u32 pages,
                                  phys_addr_t end);

// bounce_page_take - a page of the pool for @original; one must be free.
// bounce_page_give - back to the pool. Return: the page that it stood for.
// Contents are the caller's business. Context: any, interrupts off.
struct page *bounce_page_take(struct bounce_pool *pool, struct page *original);
struct page *bounce_page_give(struct bounce_pool *pool, struct page *bounce);
