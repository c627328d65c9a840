// mm/census_files.c - the census of frames: pages of files and devices
// SPDX-License-Identifier: MIT
//
// Bits in the page, tags in the tree and counts of the mapping say the same.

#include "census_private.h"

#include <mm/pagecache.h>
#include <mm/workingset.h>

#include "counts.h"

static u32 census_round;

static bool tag_is_right(const struct page *page, enum radix_tag tag,
                         enum page_flag flag)
{
    const struct mapping *mapping = page->owner;

    return radix_tree_tag_get(&mapping->pages, page->index, tag) ==
           page_test(page, flag);
}

// Each mapping once: found by its pages, or by leaves of shadows alone.
static void count_mapping(struct mapping *mapping, void *totals)
{
    struct census_totals *t = totals;

    if (mapping->census_round == census_round)
        return;
    mapping->census_round = census_round;
    t->of_mappings += mapping->page_count;
    t->radix_nodes += radix_tree_nodes(&mapping->pages);
    t->dirty_of_mappings += mapping->dirty_pages;
    t->written_of_mappings += mapping->writeback_pages;
    t->bad_lists +=
        list_empty(&mapping->dirty_link) == (mapping->dirty_pages > 0) ||
        list_empty(&mapping->io_link) == (mapping->writeback_pages > 0);
}

void census_file_page(struct census_totals *t, const struct page *page)
{
    struct mapping *mapping = page->owner;

    t->buffers += mapping->is_device;
    count_mapping(mapping, t);
    if (!mapping_has_store(mapping))
        return;
    t->dirty += page_test(page, PG_DIRTY);
    t->written += page_test(page, PG_WRITEBACK);
    t->bad_tags += !tag_is_right(page, RADIX_TAG_DIRTY, PG_DIRTY) ||
                   !tag_is_right(page, RADIX_TAG_WRITEBACK, PG_WRITEBACK);
}

void census_begin_files(void)
{
    census_round++;
}

void census_shadows(struct census_totals *t)
{
    workingset_each_mapping(count_mapping, t);
}

void census_compare_files(struct census_walk *walk,
                          const struct census_totals *t)
{
    census_compare(walk, "cache.buffers", t->buffers, (u32)vm_counts.buffers);
    census_compare(walk, "cache.dirty", t->dirty, (u32)vm_counts.dirty);
    census_compare(walk, "cache.dirty_by_mapping", t->dirty,
                   t->dirty_of_mappings);
    census_compare(walk, "cache.written_by_mapping", t->written,
                   t->written_of_mappings);
    census_compare(walk, "cache.bad_tags", t->bad_tags, 0);
    census_compare(walk, "cache.bad_lists", t->bad_lists, 0);
}
