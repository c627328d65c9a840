// mm/zap.c - clearing page-table entries and letting go of what they named
// SPDX-License-Identifier: MIT
//
// The order is what matters: clear the entry, flush the translation, only then
// drop the reference, which may free the frame. Pages are gathered so that one
// flush does for many. Only a page that another entry maps as well, as after
// fork, cannot be freed by us: its reference is dropped at once.

#include <mm/zap.h>

#include <mm/pagecache.h>
#include <mm/rmap.h>
#include <mm/swap_cache.h>
#include <mm/zone.h>

#include "rmap_anon.h"

#define GATHER 64u

struct gather {
    struct mm *mm;
    user_addr_t start, end; // entries cleared since the last flush
    s32 anon;               // pages that are mapped no more and not yet counted
    u32 count;
    struct page *pages[GATHER];
};

// The array of pages needs no clearing.
static void gather_init(struct gather *g, struct mm *mm, user_addr_t start)
{
    g->mm = mm;
    g->start = g->end = start;
    g->count = 0;
    g->anon = 0;
}

static void release_page(struct page *page)
{
    // The last mapping of a page that also has a slot: give up the slot.
    if (page_test(page, PG_SWAPCACHE) && page->mapcount == 0 &&
        page_trylock(page)) {
        (void)swap_cache_try_free(page);
        page_unlock(page);
    }
    page_put(page);
}

static void gather_flush(struct gather *g)
{
    if (g->start.v < g->end.v)
        pmap_flush_range(&g->mm->pmap, g->start, g->end);
    rmap_count_anon(g->mm, -g->anon);
    g->anon = 0;
    for (u32 i = 0; i < g->count; i++)
        release_page(g->pages[i]);
    g->count = 0;
    g->start = g->end;
}

static __always_inline void gather_page(struct gather *g, struct page *page)
{
    g->pages[g->count++] = page;
    if (g->count == GATHER)
        gather_flush(g);
}

// Of anything but a plain anonymous page.
static __noinline void zap_other(struct gather *g, struct page *page, pte_t pte)
{
    if (page_state(page) == PAGE_STATE_RESERVED) // zero, special
        return;
    if (page_state(page) == PAGE_STATE_CACHE) {
        if (pte_is_dirty(pte))
            page_mark_dirty(page);
        if (pte_is_young(pte))
            lru_mark_accessed(page);
    }
    rmap_remove(page, g->mm);
    gather_page(g, page);
}

// A present entry goes; what it named is let go of at the next flush, or at
// once where another entry keeps it from being freed.
static __always_inline void zap_present(struct gather *g, user_addr_t addr,
                                        pte_t *slot)
{
    pte_t pte = pte_exchange(slot, PTE_NONE);
    struct page *page = pfn_to_page(pte_pfn(pte));

    if (g->start.v == g->end.v)
        g->start = addr;
    g->end = user_add(addr, PAGE_SIZE);
    if (unlikely(!rmap_is_plain_anon(page))) {
        zap_other(g, page, pte);
        return;
    }
    g->anon++;
    if (rmap_drop_anon(page))
        page_put_shared(page);
    else
        gather_page(g, page);
}

void zap_swap_entry(struct vm_area *vma, pte_t *slot)
{
    swap_entry_t entry = pte_swap_entry(pte_read(slot));

    pte_write(slot, PTE_NONE);
    vma->mm->swap_entries--;
    swap_put(entry);
}

void zap_range(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    struct gather g;
    pte_t *slot;

    gather_init(&g, vma->mm, start);
    pmap_for_each_used(slot, &vma->mm->pmap, a, end)
    {
        pte_t pte = pte_read(slot);

        if (pte_is_swap(pte))
            zap_swap_entry(vma, slot);
        else
            zap_present(&g, a, slot);
    }
    gather_flush(&g);
}

// Unmap the pages of @mapping itself, not private copies, in [start, end).
static void zap_mapped(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    struct gather g;
    pte_t *slot;

    gather_init(&g, vma->mm, start);
    pmap_for_each_used(slot, &vma->mm->pmap, a, end)
    {
        pte_t pte = pte_read(slot);
        struct page *page;

        if (!pte_is_present(pte))
            continue;
        page = pfn_to_page(pte_pfn(pte));
        if (page_state(page) != PAGE_STATE_CACHE || page->owner != vma->mapping)
            continue;
        zap_present(&g, a, slot);
    }
    gather_flush(&g);
}

// Do @zap to the part of each area that maps pages [index, index + count).
static void zap_in_areas(struct mapping *mapping, u32 index, u32 count,
                         void (*zap)(struct vm_area *vma, user_addr_t start,
                                     user_addr_t end))
{
    u64 last = (u64)index + count; // exclusive
    struct vm_area *vma;

    list_for_each_entry (vma, &mapping->areas, mapping_link) {
        u64 vma_last = (u64)vma->pgoff + vma_pages(vma);
        u32 from = max(index, vma->pgoff);
        u64 to = min(last, vma_last);

        if (from < to)
            zap(vma, user_add(vma->start, (from - vma->pgoff) << PAGE_SHIFT),
                user_add(vma->start, (u32)(to - vma->pgoff) << PAGE_SHIFT));
    }
}

void zap_file_page(struct mapping *mapping, u32 index, u32 count)
{
    zap_in_areas(mapping, index, count, zap_mapped);
}

void zap_file_range(struct mapping *mapping, u32 index, u32 count)
{
    zap_in_areas(mapping, index, count, zap_range);
}
