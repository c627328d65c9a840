// efi/memmap.c - the firmware's memory map, read and converted [P]
// SPDX-License-Identifier: MIT
//
// Real maps are unsorted, overlap, hold empty entries, and come with
// descriptors longer than the specification's. Nothing here depends on their
// order; overlaps are resolved by the kernel (mm/memmap.c), and here by asking
// every descriptor.
//
// Only what is described as write-back memory of a known type is memory. An
// unknown type is reserved; a gap stays a gap.
//
// Source: UEFI 2.10, 7.2 (types, attributes, table 7.10).

#include "memmap.h"

#include <base/compiler.h>
#include <lib/string.h>

enum {
    TYPE_LOADER_CODE = 1,
    TYPE_LOADER_DATA = 2,
    TYPE_BOOT_SERVICES_CODE = 3,
    TYPE_BOOT_SERVICES_DATA = 4,
    TYPE_RUNTIME_CODE = 5,
    TYPE_RUNTIME_DATA = 6,
    TYPE_CONVENTIONAL = 7,
    TYPE_ACPI_RECLAIM = 9,
    TYPE_ACPI_NVS = 10,
    TYPE_MMIO = 11,
    TYPE_MMIO_PORTS = 12,
    TYPE_PERSISTENT = 14,
};

#define ATTRIBUTE_WRITE_BACK       0x00008ull
#define ATTRIBUTE_NON_VOLATILE     0x08000ull
#define ATTRIBUTE_SPECIFIC_PURPOSE 0x40000ull

bool memmap_get(const struct memmap *map, u64 *index,
                struct memmap_descriptor *out, u64 *out_end)
{
    u64 offset = *index * map->descriptor_bytes;

    for (; offset + sizeof(*out) <= map->bytes;
         offset += map->descriptor_bytes) {
        ++*index;
        memcpy(out, (const u8 *)map->descriptors + (size_t)offset,
               sizeof(*out));
        if (!out->pages || out->pages > ~0ull / MEMMAP_PAGE_BYTES)
            continue;
        *out_end = out->start + out->pages * MEMMAP_PAGE_BYTES;
        if (*out_end > out->start)
            return true;
    }
    return false;
}

static enum boot_range_type memory_type(u64 attributes,
                                        enum boot_range_type type)
{
    if (attributes & (ATTRIBUTE_NON_VOLATILE | ATTRIBUTE_SPECIFIC_PURPOSE))
        return BOOT_RANGE_PERSISTENT;
    if (!(attributes & ATTRIBUTE_WRITE_BACK))
        return BOOT_RANGE_RESERVED;
    return type;
}

enum boot_range_type memmap_type(const struct memmap_descriptor *descriptor)
{
    switch (descriptor->type) {
    case TYPE_CONVENTIONAL:
        return memory_type(descriptor->attributes, BOOT_RANGE_FREE);
    case TYPE_LOADER_CODE:
    case TYPE_LOADER_DATA:
    case TYPE_BOOT_SERVICES_CODE:
    case TYPE_BOOT_SERVICES_DATA:
        return memory_type(descriptor->attributes, BOOT_RANGE_BOOT);
    case TYPE_RUNTIME_CODE:
    case TYPE_RUNTIME_DATA: return BOOT_RANGE_RUNTIME;
    case TYPE_ACPI_RECLAIM: return BOOT_RANGE_ACPI;
    case TYPE_ACPI_NVS: return BOOT_RANGE_ACPI_NVS;
    case TYPE_MMIO:
    case TYPE_MMIO_PORTS: return BOOT_RANGE_MMIO;
    case TYPE_PERSISTENT: return BOOT_RANGE_PERSISTENT;
    default: return BOOT_RANGE_RESERVED;
    }
}

static bool is_free(const struct memmap_descriptor *descriptor)
{
    enum boot_range_type type = memmap_type(descriptor);

    return type == BOOT_RANGE_FREE || type == BOOT_RANGE_BOOT;
}

// The end of the free memory that starts at @start, no further than @end: as
// far as free descriptors reach and no other one begins.
static u64 free_until(const struct memmap *map, u64 start, u64 end)
{
    struct memmap_descriptor descriptor;
    u64 reached = start;
    u64 index = 0;
    u64 descriptor_end;

    while (memmap_get(map, &index, &descriptor, &descriptor_end)) {
        if (descriptor_end <= start || descriptor.start >= end)
            continue;
        if (!is_free(&descriptor))
            end = descriptor.start > start ? descriptor.start : start;
        else if (descriptor.start <= start && descriptor_end > reached)
            reached = descriptor_end;
    }
    return reached < end ? reached : end;
}

u64 memmap_first_taken(const struct memmap *map, u64 start, u64 end)
{
    while (start < end) {
        u64 reached = free_until(map, start, end);

        if (reached == start)
            break;
        start = reached;
    }
    return start;
}

bool memmap_any_free_above(const struct memmap *map, u64 address)
{
    struct memmap_descriptor descriptor;
    u64 index = 0;
    u64 end;

    while (memmap_get(map, &index, &descriptor, &end)) {
        if (end > address && is_free(&descriptor))
            return true;
    }
    return false;
}

u32 memmap_convert(const struct memmap *map, struct boot_range *ranges,
                   u32 capacity, u32 *out_count)
{
    struct memmap_descriptor descriptor;
    struct boot_range *last = NULL;
    u64 index = 0;
    u64 end;
    u32 count = 0;
    u32 dropped = 0;

    while (memmap_get(map, &index, &descriptor, &end)) {
        enum boot_range_type type = memmap_type(&descriptor);

        if (last && last->type == type &&
            last->firmware_type == descriptor.type &&
            last->start + last->length == descriptor.start) {
            last->length += end - descriptor.start;
            continue;
        }
        if (count == capacity) {
            dropped++;
            continue;
        }
        last = &ranges[count++];
        *last = (struct boot_range){
            .start = descriptor.start,
            .length = end - descriptor.start,
            .type = type,
            .firmware_type = descriptor.type,
        };
    }
    *out_count = count;
    return dropped;
}
