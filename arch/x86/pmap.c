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

void pmap_activate(struct pmap *pmap)
{
    if (!is_active(pmap))
        cr3_write((u32)virt_to_phys(pmap->root).v);
}

// A table for @pde, which has none. NULL: no memory. May sleep.
static pte_t *table_create(struct pmap *pmap, pte_t *pde)
{
    pte_t *table = pmap_table_alloc();

    // That may have slept, and somebody else have made it.
    if (unlikely(pde_is_table(*pde))) {
        if (table)
            pmap_table_free(table);
        return pde_table(*pde);
    }
    if (table) {
        pte_write(pde, pde_make(table, PTE_U));
        pmap->table_pages++;
    }
    return table;
}

pte_t *pmap_slot(struct pmap *pmap, user_addr_t addr)
{
    pte_t *pde = pmap_pde(pmap, addr.v);
    pte_t *table;

    ASSERT(addr.v < TASK_SIZE);
    table = pde_is_table(*pde) ? pde_table(*pde) : table_create(pmap, pde);
    return table ? &table[pte_index(addr.v)] : NULL;
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

#define SCAN_ENTRIES 8u // looked at together

static bool all_none(const pte_t *slots)
{
    pte_word_t all = 0;

#pragma GCC unroll 8
    for (u32 i = 0; i < SCAN_ENTRIES; i++)
        all |= slots[i].v;
    return all == 0;
}

// How many of the @count entries from @slot on are none before one is not.
static u32 count_none(const pte_t *slot, u32 count)
{
    u32 i = 0;

    while (i + SCAN_ENTRIES <= count && all_none(slot + i))
        i += SCAN_ENTRIES;
    while (i < count && pte_is_none(pte_read(slot + i)))
        i++;
    return i;
}

pte_t *pmap_next_used(const struct pmap *pmap, user_addr_t *addr,
                      user_addr_t end)
{
    pte_t *slot;

    while ((slot = pmap_next_slot(pmap, addr, end))) {
        u32 stop, count, none;

        if (!pte_is_none(pte_read(slot)))
            return slot;
        stop = min(ALIGN_DOWN(addr->v, PDE_SPAN) + PDE_SPAN, end.v);
        count = (stop - addr->v) >> PAGE_SHIFT;
        none = count_none(slot, count);
        addr->v += none << PAGE_SHIFT;
        if (none < count)
            return slot + none;
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

// The first entry that is not none for [*@addr, @end), whole entries; *@addr
// becomes where it begins. NULL: there is none.
static pte_t *next_pde(const struct pmap *pmap, u32 *addr, u32 end)
{
    while (*addr < end) {
        pte_t *pde = pmap_pde(pmap, *addr);
        u32 count = min(PDES_PER_DIRECTORY - pde_index(*addr),
                        (end - *addr) / PDE_SPAN);
        u32 none = count_none(pde, count);

        *addr += none * PDE_SPAN; // no overflow: end is not above TASK_SIZE
        if (none < count)
            return pde + none;
    }
    return NULL;
}

// Make [@start, @end), whole entries, not present. Return: whether any was.
static bool detach_tables(struct pmap *pmap, u32 start, u32 end)
{
    bool any = false;
    pte_t *pde;

    for (u32 a = start; (pde = next_pde(pmap, &a, end)); a += PDE_SPAN) {
        pte_write(pde, (pte_t){pde->v & ~(pte_word_t)PTE_P});
        any = true;
    }
    return any;
}

// Free the tables of [@start, @end), which the CPU does not know any more.
static void free_detached(struct pmap *pmap, u32 start, u32 end)
{
    pte_t *pde;

    for (u32 a = start; (pde = next_pde(pmap, &a, end)); a += PDE_SPAN) {
        pte_t *table = pde_table(*pde);

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

void pmap_destroy(struct pmap *pmap)
{
    ASSERT(!is_active(pmap));
    free_detached(pmap, 0, TASK_SIZE);
    ASSERT(pmap->table_pages == 0);
    pmap_root_destroy(pmap);
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
