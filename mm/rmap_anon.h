// mm/rmap_anon.h - mapping an anonymous page once more, or once less, in few
// instructions
// SPDX-License-Identifier: MIT
//
// What rmap_add and rmap_remove do, for the pages that most entries name, by
// who walks over many of them. The address space's count is the caller's
// business, once for all: rmap_count_anon.
#pragma once

#include <mm/rmap.h>

#include "counts.h"

// rmap_is_plain_anon - whether this is all there is to do for @page:
// anonymous, and not PG_MLOCKED.
static inline bool rmap_is_plain_anon(const struct page *page)
{
    return (page->flags & (PAGE_STATE_MASK | 1u << PG_MLOCKED)) ==
           PAGE_STATE_ANON;
}

// rmap_share_anon - another entry maps @page, which is mapped; its area is of
// the same family (anon_vma), and not VM_LOCKED.
static inline void rmap_share_anon(struct page *page)
{
    ASSERT(page->mapcount > 0);
    page->mapcount++;
}

// rmap_drop_anon - an entry maps @page no more. Return: whether another does.
static inline bool rmap_drop_anon(struct page *page)
{
    ASSERT(page->mapcount > 0);
    if (--page->mapcount > 0)
        return true;
    vm_counts.anon_mapped--;
    return false;
}

// rmap_count_anon - @pages, less than 0 when they go, for which the above were
// called.
static inline void rmap_count_anon(struct mm *mm, s32 pages)
{
    mm->anon_pages += (u32)pages;
    if (mm_rss(mm) > mm->peak_rss)
        mm->peak_rss = mm_rss(mm);
}
