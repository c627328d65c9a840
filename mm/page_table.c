// mm/page_table.c - the frames that page tables are made of
// SPDX-License-Identifier: MIT
//
// Low memory, because the page walk of arch/x86 follows tables by address.

#include <mm/pmap.h>

#include <mm/page_alloc.h>
#include <mm/page_table.h>

static u32 table_pages;

void *pmap_table_alloc(void)
{
    struct page *page = page_alloc(GFP_KERNEL | GFP_ZERO);

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

u32 page_table_pages(void)
{
    return table_pages;
}
