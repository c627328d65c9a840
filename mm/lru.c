// mm/lru.c - the LRU lists of the zones
// SPDX-License-Identifier: MIT
//
// Every page that reclaim may take is on one list of its zone or isolated by
// one who holds a reference. Interrupt handlers rotate pages whose write is
// done, so all of this runs with interrupts off.

#include <mm/zone.h>

#include <arch/cpu.h>

static enum lru_list list_of(const struct page *page)
{
    bool active = page_test(page, PG_ACTIVE);

    if (page_state(page) == PAGE_STATE_ANON)
        return active ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;
    return active ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE;
}

static void add(struct page *page, bool at_tail)
{
    struct zone *zone = page_zone(page);
    enum lru_list list = list_of(page);

    ASSERT(!page_test(page, PG_LRU) && page->refcount > 0);
    ASSERT(page_state(page) == PAGE_STATE_ANON ||
           page_state(page) == PAGE_STATE_CACHE);
    page_set(page, PG_LRU);
    if (at_tail)
        list_add_tail(&page->lru, &zone->lru[list]);
    else
        list_add(&page->lru, &zone->lru[list]);
    zone->lru_pages[list]++;
}

static void remove(struct page *page)
{
    list_del(&page->lru);
    page_zone(page)->lru_pages[list_of(page)]--;
    page_clear(page, PG_LRU);
}

void lru_add(struct page *page)
{
    u32 flags = irq_save();

    add(page, false);
    irq_restore(flags);
}

void lru_add_tail(struct page *page)
{
    u32 flags = irq_save();

    add(page, true);
    irq_restore(flags);
}

void lru_remove(struct page *page)
{
    u32 flags = irq_save();

    if (page_test(page, PG_LRU))
        remove(page);
    irq_restore(flags);
}

void lru_activate(struct page *page)
{
    u32 flags = irq_save();

    if (page_test(page, PG_LRU)) {
        remove(page);
        page_set(page, PG_ACTIVE);
        add(page, false);
    } else {
        page_set(page, PG_ACTIVE);
    }
    irq_restore(flags);
}

void lru_rotate(struct page *page)
{
    u32 flags = irq_save();

    if (page_test(page, PG_LRU) && !page_test(page, PG_ACTIVE)) {
        remove(page);
        add(page, true);
    }
    irq_restore(flags);
}

void lru_mark_accessed(struct page *page)
{
    if (!page_test(page, PG_REFERENCED)) {
        page_set(page, PG_REFERENCED);
        return;
    }
    if (page_test(page, PG_LRU) && !page_test(page, PG_ACTIVE)) {
        lru_activate(page);
        page_clear(page, PG_REFERENCED);
    }
}
