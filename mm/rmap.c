// mm/rmap.c - reverse mapping: who maps this page
// SPDX-License-Identifier: MIT
//
// One walk, rmap_walk, visits each entry that maps a page; aging and unmapping
// are two things done at each.
//
// Rejected: page-table scans per process (0.12 to 2.4): they cannot aim at the
// pages of a zone that is short. Chains of anon_vmas per fork level (2.6.34):
// faster for servers with many children, harder to get right; one anon_vma per
// fork tree is enough here.

#include <mm/rmap.h>

#include <kernel/trace.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <mm/swap_cache.h>
#include <mm/zone.h>

#include "rmap_anon.h"

struct vm_counts vm_counts;

int rmap_prepare(struct vm_area *vma)
{
    struct anon_vma *anon;

    if (vma->anon_vma)
        return 0;
    anon = kmalloc(sizeof(*anon), GFP_KERNEL);
    if (!anon)
        return -ENOMEM;
    anon->users = 1;
    list_init(&anon->areas);
    list_add_tail(&vma->anon_link, &anon->areas);
    vma->anon_vma = anon;
    return 0;
}

void rmap_link(struct vm_area *vma, const struct vm_area *from)
{
    vma->anon_vma = from->anon_vma;
    if (!vma->anon_vma)
        return;
    vma->anon_vma->users++;
    list_add_tail(&vma->anon_link, &vma->anon_vma->areas);
}

void rmap_unlink(struct vm_area *vma)
{
    struct anon_vma *anon = vma->anon_vma;

    if (!anon)
        return;
    list_del(&vma->anon_link);
    vma->anon_vma = NULL;
    if (--anon->users == 0)
        kfree(anon);
}

static __always_inline void set_anon(struct page *page, struct vm_area *vma,
                                     user_addr_t addr)
{
    ASSERT(vma->anon_vma);
    page_set_state(page, PAGE_STATE_ANON);
    page->owner = vma->anon_vma;
    page->index = vma_pgoff_of(vma, addr);
}

// Where @mm counts pages of this kind.
static u32 *counter_of(struct mm *mm, const struct page *page)
{
    if (page_state(page) == PAGE_STATE_ANON)
        return &mm->anon_pages;
    return page_test(page, PG_SWAPBACKED) ? &mm->shmem_pages : &mm->file_pages;
}

void rmap_add(struct page *page, struct vm_area *vma, user_addr_t addr)
{
    bool anon = page_state(page) == PAGE_STATE_ANON;
    struct mm *mm = vma->mm;

    ++*counter_of(mm, page);
    mm->peak_rss = max(mm->peak_rss, mm_rss(mm));
    if (page->mapcount++ == 0) {
        if (anon) { // it may come from the swap cache with an owner that is
                    // gone
            set_anon(page, vma, addr);
            vm_counts.anon_mapped++;
        } else {
            vm_counts.file_mapped++;
        }
    }
    if (vma->flags & VM_LOCKED)
        lru_mlock(page);
}

void rmap_add_new_anon(struct page *page, struct vm_area *vma, user_addr_t addr)
{
    ASSERT(page->mapcount == 0);
    set_anon(page, vma, addr);
    rmap_count_anon(vma->mm, 1);
    page->mapcount = 1;
    vm_counts.anon_mapped++;
    if (vma->flags & VM_LOCKED)
        lru_mlock(page);
}

void rmap_remove(struct page *page, struct mm *mm)
{
    bool anon = page_state(page) == PAGE_STATE_ANON;

    ASSERT(page->mapcount > 0);
    --*counter_of(mm, page);
    page->mapcount--;
    if (page_test(page, PG_MLOCKED) && !rmap_is_locked(page))
        lru_munlock(page);
    if (page->mapcount > 0)
        return;
    if (anon)
        vm_counts.anon_mapped--;
    else
        vm_counts.file_mapped--;
}

// What rmap_walk does at an entry. Return: false to stop.
typedef bool (*rmap_fn)(struct page *page, struct vm_area *vma,
                        user_addr_t addr, pte_t *slot, void *arg);

static __always_inline bool walk_area(struct page *page, struct vm_area *vma,
                                      rmap_fn fn, void *arg, s32 *left)
{
    user_addr_t addr;
    pte_t *slot, pte;

    if (page->index < vma->pgoff || page->index - vma->pgoff >= vma_pages(vma))
        return true;
    addr = user_add(vma->start, (page->index - vma->pgoff) << PAGE_SHIFT);
    slot = pmap_lookup(&vma->mm->pmap, addr);
    if (!slot)
        return true;
    pte = pte_read(slot);
    if (!pte_is_present(pte) || !pfn_eq(pte_pfn(pte), page_to_pfn(page)))
        return true;
    return fn(page, vma, addr, slot, arg) && --*left > 0;
}

// Ends with the last entry: most pages have one, however many areas there are.
// Inline for aging and unmapping, which reclaim does with each page.
static __always_inline void walk_entries(struct page *page, rmap_fn fn,
                                         void *arg)
{
    struct vm_area *vma, *next;
    s32 left = page->mapcount;

    if (left == 0)
        return;
    if (page_state(page) == PAGE_STATE_ANON) {
        struct anon_vma *anon = page->owner;

        list_for_each_entry_safe (vma, next, &anon->areas, anon_link) {
            if (!walk_area(page, vma, fn, arg, &left))
                return;
        }
        return;
    }
    ASSERT(page_state(page) == PAGE_STATE_CACHE);
    list_for_each_entry_safe (
        vma, next, &((struct mapping *)page->owner)->areas, mapping_link) {
        if (!walk_area(page, vma, fn, arg, &left))
            return;
    }
}

static __noinline void rmap_walk(struct page *page, rmap_fn fn, void *arg)
{
    walk_entries(page, fn, arg);
}

struct referenced {
    u32 count, vm_flags;
};

static bool age_entry(struct page *page, struct vm_area *vma, user_addr_t addr,
                      pte_t *slot, void *arg)
{
    struct referenced *r = arg;
    pte_t pte = pte_read(slot);

    (void)page;
    r->vm_flags |= vma->flags;
    if (!pte_is_young(pte))
        return true;
    r->count++;
    // Only the CPU itself sets bits, and it is busy here: no exchange needed.
    pte_write(slot, trace_on(sample) ? pte_age(pte) : pte_mkold(pte));
    pmap_flush_page(&vma->mm->pmap, addr);
    return true;
}

u32 rmap_referenced(struct page *page, u32 *vm_flags)
{
    struct referenced r = {0, 0};

    walk_entries(page, age_entry, &r);
    *vm_flags = r.vm_flags;
    return r.count;
}

static bool unmap_entry(struct page *page, struct vm_area *vma,
                        user_addr_t addr, pte_t *slot, void *arg)
{
    bool *failed = arg;
    pte_t pte, replacement = PTE_NONE;

    if (vma->flags & VM_LOCKED) {
        *failed = true;
        return false;
    }
    if (page_state(page) == PAGE_STATE_ANON) {
        swap_entry_t entry = {page->private};

        ASSERT(page_test(page, PG_SWAPCACHE));
        if (swap_get(entry)) {
            *failed = true;
            return false;
        }
        replacement = pte_make_swap(entry);
        vma->mm->swap_entries++;
    }
    pte = pte_exchange(slot, replacement);
    pmap_flush_page(&vma->mm->pmap, addr);
    if (pte_is_dirty(pte))
        page_mark_dirty(page);
    rmap_remove(page, vma->mm);
    page_put_shared(page); // the caller has one
    return true;
}

bool rmap_unmap_all(struct page *page)
{
    bool failed = false;

    ASSERT(page->refcount > page->mapcount);
    walk_entries(page, unmap_entry, &failed);
    if (failed)
        return false;
    ASSERT(page->mapcount == 0); // else an area was not found: a lost mapping
    return true;
}

static bool clean_entry(struct page *page, struct vm_area *vma,
                        user_addr_t addr, pte_t *slot, void *arg)
{
    bool *was_dirty = arg;
    pte_t pte = pte_read(slot);

    (void)page;
    if (!pte_is_writable(pte) && !pte_is_dirty(pte))
        return true;
    *was_dirty |= pte_is_dirty(pte);
    pte_write(slot, pte_wrprotect(pte_mkclean(pte)));
    pmap_flush_page(&vma->mm->pmap, addr);
    return true;
}

bool rmap_mkclean(struct page *page)
{
    bool was_dirty = false;

    ASSERT(page_state(page) == PAGE_STATE_CACHE && page->owner);
    rmap_walk(page, clean_entry, &was_dirty);
    return was_dirty;
}

static bool find_locked(struct page *page, struct vm_area *vma,
                        user_addr_t addr, pte_t *slot, void *arg)
{
    bool *locked = arg;

    (void)page;
    (void)addr;
    (void)slot;
    *locked = vma->flags & VM_LOCKED;
    return !*locked;
}

bool rmap_is_locked(struct page *page)
{
    bool locked = false;

    if (page->owner) // else truncated, and being unmapped
        rmap_walk(page, find_locked, &locked);
    return locked;
}

static bool find_dirty(struct page *page, struct vm_area *vma, user_addr_t addr,
                       pte_t *slot, void *arg)
{
    bool *dirty = arg;

    (void)page;
    (void)vma;
    (void)addr;
    *dirty |= pte_is_dirty(pte_read(slot));
    return !*dirty;
}

static bool forget_entry(struct page *page, struct vm_area *vma,
                         user_addr_t addr, pte_t *slot, void *arg)
{
    (void)arg;
    pte_write(slot, PTE_NONE);
    pmap_flush_page(&vma->mm->pmap, addr);
    rmap_remove(page, vma->mm);
    page_put_shared(page); // the caller has one
    return true;
}

bool rmap_unmap_lazyfree(struct page *page)
{
    bool dirty = page_test(page, PG_DIRTY);

    ASSERT(page->refcount > page->mapcount);
    // No program runs meanwhile: what is clean now stays so.
    rmap_walk(page, find_dirty, &dirty);
    if (dirty) {
        page_mark_dirty(page);
        return false;
    }
    rmap_walk(page, forget_entry, NULL);
    ASSERT(page->mapcount == 0);
    return true;
}
