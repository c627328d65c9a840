// mm/swap.c - swap areas: on, off, which one next
// SPDX-License-Identifier: MIT
//
// Slots are given out from the areas of the highest priority that have any;
// areas of equal priority take turns, a cluster of slots each, so that what
// leaves together still lies together and several disks work at once.
//
// An area that is going off (write_ok is false) keeps its number until nothing
// is in it any more. Who sleeps while holding a pointer to an area holds one of
// its users, and swap_off waits for them before it frees anything.
//
// Context: task; the kernel is not preempted, and what is here sleeps only
// where it says so. Handlers touch the transfers alone (swap_io.c).

#include <mm/swap.h>

#include <base/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/swap_cache.h>
#include <mm/vmalloc.h>

#include "swap_area.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

struct swap_area *swap_areas[SWAP_AREAS_MAX];
u32 swap_areas_end;

// Areas without a priority of their own take the next one downwards, -2 first,
// and move up when one of them goes, as in Linux.
static s32 least_priority = -1;

struct swap_area *swap_area_get(swap_entry_t entry)
{
    struct swap_area *area = swap_area_of(entry);

    if (area)
        area->users++;
    return area;
}

void swap_area_put(struct swap_area *area)
{
    ASSERT(area->users > 0);
    if (--area->users == 0)
        wake_up(&area->users_gone);
}

struct swap_area *swap_area_choose(void)
{
    static u32 turn; // number of the area whose turn it is
    struct swap_area *best = NULL;
    u32 number = turn;

    for (u32 i = 0; i < swap_areas_end; i++) {
        struct swap_area *area;

        if (number >= swap_areas_end)
            number = 0;
        area = swap_areas[number++];
        if (area && swap_area_takes_writes(area) && area->map.free_slots &&
            (!best || area->priority > best->priority))
            best = area;
    }
    if (!best)
        return NULL;
    if (best->number != turn)
        best->round_slots = 0;
    turn = best->number;
    if (++best->round_slots >= SWAP_CLUSTER_SLOTS) {
        best->round_slots = 0;
        turn++;
    }
    return best;
}

// ---- on --------------------------------------------------------------------

bool swap_is_full(void)
{
    for (u32 i = 0; i < SWAP_AREAS_MAX; i++)
        if (!swap_areas[i])
            return false;
    return true;
}

static void area_free(struct swap_area *area)
{
    vfree(area->map.clusters);
    vfree(area->map.counts);
    kfree(area);
}

// An area with its map. NULL: no memory. Sleeps.
static struct swap_area *area_create(const struct swap_setup *setup, u32 slots)
{
    struct swap_area *area = kzalloc(sizeof(*area), GFP_KERNEL);
    u16 *counts = vmalloc(slots * (u32)sizeof(*counts));
    struct swap_cluster *clusters = vmalloc(
        DIV_ROUND_UP(slots, SWAP_CLUSTER_SLOTS) * (u32)sizeof(*clusters));

    if (!area || !counts || !clusters) {
        vfree(clusters);
        vfree(counts);
        kfree(area);
        return NULL;
    }
    area->ops = setup->ops;
    area->device = setup->device;
    area->kind = setup->kind;
    wait_queue_init(&area->users_gone);
    (void)str_copy(area->name, setup->name, sizeof(area->name));
    swap_map_init(&area->map, slots, counts, clusters);
    swap_io_init(area, setup->ios);
    return area;
}

// Into the list, at the first number that is free. Return: 0; -EPERM. No sleep.
static int area_add(struct swap_area *area, s32 priority)
{
    u32 number = 0;

    while (number < SWAP_AREAS_MAX && swap_areas[number])
        number++;
    if (number == SWAP_AREAS_MAX)
        return -EPERM;
    area->number = number;
    area->priority = priority >= 0 ? priority : --least_priority;
    area->write_ok = true;
    swap_areas[number] = area;
    swap_areas_end = max(swap_areas_end, number + 1);
    return 0;
}

static int refuse(const struct swap_setup *setup, enum swap_header_fault fault)
{
    log_err("%s not used pages=%u: %s", setup->name, setup->pages,
            swap_header_fault_text(fault));
    return -EINVAL;
}

int swap_on(const struct swap_setup *setup)
{
    struct swap_header header;
    enum swap_header_fault fault =
        swap_header_parse(setup->header, setup->pages, setup->kind, &header);
    struct swap_area *area;
    u32 slots;
    int err;

    if (fault != SWAP_HEADER_OK)
        return refuse(setup, fault);
    slots = min(header.slots, setup->slots_max);
    if (slots < 2)
        return refuse(setup, SWAP_HEADER_EMPTY);
    area = area_create(setup, slots);
    if (!area)
        return -ENOMEM;
    swap_header_mark_bad(setup->header, &header, &area->map);
    area->good_pages = area->map.free_slots;
    err = area->good_pages ? area_add(area, setup->priority)
                           : refuse(setup, SWAP_HEADER_EMPTY);
    if (err) {
        area_free(area);
        return err;
    }
    log_info("area=%u on=%s slots=%u kib=%u bad=%u priority=%d", area->number,
             area->name, slots, area->good_pages * (PAGE_SIZE / KIB),
             area->map.bad_slots - 1, area->priority);
    return 0;
}

// ---- off -------------------------------------------------------------------

static struct swap_area *find_device(const void *device)
{
    for (u32 i = 0; i < swap_areas_end; i++)
        if (swap_areas[i] && swap_areas[i]->device == device)
            return swap_areas[i];
    return NULL;
}

// area_remove - take it out of the list; its priority, if it was given by us,
// is free.
static void area_remove(struct swap_area *area)
{
    swap_areas[area->number] = NULL;
    while (swap_areas_end && !swap_areas[swap_areas_end - 1])
        swap_areas_end--;
    if (area->priority >= 0)
        return;
    for (u32 i = 0; i < swap_areas_end; i++)
        if (swap_areas[i] && swap_areas[i]->priority < area->priority)
            swap_areas[i]->priority++;
    least_priority++;
}

int swap_off(const void *device)
{
    struct swap_area *area = find_device(device);
    int err;

    if (!area || !area->write_ok)
        return -EINVAL;
    area->write_ok = false;
    err = swap_unuse_area(area->number);
    if (err) {
        area->write_ok = true;
        log_warn("area=%u stays on=%s used=%u error=%d", area->number,
                 area->name, swap_area_used(area->number), err);
        return err;
    }
    area_remove(area);
    wait_event(&area->users_gone, area->users == 0);
    area->ops->close(area->device);
    log_info("area=%u off=%s", area->number, area->name);
    area_free(area);
    return 0;
}

void swap_areas_stay(void)
{
    for (u32 i = 0; i < swap_areas_end; i++)
        if (swap_areas[i])
            swap_areas[i]->write_ok = true;
}

// ---- what there is ---------------------------------------------------------

u32 swap_area_used(u32 number)
{
    return swap_map_used(&swap_areas[number]->map);
}

bool swap_entry_is_leaving(swap_entry_t entry)
{
    const struct swap_area *area = swap_area_of(entry);

    return area && !swap_area_takes_writes(area);
}

bool swap_get_info(u32 n, struct swap_info *out, char *buf, u32 bytes)
{
    for (u32 i = 0; i < swap_areas_end; i++) {
        const struct swap_area *area = swap_areas[i];

        if (!area || n-- > 0)
            continue;
        *out = (struct swap_info){
            .name = area->ops->name(area->device, buf, bytes),
            .kind = area->kind,
            .total_pages = area->good_pages,
            .used_pages = swap_map_used(&area->map),
            .priority = area->priority,
        };
        return true;
    }
    return false;
}

// Of an area that takes nothing any more only what is still in it counts.
u32 swap_total_pages(void)
{
    u32 total = 0;

    for (u32 i = 0; i < swap_areas_end; i++)
        if (swap_areas[i])
            total += swap_area_takes_writes(swap_areas[i])
                         ? swap_areas[i]->good_pages
                         : swap_map_used(&swap_areas[i]->map);
    return total;
}

u32 swap_free_pages(void)
{
    u32 free = 0;

    for (u32 i = 0; i < swap_areas_end; i++)
        if (swap_areas[i] && swap_area_takes_writes(swap_areas[i]))
            free += swap_areas[i]->map.free_slots;
    return free;
}

bool swap_is_short(void)
{
    return swap_free_pages() < swap_total_pages() / 2;
}
