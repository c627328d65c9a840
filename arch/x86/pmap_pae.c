// arch/x86/pmap_pae.c - page tables with four directories: kernel-pae.elf
// SPDX-License-Identifier: MIT
//
// The root is the page-directory-pointer table, four entries for 1 GiB each,
// which the CPU reads when CR3 is loaded and never again. So it never changes:
// a pmap has all its directories from the start, three of its own and, since
// PAGE_OFFSET is where the fourth begins, the kernel's, which all share. What
// the kernel maps is thereby seen everywhere at once.
//
// The root's entries have no permission bits; all but P and the frame must be
// 0.
//
// Source: Intel SDM 3A 4.4, tables 4-8 to 4-11; 4.4.1 (loading CR3).
#include "arch_private.h"

#include <base/assert.h>
#include <base/errno.h>

#include "pmap_private.h"

#define DIRECTORIES      4u
#define DIRECTORY_KERNEL (PAGE_OFFSET >> PMAP_DIRECTORY_SHIFT)

static_assert(DIRECTORY_KERNEL == DIRECTORIES - 1 &&
                  PAGE_OFFSET % (1u << PMAP_DIRECTORY_SHIFT) == 0,
              "one directory is the kernel's, and holds nothing else");

pte_t kernel_root[DIRECTORIES] __aligned(PMAP_ROOT_BYTES);
static pte_t kernel_directory[PDES_PER_DIRECTORY] __section(".bss.page")
    __aligned(4096);

static_assert(sizeof(kernel_root) == PMAP_ROOT_BYTES, "SDM 3A 4.4.1");

pte_word_t pte_nx_bit;

static pte_t root_entry(const void *directory)
{
    return (pte_t){virt_to_phys(directory).v | PTE_P};
}

static void *directory_of(pte_t entry)
{
    return phys_to_virt(phys_addr(entry.v & PTE_FRAME));
}

void pmap_format_enable(void)
{
    if (!cpu_has(CPU_PAE))
        boot_die("this kernel is for CPUs with PAE; kernel.elf is for others");
    cr4_write(CR4_PAE);
    // Before any entry has the bit: it is reserved until then.
    if (cpu_has(CPU_NX)) {
        msr_write(MSR_EFER, msr_read(MSR_EFER) | MSR_EFER_NXE);
        pte_nx_bit = PTE_NX;
    }
    kernel_root[DIRECTORY_KERNEL] = root_entry(kernel_directory);
}

void pmap_format_identity(void)
{
    kernel_root[0] = kernel_root[DIRECTORY_KERNEL];
}

bool pmap_has_large(void)
{
    return true; // PAE has them, whatever the PSE bit says
}

int pmap_root_create(struct pmap *pmap)
{
    pte_t *root = pmap_root_alloc();

    pmap->root = root;
    if (!root)
        return -ENOMEM;
    ASSERT(IS_ALIGNED((u32)(uintptr_t)root, PMAP_ROOT_BYTES));
    for (u32 i = 0; i < DIRECTORY_KERNEL; i++) {
        void *directory = pmap_table_alloc();

        if (!directory) {
            pmap_root_destroy(pmap);
            return -ENOMEM;
        }
        root[i] = root_entry(directory);
    }
    root[DIRECTORY_KERNEL] = kernel_root[DIRECTORY_KERNEL];
    return 0;
}

void pmap_root_destroy(struct pmap *pmap)
{
    const pte_t *root = pmap->root;

    for (u32 i = 0; i < DIRECTORY_KERNEL; i++) {
        if (root[i].v & PTE_P)
            pmap_table_free(directory_of(root[i]));
    }
    pmap_root_free(pmap->root);
    pmap->root = NULL;
}

const void *pmap_directory(const struct pmap *pmap, u32 index)
{
    const pte_t *root = pmap->root;

    return index < DIRECTORY_KERNEL ? directory_of(root[index]) : NULL;
}

const pte_t *pmap_pde_from(u32 cr3, u32 addr)
{
    u32 root = ALIGN_DOWN(cr3, PMAP_ROOT_BYTES);
    pte_t entry;

    if (root >= LOWMEM_MAX_BYTES)
        return NULL;
    entry = ((const pte_t *)phys_to_virt(
        phys_addr(root)))[addr >> PMAP_DIRECTORY_SHIFT];
    if (!(entry.v & PTE_P) || (entry.v & PTE_FRAME) >= LOWMEM_MAX_BYTES)
        return NULL;
    return (const pte_t *)directory_of(entry) + pde_index(addr);
}

pfn_t pmap_frames_end(void)
{
    // pfn_t has 32 bits.
    return pfn(1u << (min(cpu_physical_bits(), 43u) - PAGE_SHIFT));
}

bool pmap_enforces_exec(void)
{
    return pte_nx_bit;
}
