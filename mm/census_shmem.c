// mm/census_shmem.c - the census of files in memory: what their trees name
// SPDX-License-Identifier: MIT
//
// Each swap entry in a tree is one count of its slot, as an entry of a page
// table is; it is noted for census_swap. The pages themselves are visited by
// census_frames. What a pool has given out is what its files have.

#include "census_private.h"

#include <mm/shmem.h>

#include "counts.h"

#define BATCH 16u

struct trees {
    u32 files, pages, nodes;
    u32 swapped, wild; // entries; those that name no slot
    u32 wrong;         // files with a counter that is wrong
    u32 broken;        // pools that have given out another number
};

static void note_entry(struct census_walk *walk, swap_entry_t entry,
                       struct trees *t)
{
    u32 area = swap_entry_area(entry), slot = swap_entry_slot(entry);

    t->swapped++;
    if (area < SWAP_AREAS_MAX && slot < walk->slot_counts[area])
        walk->slots[area][slot]++;
    else
        t->wild++;
}

static void walk_tree(struct census_walk *walk, const struct shmem *shmem,
                      struct trees *t)
{
    const struct mapping *mapping = shmem->mapping;
    u32 indices[BATCH], first = 0, n, pages = 0, before = t->swapped;
    void *items[BATCH];

    do {
        n = radix_tree_gang_lookup(&mapping->pages, first, BATCH, items,
                                   indices);
        for (u32 i = 0; i < n; i++) {
            swap_entry_t entry = {radix_value_of(items[i])};

            if (radix_is_value(items[i]))
                note_entry(walk, entry, t);
            else
                pages++;
        }
        if (n)
            first = indices[n - 1] + 1;
    } while (n == BATCH && first);
    t->wrong += pages != mapping->page_count ||
                t->swapped - before != shmem->swapped_pages;
    t->pages += pages;
    t->nodes += radix_tree_nodes(&mapping->pages);
    t->files++;
    shmem->pool->counted_pages += shmem_pages(mapping) + shmem->reserved_pages;
}

void census_shmem(struct census_walk *walk)
{
    struct trees t = {.files = 0};
    struct shmem *shmem;

    list_for_each_entry (shmem, &shmem_list, link)
        shmem->pool->counted_pages = 0;
    list_for_each_entry (shmem, &shmem_list, link)
        walk_tree(walk, shmem, &t);
    list_for_each_entry (shmem, &shmem_list, link)
        t.broken += shmem->pool->counted_pages != shmem->pool->used_pages;
    walk->shmem_pages = t.pages;
    walk->shmem_nodes = t.nodes;
    walk->shmem_swapped = t.swapped;
    census_tell(walk, "shmem.files", t.files);
    census_compare(walk, "shmem.files_wrong", t.wrong, 0);
    census_compare(walk, "shmem.pools_wrong", t.broken, 0);
    census_compare(walk, "shmem.swapped", t.swapped,
                   (u32)vm_counts.shmem_swapped);
    census_compare(walk, "shmem.wild_entries", t.wild, 0);
}
