// mm/page_table.c - the frames that page tables are made of
// SPDX-License-Identifier: MIT
//
// Low memory, because the page walk of arch/x86 follows tables by address.

#include <mm/pmap.h>

#include <mm/inject.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/slab.h>

static u32 table_pages;
static struct kmem_cache *root_cache; // made when the first is asked for

void *pmap_table_alloc(void)
{
    struct page *page = page_alloc_table(CALLER_ADDRESS);

    if (!page)
        return NULL;
    page_set_state(page, PAGE_STATE_TABLE);
    table_pages++;
    return page_address(page);
}

void pmap_table_free(void *table)
{
    struct page *page = virt_to_page(table);

    ASSERT(page_state(page) == PAGE_STATE_TABLE);
    table_pages--;
    page_free_order(page, 0);
}

void *pmap_root_alloc(void)
{
    if (!root_cache)
        root_cache =
            kmem_cache_create("pmap_root", PMAP_ROOT_BYTES, PMAP_ROOT_BYTES);
    if (!root_cache)
        return NULL;
    return kmem_cache_alloc(root_cache, GFP_KERNEL | GFP_ZERO);
}

void pmap_root_free(void *root)
{
    kmem_cache_free(root_cache, root);
}

u32 page_table_pages(void)
{
    return table_pages;
}
