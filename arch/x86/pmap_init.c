// arch/x86/pmap_init.c - the kernel's own page tables, built twice
// SPDX-License-Identifier: MIT
//
// pmap_boot_init, before paging and without knowing what memory there is: the
// first 16 MiB by 4 KiB pages at PAGE_OFFSET, and for the moment of switching
// at 0; with large pages also all the rest of what the direct map can cover.
// pmap_init_kernel then makes the direct map end where mm/boot.c wants it, and
// adds the tables of everything above it. Both write the same directory.
//
// The first 16 MiB stay in 4 KiB pages for good: the kernel lies there, whose
// code and constants are read-only from the first moment on, the guard page of
// the boot stack, and below 1 MiB memory of different types, which a large
// page must not span (SDM 3A 11.11.9).
//
// Only the kernel's code can be executed, where the tables can say so; and it
// is never writable: what is patched in it is patched before paging (boot.c).
#include "arch_private.h"

#include <arch/init.h>
#include <base/assert.h>
#include <kernel/panic.h>

#include "pmap_private.h"

#define LOG_NAME "pmap"
#include <kernel/log.h>

#define BOOT_BYTES (16u * MIB)
#define BOOT_PAGES (BOOT_BYTES / PAGE_SIZE)

static pte_t boot_tables[BOOT_PAGES] __section(".bss.page") __aligned(4096);

static u32 global;       // PTE_G if the CPU has it
static u32 direct_bytes; // that the direct map has now

static bool in_range(u32 addr, const u8 *start, const u8 *end)
{
    return addr >= (u32)(uintptr_t)start && addr < (u32)(uintptr_t)end;
}

// The entry of a frame of the direct map.
static pte_t direct_entry(u32 frame)
{
    u32 addr = PAGE_OFFSET + frame * PAGE_SIZE;
    pte_word_t v = frame << PAGE_SHIFT | PTE_P | PTE_A | global;

    if (addr == (u32)(uintptr_t)boot_stack_guard)
        return PTE_NONE;
    if (in_range(addr, kernel_text_start, kernel_text_end))
        return (pte_t){v};
    if (in_range(addr, kernel_text_end, kernel_rodata_end))
        return (pte_t){v | pte_nx()};
    return (pte_t){v | PTE_W | PTE_D | pte_nx()};
}

static pte_t large_entry(u32 offset)
{
    return (pte_t){offset | PTE_LARGE | PTE_P | PTE_W | PTE_A | PTE_D | global |
                   pte_nx()};
}

static pte_t *kernel_pde(u32 addr)
{
    return pmap_pde(&kernel_pmap, addr);
}

// The table of the boot tables that maps PAGE_OFFSET + @offset.
static pte_t *boot_table(u32 offset)
{
    return &boot_tables[offset / PAGE_SIZE];
}

void pmap_boot_init(void)
{
    pmap_format_enable();
    for (u32 frame = 0; frame < BOOT_PAGES; frame++)
        boot_tables[frame] = direct_entry(frame);
    for (u32 at = 0; at < BOOT_BYTES; at += PDE_SPAN)
        pte_write(kernel_pde(PAGE_OFFSET + at), pde_make(boot_table(at), 0));
    if (pmap_has_large()) {
        for (u32 at = BOOT_BYTES; at < LOWMEM_MAX_BYTES; at += PDE_SPAN)
            pte_write(kernel_pde(PAGE_OFFSET + at), large_entry(at));
    }
    direct_bytes = pmap_has_large() ? LOWMEM_MAX_BYTES : BOOT_BYTES;
    pmap_format_identity();
}

phys_addr_t pmap_direct_end(void)
{
    return phys_addr(direct_bytes);
}

static pte_t *new_table(void *(*alloc_page)(void))
{
    void *table = alloc_page();

    if (!table)
        panic("no memory for the kernel's page tables");
    ASSERT(IS_ALIGNED((u32)(uintptr_t)table, PAGE_SIZE));
    ASSERT(virt_to_phys(table).v < direct_bytes);
    return table;
}

// The PDE_SPAN of the direct map that start at @offset, as far as there is
// memory.
static pte_t direct_pde(u32 offset, u32 direct_end, void *(*alloc_page)(void))
{
    u32 first = offset / PAGE_SIZE;
    pte_t *table;

    if (offset >= BOOT_BYTES) {
        if (first >= direct_end)
            return PTE_NONE;
        if (pmap_has_large() && direct_end - first >= PTES_PER_TABLE)
            return large_entry(offset);
        table = new_table(alloc_page);
    } else {
        table = boot_table(offset);
    }
    for (u32 i = 0; i < PTES_PER_TABLE; i++)
        pte_write(&table[i],
                  first + i < direct_end ? direct_entry(first + i) : PTE_NONE);
    return pde_make(table, 0);
}

void pmap_init_kernel(pfn_t direct_end, void *(*alloc_page)(void))
{
    u32 tables = 0;

    ASSERT(direct_end.v <= LOWMEM_MAX_PFN);
    ASSERT(pfn_to_phys(direct_end).v >= virt_to_phys(kernel_end).v);
    if (cpu_has(CPU_PGE))
        global = PTE_G;
    // In place: what is mapped stays mapped where it is, so that new tables
    // can be reached all the time.
    for (u32 at = 0; at < LOWMEM_MAX_BYTES; at += PDE_SPAN)
        pte_write(kernel_pde(PAGE_OFFSET + at),
                  direct_pde(at, direct_end.v, alloc_page));
    for (u32 a = DIRECT_MAP_END; a != 0; a += PDE_SPAN) {
        pte_write(kernel_pde(a), pde_make(new_table(alloc_page), 0));
        tables++;
    }
    // No entry was global up to here, so that one load of CR3 drops all.
    tlb_flush_user();
    direct_bytes = direct_end.v * PAGE_SIZE;
    if (cpu_has(CPU_PGE))
        cr4_write(cr4_read() | CR4_PGE);
    log_info("tables are " PMAP_FORMAT ", physical addresses up to %llu MiB, "
             "nx=%u",
             pfn_to_phys(pmap_frames_end()).v / MIB, pmap_enforces_exec());
    log_info("direct map 0x%08x-0x%08x by pages of %u KiB, global=%u, tables "
             "above=%u",
             PAGE_OFFSET, PAGE_OFFSET + direct_bytes,
             (pmap_has_large() ? PDE_SPAN : PAGE_SIZE) / KIB, cpu_has(CPU_PGE),
             tables);
}
