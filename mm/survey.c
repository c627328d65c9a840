// mm/survey.c - what of an area is in memory, for /proc
// SPDX-License-Identifier: MIT
//
// Sources: Linux filesystems/proc.rst (smaps, clear_refs), admin-guide/mm/
// pagemap.rst.

#include <mm/survey.h>

#include <lib/div64.h>
#include <mm/pagecache.h>
#include <mm/swap_cache.h>

#include "swap_area.h"

// Entries of /proc/PID/pagemap. Bit 55, soft-dirty, is not kept on i386.
#define PM_EXCLUSIVE (1ull << 56) // nobody else maps it
#define PM_FILE      (1ull << 61) // or shared memory
#define PM_SWAP      (1ull << 62)
#define PM_PRESENT   (1ull << 63)
#define PM_AREA_BITS 5u // of a slot: the area below, the slot above

static u64 share(u32 among)
{
    u64 bytes = (u64)PAGE_SIZE << SURVEY_SHIFT;

    if (among > 1)
        u64_div(&bytes, among);
    return bytes;
}

static u32 swap_users(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);

    return area ? swap_map_count(&area->map, swap_entry_slot(entry)) : 0;
}

// The page of an entry; NULL: the zero page, a device's.
static struct page *page_of(pte_t pte)
{
    struct page *page;

    if (!pfn_has_page(pte_pfn(pte)))
        return NULL;
    page = pfn_to_page(pte_pfn(pte));
    return page_state(page) == PAGE_STATE_RESERVED ? NULL : page;
}

static void add_share(const struct page *page, bool dirty, bool locked,
                      struct vma_survey *sum)
{
    u64 bytes = share((u32)page->mapcount);

    sum->pss += bytes;
    if (page_state(page) == PAGE_STATE_ANON)
        sum->pss_anon += bytes;
    else if (page_test(page, PG_SWAPBACKED))
        sum->pss_shmem += bytes;
    else
        sum->pss_file += bytes;
    if (locked)
        sum->locked += bytes;
    if (dirty)
        sum->pss_dirty += bytes;
    if (page->mapcount > 1) {
        sum->shared_dirty += dirty;
        sum->shared_clean += !dirty;
    } else {
        sum->private_dirty += dirty;
        sum->private_clean += !dirty;
    }
}

static void add_page(const struct vm_area *vma, pte_t pte,
                     struct vma_survey *sum)
{
    const struct page *page = page_of(pte);
    bool dirty;

    if (!page)
        return;
    dirty = pte_is_dirty(pte) || page_test(page, PG_DIRTY);
    sum->rss++;
    sum->referenced += pte_is_young(pte) || page_test(page, PG_REFERENCED);
    if (page_state(page) == PAGE_STATE_ANON) {
        sum->anonymous++;
        sum->lazy_free += page_test(page, PG_LAZYFREE) && !dirty;
    }
    add_share(page, dirty, vma->flags & VM_LOCKED, sum);
}

// Of shared memory: what is out, and what only others have mapped is not ours.
static void add_absent(const struct vm_area *vma, user_addr_t addr,
                       struct vma_survey *sum)
{
    void *item;

    if (!vma->mapping || !vma->mapping->swap_backed)
        return;
    item = radix_tree_lookup(&vma->mapping->pages, vma_pgoff_of(vma, addr));
    if (!item || !radix_is_value(item))
        return;
    sum->swap++;
    sum->swap_pss += share(1);
}

void survey_area(const struct vm_area *vma, struct vma_survey *sum)
{
    for (u32 at = vma->start.v; at < vma->end.v; at += PAGE_SIZE) {
        pte_t *slot = pmap_lookup(&vma->mm->pmap, user_addr(at));
        pte_t pte = slot ? pte_read(slot) : PTE_NONE;

        if (pte_is_present(pte)) {
            add_page(vma, pte, sum);
        } else if (pte_is_swap(pte)) {
            sum->swap++;
            sum->swap_pss += share(swap_users(pte_swap_entry(pte)));
        } else if (vma->mapping) {
            add_absent(vma, user_addr(at), sum);
        } else if (!slot) { // nothing in all the table
            at = ALIGN_DOWN(at, PTE_TABLE_SPAN) + PTE_TABLE_SPAN - PAGE_SIZE;
        }
    }
}

u64 survey_page(const struct mm *mm, user_addr_t addr, bool show_frame)
{
    pte_t *slot = pmap_lookup(&mm->pmap, addr);
    pte_t pte = slot ? pte_read(slot) : PTE_NONE;
    const struct page *page;
    u64 entry;

    if (pte_is_swap(pte)) {
        swap_entry_t swap = pte_swap_entry(pte);

        entry =
            (u64)swap_entry_slot(swap) << PM_AREA_BITS | swap_entry_area(swap);
        return PM_SWAP | (show_frame ? entry : 0);
    }
    if (!pte_is_present(pte))
        return 0;
    entry = PM_PRESENT | (show_frame ? pte_pfn(pte).v : 0);
    page = page_of(pte);
    if (!page)
        return entry;
    if (page_state(page) != PAGE_STATE_ANON)
        entry |= PM_FILE;
    return page->mapcount == 1 ? entry | PM_EXCLUSIVE : entry;
}

void survey_clear_refs(struct vm_area *vma)
{
    user_addr_t a = vma->start;
    pte_t *slot;

    pmap_for_each_slot(slot, &vma->mm->pmap, a, vma->end)
    {
        pte_t pte = pte_read(slot);
        struct page *page = pte_is_present(pte) ? page_of(pte) : NULL;

        if (!page)
            continue;
        pte_write(slot, pte_mkold(pte));
        page_clear(page, PG_REFERENCED);
    }
    pmap_flush_range(&vma->mm->pmap, vma->start, vma->end);
}
