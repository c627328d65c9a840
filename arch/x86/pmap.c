// arch/x86/pmap.c - page tables: the only page walk
// SPDX-License-Identifier: MIT
//
// From an address to its directory's entry is the format's business
// (pmap_2level.c, pmap_pae.c); from there on both are alike. The kernel's part
// is the same in every pmap, and its directory entries never change after
// pmap_init_kernel: all tables above the direct map are there from then on
// (mm/layout.h). Roots, directories and tables lie in low memory, so that they
// can be followed without kmap.
//
// One CPU, no address-space numbers: the TLB knows the active pmap only, and
// nothing needs flushing in another. Kernel pages are global where the CPU has
// that, so that CR3 can be loaded without losing them.
//
// Source: Intel SDM 3A 4.10 (TLB and its invalidation).
#include <mm/pmap.h>

#include <base/assert.h>

#include "pmap_private.h"

// Above this many pages a whole flush is cheaper than one by one.
#define FLUSH_PAGES_MAX 32u

struct pmap kernel_pmap = {.root = kernel_root};

static bool is_active(const struct pmap *pmap)
{
    return cr3_read() == (u32)virt_to_phys(pmap->root).v;
}

int pmap_create(struct pmap *pmap)
{
    *pmap = (struct pmap){.root = NULL};
    return pmap_root_create(pmap);
}

void pmap_destroy(struct pmap *pmap)
{
    ASSERT(!is_active(pmap));
    pmap_free_tables(pmap, user_addr(0), user_addr(TASK_SIZE));
    ASSERT(pmap->table_pages == 0);
    pmap_root_destroy(pmap);
}

void pmap_activate(struct pmap *pmap)
{
    if (!is_active(pmap))
        cr3_write((u32)virt_to_phys(pmap->root).v);
}

pte_t *pmap_slot(struct pmap *pmap, user_addr_t addr)
{
    pte_t *pde = pmap_pde(pmap, addr.v);
    void *table;

    ASSERT(addr.v < TASK_SIZE);
    if (!pde_is_table(*pde)) {
        table = pmap_table_alloc();
        // That may have slept, and somebody else have made it.
        if (pde_is_table(*pde)) {
            if (table)
                pmap_table_free(table);
        } else {
            if (!table)
                return NULL;
            pte_write(pde, pde_make(table, PTE_U));
            pmap->table_pages++;
        }
    }
    return &pde_table(*pde)[pte_index(addr.v)];
}

pte_t *pmap_lookup(const struct pmap *pmap, user_addr_t addr)
{
    pte_t pde = *pmap_pde(pmap, addr.v);

    ASSERT(addr.v < TASK_SIZE);
    return pde_is_table(pde) ? &pde_table(pde)[pte_index(addr.v)] : NULL;
}

pte_t *pmap_next_slot(const struct pmap *pmap, user_addr_t *addr,
                      user_addr_t end)
{
    ASSERT(end.v <= TASK_SIZE);
    while (addr->v < end.v) {
        pte_t pde = *pmap_pde(pmap, addr->v);

        if (pde_is_table(pde))
            return &pde_table(pde)[pte_index(addr->v)];
        // No overflow: end is not above TASK_SIZE.
        addr->v = ALIGN_DOWN(addr->v, PDE_SPAN) + PDE_SPAN;
    }
    return NULL;
}

// All entries at once: for one by one there are too many.
static void assert_table_clear(const pte_t *table)
{
    pte_word_t all = 0;

#if !FAULTLINE_DEBUG // with its checks the compiler refuses
#pragma GCC unroll 16
#endif
    for (u32 i = 0; i < PTES_PER_TABLE; i++)
        all |= table[i].v;
    ASSERT(all == 0);
}

// pde_next - the entry for @a, when @pde is that of PDE_SPAN below: the next
// one, or the first of the next directory.
static pte_t *pde_next(const struct pmap *pmap, pte_t *pde, u32 a)
{
    return pde_index(a) ? pde + 1 : pmap_pde(pmap, a);
}

// Make [@start, @end), whole entries, not present. Return: whether any was.
static bool detach_tables(struct pmap *pmap, u32 start, u32 end)
{
    pte_t *pde = pmap_pde(pmap, start);
    bool any = false;

    for (u32 a = start; a < end; a += PDE_SPAN, pde = pde_next(pmap, pde, a)) {
        if (pde_is_table(*pde)) {
            pte_write(pde, (pte_t){pde->v & ~(pte_word_t)PTE_P});
            any = true;
        }
    }
    return any;
}

static void free_detached(struct pmap *pmap, u32 start, u32 end)
{
    pte_t *pde = pmap_pde(pmap, start);

    for (u32 a = start; a < end; a += PDE_SPAN, pde = pde_next(pmap, pde, a)) {
        pte_t *table = pde_table(*pde);

        if (pte_is_none(*pde))
            continue;
        assert_table_clear(table);
        pte_write(pde, PTE_NONE);
        pmap->table_pages--;
        pmap_table_free(table);
    }
}

void pmap_free_tables(struct pmap *pmap, user_addr_t start, user_addr_t end)
{
    u32 first = ALIGN_UP(start.v, PDE_SPAN);
    u32 last = ALIGN_DOWN(end.v, PDE_SPAN);

    ASSERT(end.v <= TASK_SIZE);
    // The CPU may have cached the entries: not present, flushed, only then
    // freed.
    if (!detach_tables(pmap, first, last))
        return;
    pmap_flush_all(pmap);
    free_detached(pmap, first, last);
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
    pte_t pde = *pmap_pde(&kernel_pmap, a);

    ASSERT(a >= DIRECT_MAP_END && pde_is_table(pde));
    return &pde_table(pde)[pte_index(a)];
}

static pte_t kernel_entry(pfn_t frame, u32 prot)
{
    pte_word_t v = pfn_to_phys(frame).v | PTE_P | PTE_A;

    if (prot & PMAP_WRITE)
        v |= PTE_W | PTE_D;
    if (prot & PMAP_USER)
        v |= PTE_U;
    if (!(prot & PMAP_EXEC))
        v |= pte_nx();
    if ((prot & PMAP_WRITE_COMBINE) && cpu_has(CPU_PAT) && cpu_has(CPU_MSR))
        v |= PTE_PWT; // entry 1 of the PAT, cpu.c
    else if (prot & (PMAP_UNCACHED | PMAP_WRITE_COMBINE))
        v |= PTE_PCD | PTE_PWT;
    if (cpu_has(CPU_PGE))
        v |= PTE_G;
    return (pte_t){v};
}

void pmap_kernel_map(void *addr, pfn_t frame, u32 prot)
{
    pte_write(pmap_kernel_slot(addr), kernel_entry(frame, prot));
    tlb_flush_page((u32)(uintptr_t)addr);
}

void pmap_kernel_unmap(void *addr)
{
    pte_write(pmap_kernel_slot(addr), PTE_NONE);
    tlb_flush_page((u32)(uintptr_t)addr);
}
