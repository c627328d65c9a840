// mm/refault.c - refault distance, in numbers [P]
// SPDX-License-Identifier: MIT
//
// A shadow, from bit 28 down: was_active, zone (2), age (26).

#include <mm/refault.h>

#include <base/assert.h>

#define ZONE_SHIFT   REFAULT_AGE_BITS
#define ZONE_MASK    3u
#define ACTIVE_SHIFT (ZONE_SHIFT + 2u)

static_assert(ACTIVE_SHIFT < 29, "bit 29 is the cache's mark");

u32 refault_pack(const struct refault_shadow *shadow)
{
    ASSERT(shadow->zone <= ZONE_MASK);
    return (u32)shadow->was_active << ACTIVE_SHIFT |
           shadow->zone << ZONE_SHIFT | (shadow->age & REFAULT_AGE_MASK);
}

void refault_unpack(u32 value, struct refault_shadow *out_shadow)
{
    *out_shadow = (struct refault_shadow){
        .zone = value >> ZONE_SHIFT & ZONE_MASK,
        .age = value & REFAULT_AGE_MASK,
        .was_active = value >> ACTIVE_SHIFT & 1u,
    };
}

u32 refault_distance(u32 age, u32 now)
{
    return (now - age) & REFAULT_AGE_MASK;
}

bool refault_activates(u32 distance, bool is_file,
                       const struct refault_lists *lists)
{
    u32 room = lists->active_file;

    if (!is_file)
        room += lists->inactive_file;
    if (lists->can_swap)
        room += lists->active_anon + (is_file ? lists->inactive_anon : 0);
    return distance <= room;
}
