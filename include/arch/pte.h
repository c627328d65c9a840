// include/arch/pte.h - page-table entries, 2-level format
// SPDX-License-Identifier: MIT
//
// Accessors only; walks are in arch/x86/pmap.c. An entry of a user page is
//
//   present        bit 0 set: a hardware entry
//   PROT_NONE      bit 0 clear, bit 7 set: a page that may not be touched; the
//                  frame and the A, D and W bits stand where they always do
//   swapped out    bit 0 and 7 clear, not 0: area in bits 1-5, slot in 8-31
//   none           0
//
// "present" for mm means the first two. Source: SDM vol. 3A, 4.3, table 4-6.
#pragma once

#include <base/compiler.h>
#include <mm/addr.h>

typedef struct {
    u32 v;
} pte_t;

#define PTE_P         0x001u
#define PTE_W         0x002u
#define PTE_U         0x004u
#define PTE_PWT       0x008u
#define PTE_PCD       0x010u
#define PTE_A         0x020u
#define PTE_D         0x040u
#define PTE_PROT_NONE 0x080u // only with PTE_P clear
#define PTE_G         0x100u
#define PTE_FRAME     0xfffff000u

#define PTES_PER_TABLE 1024u
#define PTE_TABLE_SPAN (PTES_PER_TABLE * PAGE_SIZE) // bytes one table maps

#define PTE_NONE ((pte_t){0})

static inline pte_t pte_read(const pte_t *slot)
{
    return (pte_t){READ_ONCE(slot->v)};
}

static inline void pte_write(pte_t *slot, pte_t pte)
{
    WRITE_ONCE(slot->v, pte.v);
}

// Fetch and replace in one step, so that an A or D bit that the CPU sets at
// that moment is not lost.
static inline pte_t pte_exchange(pte_t *slot, pte_t pte)
{
    __asm__ volatile("xchgl %0, %1" : "+r"(pte.v), "+m"(slot->v) : : "memory");
    return pte;
}

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
static inline bool pte_is_young(pte_t p)
{
    return p.v & PTE_A;
}
// Accessible at all: false for a PROT_NONE page.
static inline bool pte_is_accessible(pte_t p)
{
    return p.v & PTE_P;
}

static inline pfn_t pte_pfn(pte_t p)
{
    return pfn(p.v >> PAGE_SHIFT);
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
    return (pte_t){p.v & ~PTE_W};
}
static inline pte_t pte_mkclean(pte_t p)
{
    return (pte_t){p.v & ~PTE_D};
}
static inline pte_t pte_mkold(pte_t p)
{
    return (pte_t){p.v & ~PTE_A};
}

// An entry for a user page: @prot of enum pmap_prot. Without PMAP_READ and
// PMAP_EXEC it is a PROT_NONE one. Not writable unless PMAP_WRITE.
// (2-level tables have no execute permission.)
static inline pte_t pte_make_user(pfn_t frame, u32 prot)
{
    u32 v = frame.v << PAGE_SHIFT | PTE_U;

    v |= (prot & 7u) ? PTE_P : PTE_PROT_NONE;
    if (prot & 2u)
        v |= PTE_W;
    return (pte_t){v};
}

// The same frame, A and D under another protection (mprotect). Writable only
// if @prot says so; the caller clears that again for copy-on-write pages.
static inline pte_t pte_modify(pte_t p, u32 prot)
{
    pte_t n = pte_make_user(pte_pfn(p), prot);

    n.v |= p.v & (PTE_A | PTE_D);
    return n;
}

static inline pte_t pte_make_swap(swap_entry_t e)
{
    return (pte_t){swap_entry_area(e) << 1 | swap_entry_slot(e) << 8};
}

static inline swap_entry_t pte_swap_entry(pte_t p)
{
    return swap_entry(p.v >> 1 & 0x1fu, p.v >> 8);
}
