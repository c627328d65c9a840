// include/arch/pte_pae.h - page-table entries of 64 bits
// SPDX-License-Identifier: MIT
//
// What arch/pte.h builds on in kernel-pae.elf. An entry that is out holds the
// swap entry in its high half, and 0 in the low one.
//
// The CPU reads an entry whenever it likes, also between the two stores that
// change it, and sets A and D in the low half. So an entry whose high half
// changes is made not present first, and gets its P bit with the last store;
// one whose high half stays is replaced by one store, and may be in use (the
// kernel's own text is, when pmap_init_kernel writes its entries anew).
//
// Reading needs no such care: the only other writer is the CPU, to the low
// half, and no interrupt handler writes a slot that it may have interrupted the
// reading of.
//
// Rejected: cmpxchg8b. Three plain stores are less, and the moment of "not
// present" between them hurts nobody on one CPU.
//
// Source: SDM vol. 3A, 4.4, table 4-11; 4.10.4.3 (what may be cached).
#pragma once

#include <arch/pte_bits.h>
#include <base/compiler.h>
#include <mm/addr.h>

typedef u64 pte_word_t; // an entry as a number

typedef struct {
    pte_word_t v;
} pte_t;

#define PTE_FRAME      0x000ffffffffff000ull
#define PTE_NX         (1ull << 63)
#define PTES_PER_TABLE 512u

// PTE_NX; 0 on a CPU without it, where the bit is reserved. Constant from
// before paging on (arch/x86/pmap_pae.c).
extern pte_word_t pte_nx_bit;

// pte_nx - the bit that forbids execution; 0 where there is none.
static inline pte_word_t pte_nx(void)
{
    return pte_nx_bit;
}

// The low half, then the high one: x86 is little-endian.
static inline u32 *pte_halves(pte_t *slot)
{
    return (u32 *)&slot->v;
}

static inline pte_t pte_read(const pte_t *slot)
{
    return (pte_t){READ_ONCE(slot->v)};
}

static inline void pte_write(pte_t *slot, pte_t pte)
{
    u32 *half = pte_halves(slot);
    u32 high = (u32)(pte.v >> 32);

    if (READ_ONCE(half[1]) != high) {
        WRITE_ONCE(half[0], 0);
        WRITE_ONCE(half[1], high);
    }
    WRITE_ONCE(half[0], (u32)pte.v);
}

// Fetch and replace, so that an A or D bit that the CPU sets at that moment is
// not lost: once the low half is 0 it sets none any more.
static inline pte_t pte_exchange(pte_t *slot, pte_t pte)
{
    u32 *half = pte_halves(slot);
    u32 low = 0, high;

    __asm__ volatile("xchgl %0, %1" : "+r"(low), "+m"(half[0]) : : "memory");
    high = READ_ONCE(half[1]);
    WRITE_ONCE(half[1], (u32)(pte.v >> 32));
    WRITE_ONCE(half[0], (u32)pte.v);
    return (pte_t){(u64)high << 32 | low};
}

static inline pte_t pte_make_swap(swap_entry_t e)
{
    return (pte_t){(u64)e.v << 32};
}

static inline swap_entry_t pte_swap_entry(pte_t p)
{
    return (swap_entry_t){(u32)(p.v >> 32)};
}
