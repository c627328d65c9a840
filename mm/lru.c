// mm/lru.c - the LRU lists of the zones
// SPDX-License-Identifier: MIT
//
// Every page that reclaim may take is on one list of its zone or isolated by
// one who holds a reference. Interrupt handlers rotate pages whose write is
// done, so all of this runs with interrupts off.

#include <mm/zone.h>

#include <arch/cpu.h>
#include <mm/pagecache.h>
#include <mm/stat.h>
#include <mm/workingset.h>

#include "counts.h"

static __always_inline enum lru_list list_of(const struct page *page)
{
    static_assert(LRU_ACTIVE_ANON == LRU_INACTIVE_ANON + 1 &&
                      LRU_ACTIVE_FILE == LRU_INACTIVE_FILE + 1,
                  "an active list follows the other");
    u32 active = page->flags >> PG_ACTIVE & 1u;

    if (page_test(page, PG_UNEVICTABLE))
        return LRU_UNEVICTABLE;
    return (page_is_swap_backed(page) ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE) +
           active;
}

// Whether it has to stay where it is.
static bool is_pinned(const struct page *page)
{
    const struct mapping *mapping = page->owner;

    return page_test(page, PG_MLOCKED) ||
           (page_state(page) == PAGE_STATE_CACHE && mapping &&
            mapping->unevictable);
}

// Set or clear the flag that says on which list it goes.
static __noinline void judge(struct page *page)
{
    bool pinned = is_pinned(page), was = page_test(page, PG_UNEVICTABLE);

    if (pinned && !was) {
        page_set(page, PG_UNEVICTABLE);
        vm_count(VM_UNEVICTABLE_CULLED);
    } else if (!pinned && was) {
        page_clear(page, PG_UNEVICTABLE);
        vm_count(VM_UNEVICTABLE_RESCUED);
    }
}

// Inline, as remove(): each page of a program comes and goes once.
static __always_inline void add(struct page *page, bool at_tail)
{
    const u32 special =
        1u << PG_MLOCKED | 1u << PG_UNEVICTABLE | 1u << PG_LAZYFREE;
    struct zone *zone = page_zone(page);
    u32 list = LRU_INACTIVE_ANON + (page->flags >> PG_ACTIVE & 1u);

    ASSERT(!(page->flags & 1u << PG_LRU) && page->refcount > 0);
    // Nearly all are anonymous, and nothing to be judged.
    if ((page->flags & (PAGE_STATE_MASK | special)) != PAGE_STATE_ANON) {
        ASSERT(page_state(page) == PAGE_STATE_ANON ||
               page_state(page) == PAGE_STATE_CACHE);
        judge(page);
        list = list_of(page);
    }
    page_set(page, PG_LRU);
    if (at_tail)
        list_add_tail(&page->lru, &zone->lru[list]);
    else
        list_add(&page->lru, &zone->lru[list]);
    zone->lru_pages[list]++;
}

static __always_inline void remove_from(struct page *page, enum lru_list list)
{
    list_del(&page->lru);
    page_zone(page)->lru_pages[list]--;
    page_clear(page, PG_LRU);
}

static __always_inline void remove(struct page *page)
{
    const u32 special = 1u << PG_UNEVICTABLE | 1u << PG_LAZYFREE;
    u32 flags = page->flags;

    remove_from(page, (flags & (PAGE_STATE_MASK | special)) == PAGE_STATE_ANON
                          ? LRU_INACTIVE_ANON + (flags >> PG_ACTIVE & 1u)
                          : list_of(page));
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

    // Reclaim has put it on the active list, out of its way (reclaim_page.c).
    if (page_test(page, PG_LRU) && !page_test(page, PG_UNEVICTABLE)) {
        remove(page);
        page_clear(page, PG_ACTIVE);
        add(page, true);
        vm_count(VM_PGROTATED);
    }
    irq_restore(flags);
}

void lru_deactivate(struct page *page)
{
    u32 flags = irq_save();

    if (page_test(page, PG_LRU) && !page_test(page, PG_UNEVICTABLE)) {
        remove(page);
        page_clear(page, PG_ACTIVE);
        page_clear(page, PG_REFERENCED);
        add(page, false);
        vm_count(VM_PGDEACTIVATE);
    }
    irq_restore(flags);
}

void lru_refresh(struct page *page)
{
    u32 flags = irq_save();

    if (page_test(page, PG_LRU) &&
        is_pinned(page) != page_test(page, PG_UNEVICTABLE)) {
        remove(page);
        add(page, false);
    }
    irq_restore(flags);
}

void lru_mlock(struct page *page)
{
    if (page_test_and_set(page, PG_MLOCKED))
        return;
    vm_counts.mlocked++;
    vm_count(VM_UNEVICTABLE_MLOCKED);
    lru_refresh(page);
}

void lru_munlock(struct page *page)
{
    if (!page_test(page, PG_MLOCKED))
        return;
    page_clear(page, PG_MLOCKED);
    vm_counts.mlocked--;
    // Isolated, and back on the wrong list later: not from where reclaim is.
    vm_count(page_test(page, PG_LRU) || !page_test(page, PG_UNEVICTABLE)
                 ? VM_UNEVICTABLE_MUNLOCKED
                 : VM_UNEVICTABLE_STRANDED);
    lru_refresh(page);
}

void lru_lazyfree(struct page *page)
{
    u32 flags = irq_save();

    if (page_test(page, PG_LRU) && !page_test(page, PG_UNEVICTABLE) &&
        !page_test(page, PG_LAZYFREE)) {
        remove(page);
        page_clear(page, PG_ACTIVE);
        page_clear(page, PG_REFERENCED);
        page_set(page, PG_LAZYFREE);
        add(page, false);
        vm_count(VM_PGLAZYFREE);
    }
    irq_restore(flags);
}

void lru_unlazyfree(struct page *page)
{
    ASSERT(!page_test(page, PG_LRU));
    page_clear(page, PG_LAZYFREE);
}

bool lru_isolate(struct page *page)
{
    u32 flags = irq_save();
    bool ok = page_test(page, PG_LRU) && !page_test(page, PG_UNEVICTABLE);

    if (ok) {
        remove(page);
        page_get(page);
    }
    irq_restore(flags);
    return ok;
}

u32 lru_isolate_tail(struct zone *zone, enum lru_list list, u32 want,
                     struct page **pages)
{
    struct list_head *head = &zone->lru[list];
    u32 flags = irq_save(), n = 0;

    while (n < want && !list_empty(head)) {
        struct page *page = list_last_entry(head, struct page, lru);

        remove_from(page, list);
        page_get(page);
        pages[n++] = page;
    }
    irq_restore(flags);
    return n;
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
        workingset_activation(page);
        vm_count(VM_PGACTIVATE);
    }
}

void lru_note_cost(struct zone *zone, bool is_file, u32 pages)
{
    u32 listed = 0;

    for (u32 i = 0; i < LRU_EVICTABLE_LISTS; i++)
        listed += zone->lru_pages[i];
    balance_note(&zone->cost, is_file, pages, listed);
}
