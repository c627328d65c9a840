// mm/madvise_pages.c - advice that is an action
// SPDX-License-Identifier: MIT

#include "madvise_private.h"

#include <kernel/task.h>
#include <mm/pagecache.h>
#include <mm/reclaim.h>
#include <mm/shmem.h>
#include <mm/swap_cache.h>
#include <mm/zap.h>
#include <mm/zone.h>

#define PAGE_OUT_BATCH 32u

// ---- will need -------------------------------------------------------------

static void read_slot(swap_entry_t entry)
{
    struct page *page;
    bool waited;

    // Advice: errors are for the access.
    if (!swap_read(entry, TRACE_SWAP_READAHEAD, &page, &waited))
        page_put(page);
}

static void read_slots(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, end)
    {
        pte_t pte = pte_read(slot);

        // Tables stay while mm->lock is held, so the slot outlives the sleep.
        if (pte_is_swap(pte))
            read_slot(pte_swap_entry(pte));
        if (task_fatal_pending(current))
            return;
    }
}

void advise_will_need(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    struct mapping *mapping = vma->mapping;
    u32 first = vma_pgoff_of(vma, start);
    u32 last = first + (user_bytes(start, end) >> PAGE_SHIFT) - 1;

    if (!mapping) {
        read_slots(vma, start, end);
        return;
    }
    if (!mapping->swap_backed) {
        mapping_will_need(mapping, first, last);
        return;
    }
    // shmem: what is out comes back; holes stay holes.
    for (u32 index = first; index <= last && index < mapping_pages(mapping);
         index++) {
        void *item = radix_tree_lookup(&mapping->pages, index);

        if (item && radix_is_value(item))
            read_slot((swap_entry_t){radix_value_of(item)});
        if (task_fatal_pending(current))
            return;
    }
}

// ---- free ------------------------------------------------------------------

// Private anonymous memory, mapped here alone and with no slot: in that state.
static bool make_plain(struct page *page)
{
    bool plain;

    if (page->mapcount != 1 || !page_trylock(page))
        return false;
    plain = swap_cache_try_free(page) && !page_test(page, PG_WRITEBACK);
    page_unlock(page);
    return plain;
}

static void free_present(struct vm_area *vma, user_addr_t addr, pte_t *slot)
{
    pte_t pte = pte_read(slot);
    struct page *page = pfn_to_page(pte_pfn(pte));

    if (page_state(page) != PAGE_STATE_ANON || !make_plain(page))
        return; // the zero page; or others want it
    pte_write(slot, pte_mkclean(pte_mkold(pte)));
    pmap_flush_page(&vma->mm->pmap, addr);
    page_clear(page, PG_DIRTY);
    lru_lazyfree(page);
}

void advise_free(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, end)
    {
        pte_t pte = pte_read(slot);

        if (pte_is_swap(pte))
            zap_swap_entry(vma, slot);
        else if (pte_is_present(pte))
            free_present(vma, a, slot);
    }
}

// ---- cold, page out --------------------------------------------------------

// The page of a present entry that is this area's alone; NULL: none. It is not
// young any more.
static struct page *cool(struct vm_area *vma, user_addr_t addr, pte_t *slot)
{
    pte_t pte = pte_read(slot);
    struct page *page;

    if (!pte_is_present(pte) || !pfn_has_page(pte_pfn(pte)))
        return NULL;
    page = pfn_to_page(pte_pfn(pte));
    if (page_state(page) == PAGE_STATE_RESERVED || page->mapcount != 1)
        return NULL;
    if (pte_is_young(pte)) {
        pte_write(slot, pte_mkold(pte));
        pmap_flush_page(&vma->mm->pmap, addr);
    }
    page_clear(page, PG_REFERENCED);
    return page;
}

void advise_cold(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, end)
    {
        struct page *page = cool(vma, a, slot);

        if (page)
            lru_deactivate(page);
    }
}

void advise_page_out(struct vm_area *vma, user_addr_t start, user_addr_t end)
{
    user_addr_t a = start;
    LIST_HEAD(pages);
    u32 count = 0;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, end)
    {
        struct page *page = cool(vma, a, slot);

        if (page && lru_isolate(page)) {
            list_add_tail(&page->lru, &pages);
            count++;
        }
        if (count == PAGE_OUT_BATCH) {
            reclaim_pages(&pages); // sleeps; tables stay
            count = 0;
        }
    }
    reclaim_pages(&pages);
}
