// arch/x86/pmap_2level.c - page tables with one directory: kernel.elf
// SPDX-License-Identifier: MIT
//
// The root is a page of 1024 entries. Its upper quarter is a copy of the
// kernel's, whose entries never change once a second pmap exists.
//
// Source: Intel SDM 3A 4.3.
#include "arch_private.h"

#include <base/assert.h>
#include <base/errno.h>
#include <lib/string.h>

#include "pmap_private.h"

#define PDE_KERNEL (PAGE_OFFSET / PDE_SPAN) // first of the kernel's

pte_t kernel_root[PDES_PER_DIRECTORY] __section(".bss.page") __aligned(4096);

void pmap_format_enable(void)
{
    if (cpu_has_cr4())
        cr4_write(cpu_has(CPU_PSE) ? CR4_PSE : 0);
}

void pmap_format_identity(void)
{
    kernel_root[0] = kernel_root[PDE_KERNEL];
}

bool pmap_has_large(void)
{
    return cpu_has(CPU_PSE);
}

int pmap_root_create(struct pmap *pmap)
{
    pte_t *root = pmap_table_alloc();

    if (!root)
        return -ENOMEM;
    memcpy(root + PDE_KERNEL, kernel_root + PDE_KERNEL,
           (PDES_PER_DIRECTORY - PDE_KERNEL) * sizeof(*root));
    pmap->root = root;
    return 0;
}

void pmap_root_destroy(struct pmap *pmap)
{
    pmap_table_free(pmap->root);
    pmap->root = NULL;
}

const void *pmap_directory(const struct pmap *pmap, u32 index)
{
    return index == 0 ? pmap->root : NULL;
}

const pte_t *pmap_pde_from(u32 cr3, u32 addr)
{
    u32 root = cr3 & PTE_FRAME;

    if (root >= LOWMEM_MAX_BYTES)
        return NULL;
    return (const pte_t *)phys_to_virt(phys_addr(root)) + pde_index(addr);
}

pfn_t pmap_frames_end(void)
{
    return pfn(1u << (32 - PAGE_SHIFT));
}

bool pmap_enforces_exec(void)
{
    return false;
}
