// include/mm/refault.h - refault distance, in numbers [P]
// SPDX-License-Identifier: MIT
//
// A zone's age counts the pages that left its inactive lists, by eviction or
// activation. A page that is taken leaves a shadow in the tree of its file, or
// in that of the swap cache: the zone, its age at that moment, and whether the
// page had been active. When it is read again, the ages' difference says how
// many more inactive pages would have kept it: the refault distance. With fewer
// other pages than that there was no way to keep it; with more, it has a better
// right to be there than some of them, and becomes active at once.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define REFAULT_AGE_BITS 26u // 256 GiB; ages are compared modulo this
#define REFAULT_AGE_MASK ((1u << REFAULT_AGE_BITS) - 1)

struct refault_shadow {
    u32 zone;        // 0-3
    u32 age;         // of the zone, modulo 2^26
    bool was_active; // at some time since it had been read
};

// refault_pack - as a number of 29 bits. refault_unpack - the reverse.
u32 refault_pack(const struct refault_shadow *shadow);
void refault_unpack(u32 value, struct refault_shadow *out_shadow);

// refault_distance - pages that left since @age, when the age is @now.
u32 refault_distance(u32 age, u32 now);

// What a zone has, in pages.
struct refault_lists {
    u32 active_file, inactive_file, active_anon, inactive_anon;
    bool can_swap; // else anonymous pages make no room
};

// refault_activates - whether a page of a file, or an anonymous one, that comes
// back after @distance is worth a place on the active list: are there so many
// others? Source: Linux 6.1's rule.
bool refault_activates(u32 distance, bool is_file,
                       const struct refault_lists *lists);
