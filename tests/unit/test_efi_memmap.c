// tests/unit/test_efi_memmap.c - efi/memmap.c against an array of pages
// sources: efi/memmap.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include "../../efi/memmap.h"

#define DESCRIPTORS 12u
#define PAGES       64u
#define PAGE        ((u64)MEMMAP_PAGE_BYTES)
#define WRITE_BACK  8u

// Longer than the specification's, as real ones are.
static struct {
    struct memmap_descriptor descriptor;
    u64 more;
} descriptors[DESCRIPTORS];

static struct memmap map = {
    .descriptors = descriptors,
    .descriptor_bytes = sizeof(descriptors[0]),
};

static void add(u32 type, u64 first_page, u64 pages, u64 attributes)
{
    u64 index = map.bytes / sizeof(descriptors[0]);

    descriptors[index].descriptor = (struct memmap_descriptor){
        .type = type,
        .start = first_page * PAGE,
        .pages = pages,
        .attributes = attributes,
    };
    descriptors[index].more = ~0ull;
    map.bytes += sizeof(descriptors[0]);
}

static enum boot_range_type type_of(u32 type, u64 attributes)
{
    struct memmap_descriptor descriptor = {.type = type,
                                           .attributes = attributes};

    return memmap_type(&descriptor);
}

TEST(types)
{
    CHECK_EQ(type_of(7, WRITE_BACK), BOOT_RANGE_FREE);
    for (u32 type = 1; type <= 4; type++)
        CHECK_EQ(type_of(type, WRITE_BACK), BOOT_RANGE_BOOT);
    CHECK_EQ(type_of(5, WRITE_BACK), BOOT_RANGE_RUNTIME);
    CHECK_EQ(type_of(6, WRITE_BACK), BOOT_RANGE_RUNTIME);
    CHECK_EQ(type_of(9, WRITE_BACK), BOOT_RANGE_ACPI);
    CHECK_EQ(type_of(10, WRITE_BACK), BOOT_RANGE_ACPI_NVS);
    CHECK_EQ(type_of(11, 0), BOOT_RANGE_MMIO);
    CHECK_EQ(type_of(12, 0), BOOT_RANGE_MMIO);
    CHECK_EQ(type_of(14, WRITE_BACK), BOOT_RANGE_PERSISTENT);
    CHECK_EQ(type_of(0, WRITE_BACK), BOOT_RANGE_RESERVED);
    CHECK_EQ(type_of(8, WRITE_BACK), BOOT_RANGE_RESERVED);
    CHECK_EQ(type_of(15, WRITE_BACK), BOOT_RANGE_RESERVED); // unaccepted
    CHECK_EQ(type_of(0x80000000, WRITE_BACK), BOOT_RANGE_RESERVED);
}

TEST(attributes)
{
    CHECK_EQ(type_of(7, 0), BOOT_RANGE_RESERVED);
    CHECK_EQ(type_of(7, 7), BOOT_RANGE_RESERVED);
    CHECK_EQ(type_of(7, WRITE_BACK | 1ull << 63), BOOT_RANGE_FREE);
    CHECK_EQ(type_of(7, WRITE_BACK | 0x8000), BOOT_RANGE_PERSISTENT);
    CHECK_EQ(type_of(3, WRITE_BACK | 0x40000), BOOT_RANGE_PERSISTENT);
}

TEST(nonsense_is_skipped)
{
    struct boot_range ranges[4];
    u32 count;

    map.bytes = 0;
    add(7, 1, 0, WRITE_BACK);
    add(7, 1, ~0ull, WRITE_BACK);
    add(7, ~0ull / PAGE, 2, WRITE_BACK);
    add(7, 3, 1, WRITE_BACK);
    map.bytes += sizeof(struct memmap_descriptor) - 1; // a broken last one
    CHECK_EQ(memmap_convert(&map, ranges, 4, &count), 0);
    CHECK_EQ(count, 1);
    CHECK_EQ(ranges[0].start, 3 * PAGE);
    CHECK_EQ(ranges[0].length, PAGE);
}

TEST(neighbours_are_merged)
{
    struct boot_range ranges[4];
    u32 count;

    map.bytes = 0;
    add(7, 1, 2, WRITE_BACK);
    add(7, 3, 2, WRITE_BACK | 0x4000);
    add(3, 5, 1, WRITE_BACK);
    add(4, 6, 1, WRITE_BACK); // also BOOT, but another type to the firmware
    add(7, 8, 1, WRITE_BACK);
    CHECK_EQ(memmap_convert(&map, ranges, 4, &count), 0);
    CHECK_EQ(count, 4);
    CHECK_EQ(ranges[0].length, 4 * PAGE);
    CHECK_EQ(ranges[1].firmware_type, 3);
    CHECK_EQ(memmap_convert(&map, ranges, 3, &count), 1);
    CHECK_EQ(count, 3);
}

TEST(free_above)
{
    map.bytes = 0;
    CHECK(!memmap_any_free_above(&map, 0));
    add(7, 2, 3, WRITE_BACK);
    add(0, 5, 9, WRITE_BACK); // reserved
    add(7, 20, 1, 0);         // not write-back: not memory
    CHECK(memmap_any_free_above(&map, 4 * PAGE));
    CHECK(memmap_any_free_above(&map, 5 * PAGE - 1));
    CHECK(!memmap_any_free_above(&map, 5 * PAGE));
    add(4, 30, 1, WRITE_BACK);
    CHECK(memmap_any_free_above(&map, 5 * PAGE));
}

static void make_random(void)
{
    static const u32 types[] = {7, 7, 7, 4, 2, 10, 0, 99};

    map.bytes = 0;
    for (u32 n = test_random_below(DESCRIPTORS + 1); n; n--) {
        u32 first = test_random_below(PAGES);

        add(types[test_random_below(8)], first,
            test_random_below(PAGES - first + 1),
            test_random_one_in(8) ? 0 : WRITE_BACK);
    }
}

// Bit per boot_range_type that a descriptor gives this page.
static u32 model_types(u64 page)
{
    u32 types = 0;

    for (u32 i = 0; i < map.bytes / sizeof(descriptors[0]); i++) {
        const struct memmap_descriptor *d = &descriptors[i].descriptor;

        if (page * PAGE >= d->start && page - d->start / PAGE < d->pages)
            types |= 1u << memmap_type(d);
    }
    return types;
}

static u64 model_first_taken(u64 first, u64 end)
{
    const u32 free_types = 1u << BOOT_RANGE_FREE | 1u << BOOT_RANGE_BOOT;

    for (; first < end; first++) {
        u32 types = model_types(first);

        if (!types || (types & ~free_types))
            break;
    }
    return first;
}

TEST(random_maps)
{
    static struct boot_range ranges[DESCRIPTORS];

    for (u32 i = 0; i < TEST_ROUNDS / 10; i++) {
        u32 first = test_random_below(PAGES);
        u32 end = first + test_random_below(PAGES - first + 1);
        u32 count;

        make_random();
        CHECK_EQ(memmap_first_taken(&map, first * PAGE, end * PAGE),
                 model_first_taken(first, end) * PAGE);
        CHECK_EQ(memmap_convert(&map, ranges, DESCRIPTORS, &count), 0);
        for (u64 page = 0; page < PAGES; page++) {
            u32 types = 0;

            for (u32 j = 0; j < count; j++) {
                if (page * PAGE - ranges[j].start < ranges[j].length)
                    types |= 1u << ranges[j].type;
            }
            CHECK_EQ(types, model_types(page));
        }
    }
}
