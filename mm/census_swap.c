// mm/census_swap.c - the census of swap slots
// SPDX-License-Identifier: MIT

#include "census_private.h"

#include <lib/fmt.h>
#include <mm/swap_cache.h>

#include "swap_area.h"

static void compare_of_area(struct census_walk *walk, u32 number,
                            const char *what, u32 counted, u32 counter)
{
    char name[sizeof(walk->census->lines[0].name)];

    fmt_print(name, sizeof(name), "swap.%u.%s", number, what);
    census_compare(walk, name, counted, counter);
}

// Whether the flag of a slot says what the swap cache says.
static bool cache_flag_is_right(u32 number, u32 slot, u16 value)
{
    struct page *page = swap_cache_find(swap_entry(number, slot));

    if (page)
        page_put(page);
    return !page == !(value & SWAP_HAS_CACHE);
}

// Return: how many slots have what is nowhere else.
static u32 census_area(struct census_walk *walk, const struct swap_area *area)
{
    u32 bad_count = 0, bad_flag = 0, bad_shadow = 0, out = 0;

    for (u32 slot = 0; slot < area->map.slots; slot++) {
        u16 value = area->map.counts[slot];

        bad_count +=
            (value & SWAP_COUNT_MAX) != walk->slots[area->number][slot];
        out += (value & SWAP_COUNT_MAX) && !(value & SWAP_HAS_CACHE);
        bad_flag += !cache_flag_is_right(area->number, slot, value);
        bad_shadow += swap_has_shadow(swap_entry(area->number, slot)) &&
                      (!(value & SWAP_COUNT_MAX) || value & SWAP_HAS_CACHE);
    }
    compare_of_area(walk, area->number, "bad_count", bad_count, 0);
    compare_of_area(walk, area->number, "bad_cache_flag", bad_flag, 0);
    compare_of_area(walk, area->number, "bad_shadow", bad_shadow, 0);
    compare_of_area(walk, area->number, "map_broken",
                    !swap_map_check(&area->map), 0);
    return out;
}

void census_swap(struct census_walk *walk)
{
    u32 out = 0;

    for (u32 i = 0; i < SWAP_AREAS_MAX; i++) {
        const struct swap_area *area = swap_area_of(swap_entry(i, 0));

        if (area && area->map.slots == walk->slot_counts[i])
            out += census_area(walk, area);
    }
    // What programs have in anonymous pages, wherever it is. Swapping does not
    // change it. (A page of shmem that is out is in one of the two, too.)
    census_tell(walk, "anon.contents",
                walk->anon_held + out - walk->shmem_swapped);
}
