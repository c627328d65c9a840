// efi/memmap.h - the firmware's memory map, read and converted
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>
#include <boot/boot_info.h>

// As UEFI defines it; the firmware's descriptors may be longer than this.
struct memmap_descriptor {
    u32 type;
    u32 padding;
    u64 start;
    u64 virtual_start;
    u64 pages;
    u64 attributes;
};
_Static_assert(sizeof(struct memmap_descriptor) == 40, "UEFI 2.10 7.2.3");

enum {
    MEMMAP_PAGE_BYTES = 4096,
};

// A map as GetMemoryMap left it.
struct memmap {
    const void *descriptors;
    u64 bytes;
    u64 descriptor_bytes; // from one to the next: not sizeof
};

/* memmap_get - the @index-th descriptor that makes sense.
 * @out_end: its end address.
 * Return: false after the last one; @index is moved past the one returned.
 * Descriptors that are empty or wrap around are skipped.
 */
bool memmap_get(const struct memmap *map, u64 *index,
                struct memmap_descriptor *out, u64 *out_end);

// memmap_type - what a descriptor is to the kernel.
enum boot_range_type memmap_type(const struct memmap_descriptor *descriptor);

/* memmap_first_taken - is all of [start, end) free after boot services?
 * Return: @end if it is; else the lowest address in it that is not described,
 * or not (only) as free memory.
 */
u64 memmap_first_taken(const struct memmap *map, u64 start, u64 end);

// memmap_any_free_above - is there memory at or above @address that is free
// after boot services?
bool memmap_any_free_above(const struct memmap *map, u64 address);

/* memmap_convert - to boot_info's ranges.
 * @ranges: room for @capacity; neighbours of one kind are merged.
 * @out_count: ranges written.
 * Return: how many did not fit. These are then undescribed, so nobody's.
 */
u32 memmap_convert(const struct memmap *map, struct boot_range *ranges,
                   u32 capacity, u32 *out_count);
