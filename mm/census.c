// mm/census.c - do the books balance: everything counted anew
// SPDX-License-Identifier: MIT
//
// How it works: the page tables of all address spaces, the areas of vmalloc and
// the swap maps are walked first; they leave notes for each frame and each
// slot. Then mem_map is walked from end to end. Each frame must be what its
// state says: as many mappings as entries were found, as many references as it
// has mappings and caches, on the LRU list of its kind, in the radix tree that
// its owner is. What was counted on the way is compared with the counters.
//
// A walk does not sleep and has interrupts off, so it sees one moment. That
// moment may be within what some task is doing (asleep in a fault, it has a
// reference to a page that no table and no cache has). A system without work to
// do comes to rest by itself: so a census that finds something wrong is
// repeated, and what is wrong in all of them is wrong.
//
// Rejected: counting transient references in the page, which would cost every
// fault something; stopping all tasks, which stops them within what they do.

#include <mm/census.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/swap_cache.h>
#include <mm/vmalloc.h>

#include "census_private.h"
#include "swap_area.h"

#define LOG_NAME "census"
#include <kernel/log.h>

#define PATIENCE_NS ((u64)NSEC_PER_SEC) // for what is in motion
#define PAUSE_MS    20u

static void add_line(struct census *census, const char *name, u32 counted,
                     u32 counter, enum census_verdict verdict)
{
    struct census_line *line = &census->lines[census->count];

    ASSERT(census->count < CENSUS_LINES_MAX);
    census->count++;
    *line = (struct census_line){
        .counted = counted, .counter = counter, .verdict = verdict};
    (void)str_copy(line->name, name, sizeof(line->name));
}

void census_compare(struct census_walk *walk, const char *name, u32 counted,
                    u32 counter)
{
    bool ok = counted == counter;

    add_line(walk->census, name, counted, counter,
             ok ? CENSUS_OK : CENSUS_MISMATCH);
    walk->census->mismatches += !ok;
}

void census_tell(struct census_walk *walk, const char *name, u32 counted)
{
    add_line(walk->census, name, counted, 0, CENSUS_NO_COUNTER);
}

static void free_notes(struct census_walk *walk)
{
    vfree(walk->notes);
    for (u32 i = 0; i < SWAP_AREAS_MAX; i++)
        vfree(walk->slots[i]);
}

// Room for the notes. An area that is switched on later is not looked at.
static int alloc_notes(struct census_walk *walk)
{
    walk->notes = vzalloc(mem_map_frames * (u32)sizeof(*walk->notes));
    if (!walk->notes)
        return -ENOMEM;
    for (u32 i = 0; i < SWAP_AREAS_MAX; i++) {
        const struct swap_area *area = swap_area_of(swap_entry(i, 0));

        if (!area)
            continue;
        walk->slot_counts[i] = area->map.slots;
        walk->slots[i] =
            vzalloc(walk->slot_counts[i] * (u32)sizeof(**walk->slots));
        if (!walk->slots[i]) {
            free_notes(walk);
            return -ENOMEM;
        }
    }
    return 0;
}

static void walk_all(struct census_walk *walk)
{
    u32 flags = irq_save();

    census_spaces(walk);
    census_vmalloc(walk);
    census_shmem(walk);
    census_frames(walk);
    census_swap(walk);
    irq_restore(flags);
}

static int take_once(struct census *census, bool tell)
{
    struct census_walk *walk = kzalloc(sizeof(*walk), GFP_KERNEL);
    int err;

    if (!walk)
        return -ENOMEM;
    census->count = 0;
    census->mismatches = 0;
    walk->census = census;
    walk->tell = tell;
    err = alloc_notes(walk);
    if (!err) {
        walk_all(walk);
        free_notes(walk);
    }
    kfree(walk);
    return err;
}

int census_take(struct census *census)
{
    u64 deadline = time_ns() + PATIENCE_NS;

    for (;;) {
        bool last = time_ns() >= deadline;
        int err;

        swap_write_flush();
        err = take_once(census, last);
        if (err || !census->mismatches || last)
            return err;
        sleep_ms(PAUSE_MS);
    }
}

static void log_mismatches(const struct census *census)
{
    for (u32 i = 0; i < census->count; i++) {
        const struct census_line *line = &census->lines[i];

        if (line->verdict == CENSUS_MISMATCH)
            log_err("%s counted=%u counter=%u", line->name, line->counted,
                    line->counter);
    }
}

bool census_check(void)
{
    struct census *census = kmalloc(sizeof(*census), GFP_KERNEL);
    bool ok;

    if (!census || census_take(census)) {
        log_err("no memory for it");
        kfree(census);
        return false;
    }
    ok = !census->mismatches;
    log_mismatches(census);
    if (ok)
        log_info("ok");
    else
        log_err("%u mismatches", census->mismatches);
    kfree(census);
    return ok;
}
