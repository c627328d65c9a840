// include/mm/memmap.h - the table of physical ranges [P]
// SPDX-License-Identifier: MIT
//
// The one owner of every physical address: sorted, not overlapping, merged
// where neighbours have one type. Where what is added overlaps what is there,
// the more restrictive type (the higher enum boot_range_type) wins.
// What no range describes is BOOT_RANGE_NONE and belongs to nobody.
#pragma once

#include <base/compiler.h>
#include <boot/boot_info.h>

struct memmap_range {
    u64 start; // inclusive, bytes
    u64 end;   // exclusive, bytes; start < end
    u32 type;  // enum boot_range_type, not NONE
};

struct memmap {
    struct memmap_range *ranges; // storage of the caller
    u32 count;
    u32 capacity;
};

void memmap_init(struct memmap *map, struct memmap_range *storage,
                 u32 capacity);

// memmap_add - [start, start + length) is of @type.
// Return: 0 (length 0 too); -EINVAL: wraps beyond 2^64, or an unknown type;
// -ENOSPC: the table is full, and unchanged.
__must_check int memmap_add(struct memmap *map, u64 start, u64 length,
                            u32 type);

// memmap_set - like memmap_add, but @type replaces whatever is there: for
// owners that give back (initramfs, boot data). BOOT_RANGE_NONE removes.
__must_check int memmap_set(struct memmap *map, u64 start, u64 length,
                            u32 type);

// memmap_type_at - the type of one address.
u32 memmap_type_at(const struct memmap *map, u64 address);

// memmap_next_usable - the first whole-page frame range [*first, *end) at or
// above frame @from whose bytes are all FREE (and, with @boot, BOOT), cut at
// frame @limit. Partial pages at the ends are left out; neighbours of both
// types are one range. Return: false when there is none.
bool memmap_next_usable(const struct memmap *map, u32 from, u32 limit,
                        bool boot, u32 *first, u32 *end);

// memmap_alloc - take @bytes (rounded up to pages) aligned to @align (power of
// two, >= 4096) from FREE ranges within [low, high), the highest place that
// fits, and make it @type. Return: 0; -ENOMEM; -ENOSPC as memmap_add.
__must_check int memmap_alloc(struct memmap *map, u64 bytes, u64 align, u64 low,
                              u64 high, u32 type, u64 *out);

// memmap_type_name - for the log: "free", "ACPI NVS", ...
const char *memmap_type_name(u32 type);

// memmap_check - sorted, apart, merged, not empty, known types.
bool memmap_check(const struct memmap *map);
