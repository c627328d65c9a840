// arch/x86/pmap_init.c - the kernel's own page tables, built twice
// SPDX-License-Identifier: MIT
//
// pmap_boot_init, before paging and without knowing what memory there is: the
// first 16 MiB by 4 KiB pages at PAGE_OFFSET, and for the moment of switching
// at 0; with 4 MiB pages also all the rest of what the direct map can cover.
// pmap_init_kernel then makes the direct map end where low memory does, and
// adds the tables of everything above it. Both write the same directory.
//
// The first 16 MiB stay in 4 KiB pages for good: the kernel lies there, whose
// code and constants are read-only from the first moment on, the guard page of
// the boot stack, and below 1 MiB memory of different types, which a 4 MiB
// page must not span (SDM 3A 11.11.9).
#include "arch_private.h"

#include <arch/init.h>
#include <base/assert.h>
#include <kernel/panic.h>
#include <lib/string.h>

#include "pmap_private.h"

#define LOG_NAME "pmap"
#include <kernel/log.h>

#define BOOT_TABLES 4u // 16 MiB
#define BOOT_PAGES  (BOOT_TABLES * PTES_PER_TABLE)

#define TABLE_PAGE __section(".bss.page") __aligned(4096)

u32 kernel_directory[PDES_PER_TABLE] TABLE_PAGE;
static pte_t boot_tables[BOOT_PAGES] TABLE_PAGE;

static u32 global; // PTE_G if the CPU has it

static bool in_range(u32 addr, const u8 *start, const u8 *end)
{
    return addr >= (u32)(uintptr_t)start && addr < (u32)(uintptr_t)end;
}

// The entry of a frame of the direct map.
static pte_t direct_entry(u32 frame)
{
    u32 addr = PAGE_OFFSET + frame * PAGE_SIZE;
    u32 v = frame << PAGE_SHIFT | PTE_P | PTE_A | global;

    if (addr == (u32)(uintptr_t)boot_stack_guard)
        return PTE_NONE;
    if (in_range(addr, kernel_text_start, kernel_rodata_end))
        return (pte_t){v};
    return (pte_t){v | PTE_W | PTE_D};
}

static u32 large_entry(u32 index)
{
    return index * PDE_SPAN | PDE_LARGE | PTE_P | PTE_W | PTE_A | PTE_D |
           global;
}

void pmap_boot_init(void)
{
    for (u32 frame = 0; frame < BOOT_PAGES; frame++)
        boot_tables[frame] = direct_entry(frame);
    for (u32 i = 0; i < BOOT_TABLES; i++)
        kernel_directory[PDE_KERNEL + i] =
            pde_make(&boot_tables[i * PTES_PER_TABLE], 0);
    if (cpu_has(CPU_PSE)) {
        for (u32 i = BOOT_TABLES; i < LOWMEM_MAX_BYTES / PDE_SPAN; i++)
            kernel_directory[PDE_KERNEL + i] = large_entry(i);
    }
    kernel_directory[0] = kernel_directory[PDE_KERNEL];
}

phys_addr_t pmap_boot_mapped_end(void)
{
    return phys_addr(cpu_has(CPU_PSE) ? LOWMEM_MAX_BYTES
                                      : BOOT_PAGES * PAGE_SIZE);
}

static pte_t *new_table(void *(*alloc_page)(void))
{
    void *table = alloc_page();

    if (!table)
        panic("no memory for the kernel's page tables");
    ASSERT(IS_ALIGNED((u32)(uintptr_t)table, PAGE_SIZE));
    ASSERT(virt_to_phys(table).v < pmap_boot_mapped_end().v);
    return table;
}

// The 4 MiB of the direct map that start at @first, as far as there is memory.
static u32 direct_pde(u32 index, u32 lowmem_end, void *(*alloc_page)(void))
{
    u32 first = index * PTES_PER_TABLE;
    pte_t *table;

    if (index >= BOOT_TABLES) {
        if (first >= lowmem_end)
            return 0;
        if (cpu_has(CPU_PSE) && lowmem_end - first >= PTES_PER_TABLE)
            return large_entry(index);
        table = new_table(alloc_page);
    } else {
        table = &boot_tables[first];
    }
    for (u32 i = 0; i < PTES_PER_TABLE; i++)
        table[i] = first + i < lowmem_end ? direct_entry(first + i) : PTE_NONE;
    return pde_make(table, 0);
}

void pmap_init_kernel(pfn_t lowmem_end, void *(*alloc_page)(void))
{
    u32 direct_pdes = LOWMEM_MAX_BYTES / PDE_SPAN;
    u32 tables = 0;

    ASSERT(lowmem_end.v <= LOWMEM_MAX_PFN);
    ASSERT(pfn_to_phys(lowmem_end).v >= virt_to_phys(kernel_end).v);
    if (cpu_has(CPU_PGE))
        global = PTE_G;
    // In place: what is mapped stays mapped where it is, so that new tables
    // can be reached all the time.
    for (u32 i = 0; i < direct_pdes; i++)
        kernel_directory[PDE_KERNEL + i] =
            direct_pde(i, lowmem_end.v, alloc_page);
    for (u32 i = PDE_KERNEL + direct_pdes; i < PDES_PER_TABLE; i++) {
        kernel_directory[i] = pde_make(new_table(alloc_page), 0);
        tables++;
    }
    // No entry was global up to here, so that one load of CR3 drops all.
    tlb_flush_user();
    if (cpu_has(CPU_PGE))
        cr4_write(cr4_read() | CR4_PGE);
    log_info("direct map 0x%08x-0x%08x by %s pages, global=%u, tables "
             "above=%u",
             PAGE_OFFSET, PAGE_OFFSET + lowmem_end.v * PAGE_SIZE,
             cpu_has(CPU_PSE) ? "4 MiB" : "4 KiB", cpu_has(CPU_PGE), tables);
}

void arch_protect_kernel(void)
{
    u32 start = (u32)(uintptr_t)kernel_text_start;
    u32 end = (u32)(uintptr_t)kernel_rodata_end;

    // They are, since start.S. Whoever changes that shall notice.
    for (u32 a = start; a < end; a += PAGE_SIZE) {
        pte_t pte = pde_table(kernel_directory[pde_index(a)])[pte_index(a)];

        ASSERT(pte_is_accessible(pte) && !pte_is_writable(pte));
    }
    log_info("code and constants 0x%08x-0x%08x are read-only", start, end);
}
