// include/mm/pmap.h - page tables: the one boundary between mm and the CPU
// SPDX-License-Identifier: MIT
//
// Only arch/x86 knows what an entry looks like (arch/pte.h has the accessors)
// and walks tables (arch/x86/pmap.c). mm asks for the slot that an address has
// and composes entries with the accessors. Which of two formats the tables have
// (2-level; PAE, 64-bit entries in three levels) shows nowhere above this line.
//
// Rules, on one CPU:
//  - a slot pointer is good until the caller sleeps or frees tables;
//  - clear, then flush, then reuse the frame; stricter access needs a flush
//    before it is relied on, laxer access does not;
//  - the top 1 GiB is the same in every pmap; its top level never changes
//    after pmap_init_kernel.
#pragma once

#include <arch/pte.h>
#include <mm/addr.h>

// What a mapping may be used for. READ, WRITE, EXEC equal VM_READ...VM_EXEC.
enum pmap_prot {
    PMAP_READ = 1u << 0,
    PMAP_WRITE = 1u << 1,
    PMAP_EXEC = 1u << 2,
    PMAP_USER = 1u << 3,
    PMAP_UNCACHED = 1u << 4,      // device registers
    PMAP_WRITE_COMBINE = 1u << 5, // framebuffers; uncached without PAT
};

struct pmap {
    void *root;      // what CR3 names, kernel address
    u32 table_pages; // pages of user page tables
};

extern struct pmap kernel_pmap;

// pmap_init_kernel - build the direct map of frames [0, @direct_end) and the
// tables of everything above it, and switch to them.
// @alloc_page: a page-aligned, zeroed page inside the boot mapping; NULL when
// there is none (panics). Context: boot, once.
void pmap_init_kernel(pfn_t direct_end, void *(*alloc_page)(void));

// pmap_frames_end - the first frame that no entry can name.
pfn_t pmap_frames_end(void);

// pmap_enforces_exec - whether a mapping without PMAP_EXEC cannot be executed:
// format and CPU have NX. Else what may be read may be run.
bool pmap_enforces_exec(void);

// pmap_direct_end - end of the physical memory that the direct map has now.
// Until pmap_init_kernel that is what was mapped before paging: what can be
// touched, and where the pages for its tables must come from.
phys_addr_t pmap_direct_end(void);

// pmap_create - an address space with nothing but the kernel in it.
// Return: 0; -ENOMEM. Context: may sleep.
__must_check int pmap_create(struct pmap *pmap);

// pmap_destroy - free what pmap_create took and all user tables. Every user
// entry has been cleared before (asserted), and it is not the active one.
void pmap_destroy(struct pmap *pmap);

// pmap_directory - the @index-th page above the tables that @pmap has for
// itself (pmap_table_alloc's); NULL: there are no more.
const void *pmap_directory(const struct pmap *pmap, u32 index);

// pmap_activate - translate by @pmap from now on. Cheap when it already is.
void pmap_activate(struct pmap *pmap);

// pmap_slot - the slot of a user address, making tables as needed.
// Return: NULL when there was no memory. Context: may sleep.
pte_t *pmap_slot(struct pmap *pmap, user_addr_t addr);

// pmap_lookup - the slot, or NULL when there is no table for it. No sleep.
pte_t *pmap_lookup(const struct pmap *pmap, user_addr_t addr);

// pmap_next_slot - the slot of the lowest address >= *@addr and < @end that
// has a table; *@addr becomes that address. NULL: none. No sleep.
pte_t *pmap_next_slot(const struct pmap *pmap, user_addr_t *addr,
                      user_addr_t end);

// Loop over all slots of [@a, @end) that have tables; @a is a user_addr_t
// variable, page aligned, that holds each one's address.
#define pmap_for_each_slot(slot, pmap, a, end)                                 \
    for (slot = pmap_next_slot(pmap, &(a), end); slot;                         \
         (a).v += PAGE_SIZE,                                                   \
        slot =                                                                 \
             ((a).v & (PTE_TABLE_SPAN - 1)) && (a).v < (end).v                 \
                 ? slot + 1                                                    \
                 : ((a).v < (end).v && (a).v ? pmap_next_slot(pmap, &(a), end) \
                                             : NULL))

// pmap_next_used - the same, of a slot whose entry is not none.
pte_t *pmap_next_used(const struct pmap *pmap, user_addr_t *addr,
                      user_addr_t end);

// pmap_used_after - the next one after @slot, which is *@addr's.
static inline pte_t *pmap_used_after(const struct pmap *pmap, pte_t *slot,
                                     user_addr_t *addr, user_addr_t end)
{
    addr->v += PAGE_SIZE;
    if (addr->v >= end.v)
        return NULL;
    if ((addr->v & (PTE_TABLE_SPAN - 1)) && !pte_is_none(pte_read(slot + 1)))
        return slot + 1;
    return pmap_next_used(pmap, addr, end);
}

// As pmap_for_each_slot, for entries that are not none: quick where few are
// there, or all. What becomes none behind @a is passed over, or not.
#define pmap_for_each_used(slot, pmap, a, end)                                 \
    for (slot = pmap_next_used(pmap, &(a), end); slot;                         \
         slot = pmap_used_after(pmap, slot, &(a), end))

// pmap_free_tables - free the tables of which no part lies outside
// [@start, @end), the range between the neighbouring areas; their entries are
// all clear. Flushes. No sleep.
void pmap_free_tables(struct pmap *pmap, user_addr_t start, user_addr_t end);

// Drop cached translations of user addresses. Cheap when @pmap is not active.
void pmap_flush_page(struct pmap *pmap, user_addr_t addr);
void pmap_flush_range(struct pmap *pmap, user_addr_t start, user_addr_t end);
void pmap_flush_all(struct pmap *pmap);

// pmap_kernel_slot - the slot of a kernel address above DIRECT_MAP_END.
pte_t *pmap_kernel_slot(const void *addr);

// pmap_kernel_map, _unmap - one page of the ranges above DIRECT_MAP_END.
// Any old translation of the page is dropped by both.
void pmap_kernel_map(void *addr, pfn_t frame, u32 prot);
void pmap_kernel_unmap(void *addr);

// pmap_describe - the entry that translates @addr in the active tables, in
// words, for an oops: "pde=... pte=... present rw user dirty".
void pmap_describe(u32 addr, char *buf, size_t size);

// Provided by mm/page_table.c for arch: zeroed pages of low memory.
// Context: alloc may sleep. NULL: no memory.
void *pmap_table_alloc(void);
void pmap_table_free(void *table);

// Likewise: PMAP_ROOT_BYTES of low memory, zeroed and aligned to as much, for
// a format whose root is less than a page.
#define PMAP_ROOT_BYTES 32u
void *pmap_root_alloc(void);
void pmap_root_free(void *root);
