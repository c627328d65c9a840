// include/mm/rmap.h - from a page to the entries that map it
// SPDX-License-Identifier: MIT
//
// Anonymous pages: page->owner is an anon_vma, shared by all areas that fork
// made out of one, and page->index the page number within them; the area's
// address follows from its pgoff. File pages: page->owner is the mapping, which
// lists the areas that map it.
//
// A walk never sleeps, so on one CPU it is atomic. An anon_vma lives as long as
// one area is linked to it; a page may point to a dead one once nothing maps
// it: owner of an anonymous page is followed only while mapcount > 0.
#pragma once

#include <mm/page_alloc.h>
#include <mm/vma.h>

struct anon_vma {
    u32 users; // areas linked
    struct list_head areas;
};

// rmap_prepare - make sure @vma has an anon_vma, before its first anonymous
// page. Return: 0; -ENOMEM. May sleep.
__must_check int rmap_prepare(struct vm_area *vma);

// rmap_link - @vma joins the anon_vma (may be NULL) of @from. rmap_unlink -
// it leaves. No sleep.
void rmap_link(struct vm_area *vma, const struct vm_area *from);
void rmap_unlink(struct vm_area *vma);

// A PTE of @vma at @addr now maps @page (the reference is the caller's to
// give) / does no more. Counts in the page and in the address space; a page
// that a VM_LOCKED area maps is PG_MLOCKED. @mm's entry is gone already.
void rmap_add(struct page *page, struct vm_area *vma, user_addr_t addr);
void rmap_remove(struct page *page, struct mm *mm);

// rmap_add for a page that is new: it becomes ANON, with owner and index of
// @vma at @addr.
void rmap_add_new_anon(struct page *page, struct vm_area *vma,
                       user_addr_t addr);

// rmap_referenced - how many entries were used since the last call; clears it.
// *@vm_flags: all VM_* of the areas that map it, or-ed.
u32 rmap_referenced(struct page *page, u32 *vm_flags);

// rmap_unmap_all - take @page out of all page tables. Anonymous ones must be in
// the swap cache: its entry takes the page's place. Dirty bits go to PG_DIRTY.
// Return: true when nothing maps it any more; false: a swap count would
// overflow, or the area is locked.
bool rmap_unmap_all(struct page *page);

// rmap_is_locked - whether a VM_LOCKED area maps @page. No sleep.
bool rmap_is_locked(struct page *page);

// rmap_unmap_lazyfree - @page is PG_LAZYFREE: if nobody has written to it,
// take it out of all page tables. Return: false: somebody has (PG_DIRTY is
// set), and nothing was changed. No sleep.
bool rmap_unmap_lazyfree(struct page *page);

// rmap_mkclean - nobody can write to @page, of a file, without a fault any
// more, and no entry is dirty: before it is written to its store. Return:
// whether an entry was dirty. No sleep.
bool rmap_mkclean(struct page *page);
