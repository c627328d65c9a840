// arch/x86/pmap_private.h - what the files of the page tables share
// SPDX-License-Identifier: MIT
//
// Words: a table holds entries of pages; a directory holds entries of tables,
// or of large pages, which are as wide (pte_t). With two levels the root is the
// one directory; with three it is four entries for four directories of 1 GiB.
//
//   pmap.c         the walk, user tables, flushing
//   pmap_init.c    the kernel's own tables
//   pmap_report.c  looking at tables: oops, check of the kernel's permissions
//   pmap_2level.c  or
//   pmap_pae.c     what is above the tables, in one format or the other
//
// Source: Intel SDM 3A 4.3 and 4.4.
#pragma once

#include <arch/cpu.h>
#include <arch/pte.h>
#include <mm/layout.h>
#include <mm/pmap.h>

#include "arch_private.h"
#include "cpu_regs.h"

#define PDE_SPAN PTE_TABLE_SPAN // bytes that a directory's entry maps

// ---- by format --------------------------------------------------------------

#if FAULTLINE_PAE
#define PDES_PER_DIRECTORY 512u
#define PMAP_FORMAT        "3-level (PAE)"
#else
#define PDES_PER_DIRECTORY 1024u
#define PMAP_FORMAT        "2-level"
#endif

// kernel_pmap's root, in use from start.S on. Its first entry maps what the
// kernel's first one does until start.S, running at last where it is linked,
// clears it.
extern pte_t kernel_root[];

// pmap_format_enable - set CR4 and EFER to this format, and connect kernel_root
// to the kernel's directory; before paging. Stops if the CPU cannot.
void pmap_format_enable(void);

// pmap_format_identity - map at 0 what is mapped at PAGE_OFFSET.
void pmap_format_identity(void);

// Whether a directory's entry may be a page of PDE_SPAN.
bool pmap_has_large(void);

// pmap_root_create - @pmap->root and directories, the kernel's part the same as
// kernel_pmap's. Return: 0; -ENOMEM. pmap_root_destroy: no tables are left.
__must_check int pmap_root_create(struct pmap *pmap);
void pmap_root_destroy(struct pmap *pmap);

// pmap_pde_from - for reports: the entry of @addr in the directory that @cr3
// leads to; NULL if there is none, or it lies out of reach. Trusts nothing.
const pte_t *pmap_pde_from(u32 cr3, u32 addr);

// pmap_directory_of - the directory that @addr's entry is in. Inline: each
// fault comes by.
#if FAULTLINE_PAE
#define PMAP_DIRECTORY_SHIFT 30u // a directory maps 1 GiB

static inline pte_t *pmap_directory_of(const struct pmap *pmap, u32 addr)
{
    const pte_t *root = pmap->root;

    return phys_to_virt(
        phys_addr((u32)root[addr >> PMAP_DIRECTORY_SHIFT].v & PAGE_MASK));
}
#else
static inline pte_t *pmap_directory_of(const struct pmap *pmap, u32 addr)
{
    (void)addr;
    return pmap->root;
}
#endif

// ---- in both ----------------------------------------------------------------

static inline u32 pde_index(u32 addr)
{
    return addr / PDE_SPAN % PDES_PER_DIRECTORY;
}
static inline u32 pte_index(u32 addr)
{
    return addr / PAGE_SIZE % PTES_PER_TABLE;
}

// pmap_pde - the entry of @addr in its directory. Directories are there for all
// addresses of a user pmap, and for the kernel's of kernel_pmap.
static inline pte_t *pmap_pde(const struct pmap *pmap, u32 addr)
{
    return pmap_directory_of(pmap, addr) + pde_index(addr);
}

// An entry for a table in low memory. Permissions are in the tables' entries.
static inline pte_t pde_make(const void *table, u32 user)
{
    return (pte_t){(pte_word_t)virt_to_phys(table).v | PTE_P | PTE_W | user};
}

static inline bool pde_is_table(pte_t pde)
{
    return ((u32)pde.v & (PTE_P | PTE_LARGE)) == PTE_P;
}

static inline pte_t *pde_table(pte_t pde)
{
    return phys_to_virt(phys_addr(pde.v & PTE_FRAME));
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
