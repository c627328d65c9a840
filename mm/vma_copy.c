// mm/vma_copy.c - the entries of an area, copied for a child
// SPDX-License-Identifier: MIT
//
// Entries are copied in runs: neighbours in one table, up to the first that is
// none. Nothing sleeps within a run, so that what it adds to the child's
// counts is told at its end. Nearly all entries name an anonymous page that is
// mapped, and there is little to do for one of these (share_anon()): no list
// and no count but its own changes.
#include <mm/mm.h>

#include <mm/page_alloc.h>
#include <mm/swap_cache.h>

#include "rmap_anon.h"
#include "vma_ops.h"

// An area's entries of one table, in the parent and in the child.
struct run {
    struct vm_area *child;
    user_addr_t addr;
    pte_t *from, *to;
    u32 count;
};

// What both have of the parent's entry from now on.
static __always_inline pte_t shared_entry(const struct vm_area *child,
                                          pte_t *slot, pte_t pte)
{
    if (!(child->flags & VM_SHARED) && pte_is_writable(pte)) {
        pte = pte_wrprotect(pte);
        pte_write(slot, pte);
    }
    return pte_mkold(pte);
}

// A present entry of any kind.
static void copy_present(struct vm_area *child, user_addr_t addr, pte_t *slot,
                         pte_t *child_slot)
{
    pte_t pte = pte_read(slot);
    struct page *page = pfn_to_page(pte_pfn(pte));

    if (page_state(page) != PAGE_STATE_RESERVED) {
        page_get(page);
        rmap_add(page, child, addr);
    }
    pte_write(child_slot, shared_entry(child, slot, pte));
}

// Copy one entry. Return: 0; -ENOMEM.
static int copy_entry(struct vm_area *child, user_addr_t addr, pte_t *slot,
                      pte_t *to)
{
    pte_t pte = pte_read(slot);

    if (pte_is_present(pte)) {
        copy_present(child, addr, slot, to);
        return 0;
    }
    if (swap_get(pte_swap_entry(pte)))
        return -ENOMEM;
    child->mm->swap_entries++;
    pte_write(to, pte);
    return 0;
}

// The same for an anonymous page, but for the child's count. A child's area is
// not VM_LOCKED. Return: false if the entry names something else.
static __always_inline bool share_anon(const struct vm_area *child, pte_t *slot,
                                       pte_t pte, pte_t *to)
{
    struct page *page;

    if (!pte_is_present(pte))
        return false;
    page = pfn_to_page(pte_pfn(pte));
    if (page_state(page) != PAGE_STATE_ANON)
        return false;
    page_get(page);
    rmap_share_anon(page);
    pte_write(to, shared_entry(child, slot, pte));
    return true;
}

// Copy entries up to the first that is none. Return: 0; -ENOMEM: some of them.
// *@out_count: how many there were.
static int copy_run(const struct run *run, u32 *out_count)
{
    s32 anon = 0;
    int err = 0;
    u32 i;

    for (i = 0; i < run->count && !err; i++) {
        pte_t pte = pte_read(&run->from[i]); // reclaim may have changed it

        if (pte_is_none(pte))
            break;
        if (likely(share_anon(run->child, &run->from[i], pte, &run->to[i])))
            anon++;
        else
            err = copy_entry(run->child, user_add(run->addr, i << PAGE_SHIFT),
                             &run->from[i], &run->to[i]);
    }
    rmap_count_anon(run->child->mm, anon);
    *out_count = i;
    return err;
}

// The child's slot for @addr. NULL: no memory. May sleep.
static pte_t *child_slot(struct mm *parent, struct mm *child, user_addr_t addr)
{
    pte_t *slot = pmap_lookup(&child->pmap, addr);

    if (slot)
        return slot;
    // This may sleep: threads of the parent must not go on writing through old
    // translations meanwhile.
    pmap_flush_all(&parent->pmap);
    return pmap_slot(&child->pmap, addr);
}

// How many entries from @addr on lie in one table and before @end.
static u32 entries_left(user_addr_t addr, user_addr_t end)
{
    u32 in_table = PTE_TABLE_SPAN - (addr.v & (PTE_TABLE_SPAN - 1));

    return min(in_table, user_bytes(addr, end)) >> PAGE_SHIFT;
}

int vma_copy_entries(struct vm_area *vma, struct vm_area *child)
{
    struct run run = {.child = child, .addr = vma->start};
    user_addr_t last = vma->start;
    u32 done;

    // Only page-cache pages in it: they will be faulted in again.
    if (vma->mapping && !vma->anon_vma)
        return 0;
    while ((run.from = pmap_next_used(&vma->mm->pmap, &run.addr, vma->end))) {
        if (run.to && run.addr.v / PTE_TABLE_SPAN == last.v / PTE_TABLE_SPAN)
            run.to += user_bytes(last, run.addr) >> PAGE_SHIFT;
        else
            run.to = child_slot(vma->mm, child->mm, run.addr);
        if (!run.to)
            return -ENOMEM;
        run.count = entries_left(run.addr, vma->end);
        if (copy_run(&run, &done))
            return -ENOMEM;
        last = run.addr;
        // One more is none, or another table's.
        run.addr = user_add(run.addr, done << PAGE_SHIFT);
    }
    return 0;
}
