// include/arch/pte.h - page-table entries
// SPDX-License-Identifier: MIT
//
// Accessors only; walks are in arch/x86/pmap.c. FAULTLINE_PAE chooses the
// format, one per kernel: 0, kernel.elf, two levels (pte_2level.h); 1,
// kernel-pae.elf, three (pte_pae.h). Here is what both have in common, and mm
// needs nothing else. An entry of a user page is
//
//   present        bit 0 set: a hardware entry
//   PROT_NONE      bit 0 clear, bit 7 set: a page that may not be touched; the
//                  frame and the A, D and W bits stand where they always do
//   swapped out    bit 0 and 7 clear, not 0: the format says how
//   none           0
//
// "present" for mm means the first two.
#pragma once

#if FAULTLINE_PAE
#include <arch/pte_pae.h>
#else
#include <arch/pte_2level.h>
#endif

#define PTE_TABLE_SPAN (PTES_PER_TABLE * PAGE_SIZE) // bytes one table maps

#define PTE_NONE ((pte_t){0})

static inline bool pte_eq(pte_t a, pte_t b)
{
    return a.v == b.v;
}
static inline bool pte_is_none(pte_t p)
{
    return p.v == 0;
}
static inline bool pte_is_present(pte_t p)
{
    return p.v & (PTE_P | PTE_PROT_NONE);
}
static inline bool pte_is_swap(pte_t p)
{
    return p.v && !pte_is_present(p);
}
static inline bool pte_is_writable(pte_t p)
{
    return p.v & PTE_W;
}
static inline bool pte_is_dirty(pte_t p)
{
    return p.v & PTE_D;
}
// Used since pte_mkold.
static inline bool pte_is_young(pte_t p)
{
    return p.v & (PTE_A | PTE_TAKEN);
}
// Used since pte_sample.
static inline bool pte_is_unsampled(pte_t p)
{
    return p.v & (PTE_A | PTE_AGED);
}
// Accessible at all: false for a PROT_NONE page.
static inline bool pte_is_accessible(pte_t p)
{
    return p.v & PTE_P;
}

static inline pfn_t pte_pfn(pte_t p)
{
    return pfn((u32)((p.v & PTE_FRAME) >> PAGE_SHIFT));
}

static inline pte_t pte_mkwrite(pte_t p)
{
    return (pte_t){p.v | PTE_W};
}
static inline pte_t pte_mkdirty(pte_t p)
{
    return (pte_t){p.v | PTE_D};
}
static inline pte_t pte_mkyoung(pte_t p)
{
    return (pte_t){p.v | PTE_A};
}
static inline pte_t pte_wrprotect(pte_t p)
{
    return (pte_t){p.v & ~(pte_word_t)PTE_W};
}
static inline pte_t pte_mkclean(pte_t p)
{
    return (pte_t){p.v & ~(pte_word_t)PTE_D};
}
static inline pte_t pte_mkold(pte_t p)
{
    return (pte_t){p.v & ~(pte_word_t)(PTE_A | PTE_TAKEN | PTE_AGED)};
}
// As pte_mkold, but the sampler will learn of it. pte_sample: the reverse.
static inline pte_t pte_age(pte_t p)
{
    pte_word_t aged = pte_is_unsampled(p) ? PTE_AGED : 0;

    return (pte_t){pte_mkold(p).v | aged};
}
static inline pte_t pte_sample(pte_t p)
{
    pte_word_t taken = pte_is_young(p) ? PTE_TAKEN : 0;

    return (pte_t){pte_mkold(p).v | taken};
}

// An entry for a user page: @prot of enum pmap_prot. Without all three of
// PMAP_READ, PMAP_WRITE and PMAP_EXEC it is a PROT_NONE one. Not writable
// unless PMAP_WRITE; not executable unless PMAP_EXEC, where that can be said.
static inline pte_t pte_make_user(pfn_t frame, u32 prot)
{
    pte_word_t v = (pte_word_t)frame.v << PAGE_SHIFT | PTE_U;

    v |= (prot & 7u) ? PTE_P : PTE_PROT_NONE;
    if (prot & 2u)
        v |= PTE_W;
    if (!(prot & 4u))
        v |= pte_nx();
    return (pte_t){v};
}

// The same frame, A and D under another protection (mprotect). Writable only
// if @prot says so; the caller clears that again for copy-on-write pages.
static inline pte_t pte_modify(pte_t p, u32 prot)
{
    pte_t n = pte_make_user(pte_pfn(p), prot);

    n.v |= p.v & (PTE_A | PTE_D | PTE_TAKEN | PTE_AGED);
    return n;
}
