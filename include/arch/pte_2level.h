// include/arch/pte_2level.h - page-table entries of 32 bits
// SPDX-License-Identifier: MIT
//
// What arch/pte.h builds on in kernel.elf. An entry that is out holds the area
// in bits 1-5 and the slot in 8-31. Execution cannot be forbidden.
//
// Source: SDM vol. 3A, 4.3, table 4-6.
#pragma once

#include <arch/pte_bits.h>
#include <base/compiler.h>
#include <mm/addr.h>

typedef u32 pte_word_t; // an entry as a number

typedef struct {
    pte_word_t v;
} pte_t;

#define PTE_FRAME      0xfffff000u
#define PTES_PER_TABLE 1024u

// pte_nx - the bit that forbids execution; 0 where there is none.
static inline pte_word_t pte_nx(void)
{
    return 0;
}

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

static inline pte_t pte_make_swap(swap_entry_t e)
{
    return (pte_t){swap_entry_area(e) << 1 | swap_entry_slot(e) << 8};
}

static inline swap_entry_t pte_swap_entry(pte_t p)
{
    return swap_entry(p.v >> 1 & 0x1fu, p.v >> 8);
}
