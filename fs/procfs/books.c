// fs/procfs/books.c - the kernel's own memory, and whether the books balance
// SPDX-License-Identifier: MIT
//
// slabinfo and vmallocinfo are in Linux's formats; faultline/census is ours:
//   NAME COUNTED COUNTER ok|MISMATCH
//   NAME COUNTED - counted            (nothing to compare it with)
//   census: ok | census: N mismatches

#include "procfs.h"

#include <kernel/symbols.h>
#include <mm/census.h>
#include <mm/layout.h>
#include <mm/slab.h>
#include <mm/slab_stat.h>
#include <mm/vmalloc_stat.h>

int proc_show_slabinfo(struct proc_text *text, const struct proc_ref *ref)
{
    struct slab_info info;
    u32 i;

    (void)ref;
    proc_print(text, "slabinfo - version: 2.1\n"
                     "# name            <active_objs> <num_objs> <objsize> "
                     "<objperslab> <pagesperslab> : tunables <limit> "
                     "<batchcount> <sharedfactor> : slabdata <active_slabs> "
                     "<num_slabs> <sharedavail>\n");
    for (i = 0; slab_get_info(i, &info); i++)
        proc_print(text,
                   "%-17s %6u %6u %6u %4u %4u : tunables %4u %4u %4u : "
                   "slabdata %6u %6u %6u\n",
                   info.name, info.objects_used, info.objects_total,
                   info.object_bytes, info.objects_per_slab,
                   info.pages_per_slab, 0u, 0u, 0u, info.slabs, info.slabs, 0u);
    return 0;
}

static void put_area(struct proc_text *text, const struct vmalloc_info *area)
{
    u32 end = area->start + (area->pages + 1) * PAGE_SIZE; // with its guard
    u32 offset = 0;
    const char *name = symbol_find(area->caller, &offset);

    proc_print(text, "0x%08x-0x%08x %7u %s+0x%x", area->start, end,
               end - area->start, name ? name : "?", offset);
    switch (area->kind) {
    case AREA_VMALLOC:
    case AREA_STACK:
        proc_print(text, " pages=%u vmalloc\n", area->mapped_pages);
        break;
    case AREA_DEVICE:
        proc_print(text, " phys=0x%016llx ioremap\n", area->phys.v);
        break;
    case AREA_FIRMWARE:
        proc_print(text, " phys=0x%016llx memremap\n", area->phys.v);
        break;
    }
}

int proc_show_vmallocinfo(struct proc_text *text, const struct proc_ref *ref)
{
    struct vmalloc_info area;
    u32 at = VMALLOC_START;

    (void)ref;
    for (; vmalloc_next(at, &area); at = area.start + PAGE_SIZE)
        put_area(text, &area);
    return 0;
}

static void put_line(struct proc_text *text, const struct census_line *line)
{
    switch (line->verdict) {
    case CENSUS_OK:
    case CENSUS_MISMATCH:
        proc_print(text, "%s %u %u %s\n", line->name, line->counted,
                   line->counter,
                   line->verdict == CENSUS_OK ? "ok" : "MISMATCH");
        return;
    case CENSUS_NO_COUNTER:
        proc_print(text, "%s %u - counted\n", line->name, line->counted);
        return;
    }
}

int proc_show_census(struct proc_text *text, const struct proc_ref *ref)
{
    struct census *census = kmalloc(sizeof(*census), GFP_KERNEL);
    int err = census ? census_take(census) : -ENOMEM;

    (void)ref;
    if (!err) {
        for (u32 i = 0; i < census->count; i++)
            put_line(text, &census->lines[i]);
        if (census->mismatches)
            proc_print(text, "census: %u mismatches\n", census->mismatches);
        else
            proc_print(text, "census: ok\n");
    }
    kfree(census);
    return err;
}
