// mm/dma.c - memory shared with devices
// SPDX-License-Identifier: MIT
//
// Low memory is below 896 MiB, which every bus master with 32 address bits
// reaches, and x86 keeps caches and devices coherent: a contiguous block of it
// is all that is needed.

#include <mm/dma.h>

#include <lib/string.h>

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
    if (addr)
        *bus = virt_to_phys(addr);
    return addr;
}

void dma_free(void *addr, u32 bytes)
{
    page_free_lowmem(addr, dma_order(bytes));
}
