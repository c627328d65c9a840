// mm/swap.c - swap areas: on, off, which one next
// SPDX-License-Identifier: MIT
//
// An area is used only when the caller names it (configuration or swapon(2))
// AND its first page carries mkswap's version 1 signature. The same place
// holds other words when the partition is in use otherwise: a hibernated
// system's memory (S1SUSPEND) is refused by name.
//
//   offset 1024  u32 version (1), u32 last_page, u32 nr_badpages,
//                uuid[16], label[16], 117 reserved words, u32 badpages[]
//   offset 4086  "SWAPSPACE2"
//
// Source: mkswap(8) of util-linux, the format's writer.

#include <mm/swap.h>

#include <base/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/swap_cache.h>
#include <mm/vmalloc.h>

#include "swap_area.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

#define SIGNATURE_OFFSET (PAGE_SIZE - 10u)
#define INFO_OFFSET      1024u
#define BADPAGES_OFFSET  1536u
#define BADPAGES_MAX     ((SIGNATURE_OFFSET - BADPAGES_OFFSET) / 4u)

struct swap_header_info {
    u32 version;
    u32 last_page;
    u32 nr_badpages;
};

static struct swap_area *areas[SWAP_AREAS_MAX];

struct swap_area *swap_area_of(swap_entry_t entry)
{
    u32 number = swap_entry_area(entry);

    return number < SWAP_AREAS_MAX ? areas[number] : NULL;
}

struct swap_area *swap_area_choose(void)
{
    static u32 last; // among equals, the one after the last
    struct swap_area *best = NULL;

    for (u32 i = 1; i <= SWAP_AREAS_MAX; i++) {
        struct swap_area *area = areas[(last + i) % SWAP_AREAS_MAX];

        if (area && area->write_ok && area->map.free_slots &&
            (!best || area->priority > best->priority))
            best = area;
    }
    // Stay with an area for a cluster, so that neighbours stay neighbours.
    if (best && best->map.free_slots % SWAP_CLUSTER_SLOTS == 0)
        last = best->number;
    return best;
}

static int check_header(const u8 *header, u32 pages, const char *name,
                        struct swap_header_info *info)
{
    const u8 *signature = header + SIGNATURE_OFFSET;

    if (memcmp(signature, "S1SUSPEND", 9) == 0 ||
        memcmp(signature, "S2SUSPEND", 9) == 0) {
        log_err("%s holds a hibernated system: not touched", name);
        return -EINVAL;
    }
    if (memcmp(signature, "SWAPSPACE2", 10) != 0) {
        log_err("%s has no swap signature: not touched", name);
        return -EINVAL;
    }
    memcpy(info, header + INFO_OFFSET, sizeof(*info));
    if (info->version != 1 || info->last_page == 0 ||
        info->last_page >= pages || info->last_page >= SWAP_SLOTS_MAX ||
        info->nr_badpages > BADPAGES_MAX) {
        log_err("%s header version=%u last_page=%u bad_pages=%u of pages=%u: "
                "not usable",
                name, info->version, info->last_page, info->nr_badpages, pages);
        return -EINVAL;
    }
    return 0;
}

static int mark_bad_pages(struct swap_map *map, const u8 *header, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        u32 slot;
        int err;

        memcpy(&slot, header + BADPAGES_OFFSET + i * 4, sizeof(slot));
        err = swap_map_mark_bad(map, slot);
        if (err)
            return err;
    }
    return 0;
}

int swap_on(const struct swap_backing_ops *ops, void *device, u32 pages,
            const void *header, s32 priority, const char *name,
            struct swap_io *ios)
{
    struct swap_header_info info;
    struct swap_cluster *clusters;
    struct swap_area *area;
    u32 number = 0, slots;
    u16 *counts;
    int err = check_header(header, pages, name, &info);

    if (err)
        return err;
    while (number < SWAP_AREAS_MAX && areas[number])
        number++;
    if (number == SWAP_AREAS_MAX)
        return -EPERM;
    slots = info.last_page + 1;
    area = kzalloc(sizeof(*area), GFP_KERNEL);
    counts = vmalloc(slots * sizeof(*counts));
    clusters = vmalloc(DIV_ROUND_UP(slots, SWAP_CLUSTER_SLOTS) *
                       (u32)sizeof(*clusters));
    err = -ENOMEM;
    if (!area || !counts || !clusters)
        goto err_free;
    *area = (struct swap_area){.ops = ops,
                               .device = device,
                               .number = number,
                               .pages = slots,
                               .priority = priority};
    (void)str_copy(area->name, name, sizeof(area->name));
    swap_map_init(&area->map, slots, counts, clusters);
    err = mark_bad_pages(&area->map, header, info.nr_badpages);
    if (err)
        goto err_free;
    swap_io_init(area, ios);
    area->write_ok = true;
    areas[number] = area;
    log_info("area=%u on=%s slots=%u kib=%u bad=%u priority=%d", number, name,
             slots, (slots - 1) * (PAGE_SIZE / KIB), info.nr_badpages,
             priority);
    return 0;

err_free:
    vfree(clusters);
    vfree(counts);
    kfree(area);
    return err;
}

static struct swap_area *find_by_name(const char *name)
{
    for (u32 i = 0; i < SWAP_AREAS_MAX; i++)
        if (areas[i] && strcmp(areas[i]->name, name) == 0)
            return areas[i];
    return NULL;
}

int swap_off(const char *name)
{
    struct swap_area *area = find_by_name(name);
    int err;

    if (!area || !area->write_ok)
        return -EINVAL;
    area->write_ok = false;
    err = swap_unuse_area(area->number);
    if (err) {
        area->write_ok = true;
        return err;
    }
    areas[area->number] = NULL;
    area->ops->close(area->device);
    log_info("area=%u off=%s", area->number, area->name);
    vfree(area->map.clusters);
    vfree(area->map.counts);
    kfree(area);
    return 0;
}

u32 swap_area_used(u32 number)
{
    const struct swap_map *map = &areas[number]->map;

    return map->slots - map->free_slots - map->bad_slots;
}

bool swap_get_info(u32 n, struct swap_info *out)
{
    for (u32 i = 0; i < SWAP_AREAS_MAX; i++) {
        const struct swap_area *area = areas[i];

        if (!area || n-- > 0)
            continue;
        *out = (struct swap_info){
            .total_pages = area->map.slots - 1,
            .used_pages = swap_area_used(i),
            .priority = area->priority,
        };
        (void)str_copy(out->name, area->name, sizeof(out->name));
        return true;
    }
    return false;
}

u32 swap_total_pages(void)
{
    u32 total = 0;

    for (u32 i = 0; i < SWAP_AREAS_MAX; i++)
        if (areas[i])
            total += areas[i]->map.slots - 1;
    return total;
}

u32 swap_free_pages(void)
{
    u32 free = 0;

    for (u32 i = 0; i < SWAP_AREAS_MAX; i++)
        if (areas[i] && areas[i]->write_ok)
            free += areas[i]->map.free_slots;
    return free;
}

bool swap_is_short(void)
{
    return swap_free_pages() < swap_total_pages() / 2;
}
