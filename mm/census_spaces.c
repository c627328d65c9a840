// mm/census_spaces.c - the census of address spaces, user's and kernel's
// SPDX-License-Identifier: MIT

#include "census_private.h"

#include <mm/commit.h>
#include <mm/layout.h>
#include <mm/mm.h>
#include <mm/page_table.h>
#include <mm/shmem.h>
#include <mm/vmalloc_stat.h>

#include "mm_list.h"
#include "vma_ops.h"

// What the entries of one address space, or of all, are.
struct entries {
    u32 anon, file, shmem, swap;
    u32 tables;       // page tables that hold user entries
    u32 mapped, area; // entries that are not none: in all, within areas
    u32 wild;         // that map what nobody may map, or name no slot
    u32 pages;        // of the areas, and of these:
    u32 data, stack, exec, locked, promised;
    u32 spaces, wrong; // address spaces; with a counter that is wrong
};

static void note_swap(struct census_walk *walk, pte_t pte, struct entries *e)
{
    swap_entry_t entry = pte_swap_entry(pte);
    u32 area = swap_entry_area(entry), slot = swap_entry_slot(entry);

    e->swap++;
    if (area < SWAP_AREAS_MAX && slot < walk->slot_counts[area])
        walk->slots[area][slot]++;
    else
        e->wild++;
}

static void note_page(struct census_walk *walk, pte_t pte, struct entries *e)
{
    const struct page *page;

    if (!pfn_has_page(pte_pfn(pte)))
        return; // of a device
    page = pfn_to_page(pte_pfn(pte));
    switch (page_state(page)) {
    case PAGE_STATE_RESERVED: return; // the zero page, or a device's
    case PAGE_STATE_ANON: e->anon++; break;
    case PAGE_STATE_CACHE:
        e->file += !page_test(page, PG_SWAPBACKED);
        e->shmem += page_test(page, PG_SWAPBACKED);
        break;
    case PAGE_STATE_FREE:
    case PAGE_STATE_KERNEL:
    case PAGE_STATE_SLAB:
    case PAGE_STATE_TABLE:
    case PAGE_STATES: e->wild++; break;
    }
    walk->notes[pte_pfn(pte).v]++;
}

static void note_table(struct census_walk *walk, const pte_t *slot,
                       struct entries *e)
{
    u32 *note = &walk->notes[page_to_pfn(virt_to_page(slot)).v];

    e->tables += !(*note & NOTE_TABLE);
    *note |= NOTE_TABLE;
}

static void walk_entries(struct census_walk *walk, const struct mm *mm,
                         struct entries *e)
{
    user_addr_t a = user_addr(0);
    pte_t *slot;

    pmap_for_each_slot(slot, &mm->pmap, a, user_addr(TASK_SIZE))
    {
        pte_t pte = pte_read(slot);

        if (a.v % PTE_TABLE_SPAN == 0)
            note_table(walk, slot, e);
        if (pte_is_none(pte))
            continue;
        e->mapped++;
        if (pte_is_swap(pte))
            note_swap(walk, pte, e);
        else
            note_page(walk, pte, e);
    }
}

static void note_locked(struct census_walk *walk, pte_t pte)
{
    if (pte_is_present(pte) && pfn_has_page(pte_pfn(pte)))
        walk->notes[pte_pfn(pte).v] |= NOTE_LOCKED;
}

static void sum_area(const struct vm_area *vma, struct entries *e)
{
    u32 pages = vma_pages(vma);

    e->pages += pages;
    e->data += vma_is_data(vma->flags) ? pages : 0;
    e->stack += vma->flags & VM_GROWSDOWN ? pages : 0;
    e->exec += (vma->flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC
                   ? pages
                   : 0;
    e->locked += vma->flags & VM_LOCKED ? pages : 0;
    e->promised += vma->flags & VM_ACCOUNT ? pages : 0;
}

static void walk_areas(struct census_walk *walk, const struct mm *mm,
                       struct entries *e)
{
    struct vm_area *vma;

    vma_for_each (vma, &mm->areas) {
        user_addr_t a = vma->start;
        pte_t *slot;

        sum_area(vma, e);
        pmap_for_each_slot(slot, &mm->pmap, a, vma->end)
        {
            e->area += !pte_is_none(pte_read(slot));
            if (vma->flags & VM_LOCKED)
                note_locked(walk, pte_read(slot));
        }
    }
}

static bool is_wrong(const struct mm *mm, const struct entries *e)
{
    return e->anon != mm->anon_pages || e->file != mm->file_pages ||
           e->shmem != mm->shmem_pages || e->swap != mm->swap_entries ||
           e->pages != mm->total_pages || e->data != mm->data_pages ||
           e->stack != mm->stack_pages || e->exec != mm->exec_pages ||
           e->locked != mm->locked_pages;
}

// What is above the tables.
static void note_directories(struct census_walk *walk, const struct mm *mm,
                             u32 *directories)
{
    const void *page;

    for (u32 i = 0; (page = pmap_directory(&mm->pmap, i)); i++) {
        walk->notes[page_to_pfn(virt_to_page(page)).v] |= NOTE_TABLE;
        ++*directories;
    }
}

static void sum_up(struct entries *all, const struct entries *e)
{
    all->anon += e->anon;
    all->file += e->file;
    all->shmem += e->shmem;
    all->promised += e->promised;
    all->swap += e->swap;
    all->tables += e->tables;
    all->mapped += e->mapped;
    all->area += e->area;
    all->wild += e->wild;
    all->pages += e->pages;
    all->spaces++;
}

void census_spaces(struct census_walk *walk)
{
    struct entries all = {.anon = 0};
    u32 anon = 0, file = 0, shmem = 0, swap = 0, tables = 0, broken = 0;
    u32 directories = 0;
    const struct shmem *promised;
    struct mm *mm;

    list_for_each_entry (mm, &mm_list, link) {
        struct entries e = {.anon = 0};

        walk_entries(walk, mm, &e);
        walk_areas(walk, mm, &e);
        note_directories(walk, mm, &directories);
        all.wrong += is_wrong(mm, &e);
        broken += !vma_tree_check(&mm->areas);
        anon += mm->anon_pages;
        file += mm->file_pages;
        shmem += mm->shmem_pages;
        swap += mm->swap_entries;
        tables += mm->pmap.table_pages;
        sum_up(&all, &e);
    }
    census_tell(walk, "mm.spaces", all.spaces);
    census_compare(walk, "mm.wrong", all.wrong, 0);
    census_compare(walk, "mm.area_trees_broken", broken, 0);
    census_compare(walk, "mm.anon_entries", all.anon, anon);
    census_compare(walk, "mm.file_entries", all.file, file);
    census_compare(walk, "mm.shmem_entries", all.shmem, shmem);
    list_for_each_entry (promised, &shmem_list, link)
        all.promised += shmem_promised(promised);
    census_compare(walk, "mm.promised", all.promised, vm_committed());
    census_compare(walk, "mm.swap_entries", all.swap, swap);
    census_compare(walk, "mm.entries_in_areas", all.area, all.mapped);
    census_compare(walk, "mm.wild_entries", all.wild, 0);
    census_compare(walk, "mm.tables", all.tables, tables);
    census_compare(walk, "mm.tables_and_directories", all.tables + directories,
                   page_table_pages());
}

// ---- the kernel's own range ------------------------------------------------

// The frames of an area that came from the page allocator.
static u32 note_area(struct census_walk *walk, const struct vmalloc_info *area,
                     u32 note, u32 *wrong)
{
    u32 frames = 0;

    for (u32 i = 0; i < area->mapped_pages; i++) {
        u32 addr = area->mapped + i * PAGE_SIZE;
        pte_t pte = pte_read(pmap_kernel_slot((const void *)(uintptr_t)addr));

        if (!pte_is_present(pte) || !pfn_has_page(pte_pfn(pte)) ||
            (walk->notes[pte_pfn(pte).v] & (NOTE_VMALLOC | NOTE_STACK))) {
            ++*wrong;
            continue;
        }
        walk->notes[pte_pfn(pte).v] |= note;
        frames++;
    }
    return frames;
}

void census_vmalloc(struct census_walk *walk)
{
    u32 vmalloc = 0, stacks = 0, mapped = 0, wrong = 0, areas = 0;
    u32 at = VMALLOC_START;
    struct vmalloc_info area;

    for (; vmalloc_next(at, &area); at = area.start + area.pages * PAGE_SIZE) {
        areas++;
        mapped += area.mapped_pages;
        if (area.kind == AREA_VMALLOC)
            vmalloc += note_area(walk, &area, NOTE_VMALLOC, &wrong);
        else if (area.kind == AREA_STACK)
            stacks += note_area(walk, &area, NOTE_STACK, &wrong);
    }
    census_tell(walk, "vmalloc.areas", areas);
    walk->vmalloc_frames = vmalloc;
    census_compare(walk, "vmalloc.wrong", wrong, 0);
    census_compare(walk, "vmalloc.mapped", mapped, vmalloc_pages_used());
    census_compare(walk, "vmalloc.stacks", stacks, kernel_stack_pages());
}
