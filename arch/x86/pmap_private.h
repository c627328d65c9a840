// arch/x86/pmap_private.h - top-level entries, for pmap.c and pmap_init.c
// SPDX-License-Identifier: MIT
//
// Source: Intel SDM 3A 4.3, tables 4-4 and 4-5.
#pragma once

#include <arch/cpu.h>
#include <arch/pte.h>
#include <mm/layout.h>
#include <mm/pmap.h>

#include "cpu_regs.h"

#define PDE_LARGE      0x080u // a 4 MiB page, not a table
#define PDES_PER_TABLE 1024u
#define PDE_SPAN       PTE_TABLE_SPAN
#define PDE_KERNEL     (PAGE_OFFSET / PDE_SPAN) // first of the kernel's

static inline u32 pde_index(u32 addr)
{
    return addr / PDE_SPAN;
}
static inline u32 pte_index(u32 addr)
{
    return addr / PAGE_SIZE % PTES_PER_TABLE;
}

// An entry for a table in low memory. Permissions are in the tables' entries.
static inline u32 pde_make(const void *table, u32 user)
{
    return (u32)virt_to_phys(table).v | PTE_P | PTE_W | user;
}

static inline pte_t *pde_table(u32 pde)
{
    return phys_to_virt(phys_addr(pde & PTE_FRAME));
}

static inline void tlb_flush_page(u32 addr)
{
    __asm__ volatile("invlpg %0" : : "m"(*(u8 *)(uintptr_t)addr) : "memory");
}

// All but global pages.
static inline void tlb_flush_user(void)
{
    cr3_write(cr3_read());
}
