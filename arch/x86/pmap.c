// arch/x86/pmap.c - page tables, 2-level format: the only page walk
// SPDX-License-Identifier: MIT
//
// A pmap is a directory page; its upper quarter is a copy of the kernel's,
// whose entries never change after pmap_init_kernel: all tables above the
// direct map are there from then on (mm/layout.h). Directories and tables lie
// in low memory, so that they can be followed without kmap.
//
// One CPU, no address-space numbers: the TLB knows the active pmap only, and
// nothing needs flushing in another. Kernel pages are global where the CPU has
// that, so that CR3 can be loaded without losing them.
//
// Source: Intel SDM 3A 4.3 (format), 4.10 (TLB and its invalidation).
#include <mm/pmap.h>

#include <base/assert.h>
#include <base/errno.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include "arch_private.h"
#include "pmap_private.h"

// Above this many pages a whole flush is cheaper than one by one.
#define FLUSH_PAGES_MAX 32u

struct pmap kernel_pmap = {.root = kernel_directory};

static u32 *pmap_pde(const struct pmap *pmap, u32 addr)
{
    return (u32 *)pmap->root + pde_index(addr);
}

static bool is_active(const struct pmap *pmap)
{
    return cr3_read() == (u32)virt_to_phys(pmap->root).v;
}

int pmap_create(struct pmap *pmap)
{
    u32 *root = pmap_table_alloc();

    if (!root)
        return -ENOMEM;
    memcpy(root + PDE_KERNEL, kernel_directory + PDE_KERNEL,
           (PDES_PER_TABLE - PDE_KERNEL) * sizeof(*root));
    *pmap = (struct pmap){.root = root};
    return 0;
}

void pmap_destroy(struct pmap *pmap)
{
    ASSERT(!is_active(pmap));
    pmap_free_tables(pmap, user_addr(0), user_addr(TASK_SIZE));
    ASSERT(pmap->table_pages == 0);
    pmap_table_free(pmap->root);
    pmap->root = NULL;
}

void pmap_activate(struct pmap *pmap)
{
    if (!is_active(pmap))
        cr3_write((u32)virt_to_phys(pmap->root).v);
}

pte_t *pmap_slot(struct pmap *pmap, user_addr_t addr)
{
    u32 *pde = pmap_pde(pmap, addr.v);
    void *table;

    ASSERT(addr.v < TASK_SIZE);
    if (!(*pde & PTE_P)) {
        table = pmap_table_alloc();
        // That may have slept, and somebody else have made it.
        if (*pde & PTE_P) {
            if (table)
                pmap_table_free(table);
        } else {
            if (!table)
                return NULL;
            *pde = pde_make(table, PTE_U);
            pmap->table_pages++;
        }
    }
    return &pde_table(*pde)[pte_index(addr.v)];
}

pte_t *pmap_lookup(const struct pmap *pmap, user_addr_t addr)
{
    u32 pde = *pmap_pde(pmap, addr.v);

    ASSERT(addr.v < TASK_SIZE);
    return pde & PTE_P ? &pde_table(pde)[pte_index(addr.v)] : NULL;
}

pte_t *pmap_next_slot(const struct pmap *pmap, user_addr_t *addr,
                      user_addr_t end)
{
    ASSERT(end.v <= TASK_SIZE);
    while (addr->v < end.v) {
        u32 pde = *pmap_pde(pmap, addr->v);

        if (pde & PTE_P)
            return &pde_table(pde)[pte_index(addr->v)];
        // No overflow: end is not above TASK_SIZE.
        addr->v = ALIGN_DOWN(addr->v, PDE_SPAN) + PDE_SPAN;
    }
    return NULL;
}

static void assert_table_clear(const pte_t *table)
{
    for (u32 i = 0; i < PTES_PER_TABLE; i++)
        ASSERT(pte_is_none(table[i]));
}

void pmap_free_tables(struct pmap *pmap, user_addr_t start, user_addr_t end)
{
    u32 *first = pmap_pde(pmap, ALIGN_UP(start.v, PDE_SPAN));
    u32 *last = pmap_pde(pmap, ALIGN_DOWN(end.v, PDE_SPAN));
    bool any = false;

    ASSERT(end.v <= TASK_SIZE);
    // The CPU may have cached the entries: not present, flushed, only then
    // freed.
    for (u32 *pde = first; pde < last; pde++) {
        if (*pde & PTE_P) {
            *pde &= ~PTE_P;
            any = true;
        }
    }
    if (!any)
        return;
    pmap_flush_all(pmap);
    for (u32 *pde = first; pde < last; pde++) {
        pte_t *table = pde_table(*pde);

        if (!*pde)
            continue;
        assert_table_clear(table);
        *pde = 0;
        pmap->table_pages--;
        pmap_table_free(table);
    }
}

void pmap_flush_page(struct pmap *pmap, user_addr_t addr)
{
    if (is_active(pmap))
        tlb_flush_page(addr.v);
}

void pmap_flush_range(struct pmap *pmap, user_addr_t start, user_addr_t end)
{
    if (end.v <= start.v || !is_active(pmap))
        return;
    if (end.v - start.v > FLUSH_PAGES_MAX * PAGE_SIZE) {
        tlb_flush_user();
        return;
    }
    for (u32 a = start.v & PAGE_MASK; a < end.v; a += PAGE_SIZE)
        tlb_flush_page(a);
}

void pmap_flush_all(struct pmap *pmap)
{
    if (is_active(pmap))
        tlb_flush_user();
}

pte_t *pmap_kernel_slot(const void *addr)
{
    u32 a = (u32)(uintptr_t)addr;
    u32 pde = kernel_directory[pde_index(a)];

    ASSERT(a >= DIRECT_MAP_END && (pde & PTE_P));
    return &pde_table(pde)[pte_index(a)];
}

static u32 kernel_entry(pfn_t frame, u32 prot)
{
    u32 v = frame.v << PAGE_SHIFT | PTE_P | PTE_A;

    if (prot & PMAP_WRITE)
        v |= PTE_W | PTE_D;
    if (prot & PMAP_USER)
        v |= PTE_U;
    if ((prot & PMAP_WRITE_COMBINE) && cpu_has(CPU_PAT) && cpu_has(CPU_MSR))
        v |= PTE_PWT; // entry 1 of the PAT, cpu.c
    else if (prot & (PMAP_UNCACHED | PMAP_WRITE_COMBINE))
        v |= PTE_PCD | PTE_PWT;
    if (cpu_has(CPU_PGE))
        v |= PTE_G;
    return v;
}

void pmap_kernel_map(void *addr, pfn_t frame, u32 prot)
{
    pte_write(pmap_kernel_slot(addr), (pte_t){kernel_entry(frame, prot)});
    tlb_flush_page((u32)(uintptr_t)addr);
}

void pmap_kernel_unmap(void *addr)
{
    pte_write(pmap_kernel_slot(addr), PTE_NONE);
    tlb_flush_page((u32)(uintptr_t)addr);
}

// In words: "present rw user dirty ...".
static void describe_flags(u32 entry, char *buf, size_t size)
{
    if (!(entry & PTE_P)) {
        str_copy(buf, entry ? "not present" : "none", size);
        return;
    }
    fmt_print(buf, size, "present %s %s%s%s%s%s", entry & PTE_W ? "rw" : "ro",
              entry & PTE_U ? "user" : "kernel", entry & PTE_A ? " young" : "",
              entry & PTE_D ? " dirty" : "", entry & PTE_G ? " global" : "",
              entry & PTE_PCD ? " uncached" : "");
}

void pmap_describe(u32 addr, char *buf, size_t size)
{
    u32 root = cr3_read() & PTE_FRAME;
    u32 pde = 0, pte = 0;
    char words[64];

    // For an oops: what if CR3 or an entry is garbage?
    if (root >= LOWMEM_MAX_BYTES) {
        fmt_print(buf, size, "directory out of reach");
        return;
    }
    pde = ((u32 *)phys_to_virt(phys_addr(root)))[pde_index(addr)];
    if (!(pde & PTE_P) || (pde & PDE_LARGE)) {
        describe_flags(pde, words, sizeof(words));
        fmt_print(buf, size, "pde=%08x %s%s", pde, words,
                  pde & PTE_P ? " 4MiB" : "");
        return;
    }
    if ((pde & PTE_FRAME) >= LOWMEM_MAX_BYTES) {
        fmt_print(buf, size, "pde=%08x table out of reach", pde);
        return;
    }
    pte = pde_table(pde)[pte_index(addr)].v;
    describe_flags(pte, words, sizeof(words));
    fmt_print(buf, size, "pde=%08x pte=%08x %s", pde, pte, words);
}
