// fs/procfs/zones.c - zones and their free blocks
// SPDX-License-Identifier: MIT
//
// Formats are Linux's: buddyinfo, pagetypeinfo (blocks by migrate type) and
// zoneinfo, of which the lines that have no meaning here are left out.

#include "procfs.h"

#include <arch/cpu.h>
#include <mm/zone.h>

static const char *const type_names[MIGRATE_TYPES] = {
    [MIGRATE_UNMOVABLE] = "Unmovable",
    [MIGRATE_MOVABLE] = "Movable",
    [MIGRATE_RECLAIMABLE] = "Reclaimable",
};

int proc_show_buddyinfo(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    zone_for_each (zone) {
        if (!zone->managed)
            continue;
        proc_print(text, "Node 0, zone %8s ", zone->name);
        for (u32 order = 0; order < BUDDY_ORDERS; order++)
            proc_print(text, "%6u ", zone->buddy.free_blocks[order]);
        proc_print(text, "\n");
    }
    return 0;
}

// ---- pagetypeinfo ----------------------------------------------------------

static void put_free_by_type(struct proc_text *text, const struct zone *zone)
{
    for (u32 type = 0; type < MIGRATE_TYPES; type++) {
        proc_print(text, "Node %4d, zone %8s, type %12s ", 0, zone->name,
                   type_names[type]);
        for (u32 order = 0; order < BUDDY_ORDERS; order++) {
            u32 flags = irq_save();
            u32 count =
                buddy_count(&zone->buddy, order, (enum migrate_type)type);

            irq_restore(flags);
            proc_print(text, "%6u ", count);
        }
        proc_print(text, "\n");
    }
}

static void put_blocks(struct proc_text *text, const struct zone *zone)
{
    u32 count[MIGRATE_TYPES] = {0}, end = zone->buddy.base + zone->buddy.frames;

    for (u32 n = zone->buddy.base; n < end; n += BUDDY_BLOCK_FRAMES)
        count[buddy_block_type(&zone->buddy, n)]++;
    proc_print(text, "Node %d, zone %8s ", 0, zone->name);
    for (u32 type = 0; type < MIGRATE_TYPES; type++)
        proc_print(text, "%12u ", count[type]);
    proc_print(text, "\n");
}

int proc_show_pagetypeinfo(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "Page block order: %u\n", BUDDY_BLOCK_ORDER);
    proc_print(text, "Pages per block:  %u\n\n", BUDDY_BLOCK_FRAMES);
    proc_print(text, "%-43s ", "Free pages count per migrate type at order");
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        proc_print(text, "%6u ", order);
    proc_print(text, "\n");
    zone_for_each (zone)
        if (zone->managed)
            put_free_by_type(text, zone);
    proc_print(text, "\n%-23s", "Number of blocks type ");
    for (u32 type = 0; type < MIGRATE_TYPES; type++)
        proc_print(text, "%12s ", type_names[type]);
    proc_print(text, "\n");
    zone_for_each (zone)
        if (zone->managed)
            put_blocks(text, zone);
    return 0;
}

// ---- zoneinfo --------------------------------------------------------------

static void put_zone(struct proc_text *text, const struct zone *zone)
{
    proc_print(text, "Node 0, zone %8s\n", zone->name);
    proc_print(text, "  pages free     %u\n", zone->buddy.free_frames);
    proc_print(text, "        min      %u\n", zone->mark[MARK_MIN]);
    proc_print(text, "        low      %u\n", zone->mark[MARK_LOW]);
    proc_print(text, "        high     %u\n", zone->mark[MARK_HIGH]);
    proc_print(text, "        spanned  %u\n", zone->buddy.frames);
    proc_print(text, "        present  %u\n", zone->present);
    proc_print(text, "        managed  %u\n", zone->managed);
    proc_print(text, "        protection: (");
    for (u32 id = 0; id < ZONES; id++)
        proc_print(text, "%s%u", id ? ", " : "", zone->reserve[id]);
    proc_print(text, ")\n");
    if (!zone->managed) // there is nothing else to be said of it
        return;
    proc_print(text, "      nr_free_pages %u\n", zone->buddy.free_frames);
    proc_print(text, "      nr_zone_inactive_anon %u\n",
               zone->lru_pages[LRU_INACTIVE_ANON]);
    proc_print(text, "      nr_zone_active_anon %u\n",
               zone->lru_pages[LRU_ACTIVE_ANON]);
    proc_print(text, "      nr_zone_inactive_file %u\n",
               zone->lru_pages[LRU_INACTIVE_FILE]);
    proc_print(text, "      nr_zone_active_file %u\n",
               zone->lru_pages[LRU_ACTIVE_FILE]);
    proc_print(text, "      nr_zone_unevictable %u\n",
               zone->lru_pages[LRU_UNEVICTABLE]);
    proc_print(text, "  start_pfn:           %u\n", zone->buddy.base);
}

int proc_show_zoneinfo(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    zone_for_each (zone)
        put_zone(text, zone);
    return 0;
}
