// tests/unit/test_memmap.c - mm/memmap.c against an array of types
// sources: mm/memmap.c
// SPDX-License-Identifier: MIT
//
// The model: the type of each unit of half a page, from ORIGIN on.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <mm/addr.h>
#include <mm/memmap.h>

#define UNIT   (PAGE_SIZE / 2)
#define UNITS  200u
#define ORIGIN 0xfffc0000ull // across 4 GiB

#define CAPACITY 64u

#define OPERATIONS (10 * TEST_ROUNDS)

static struct memmap_range *storage; // of exactly the size that map knows
static struct memmap map;
static u8 model[UNITS + 1]; // one more: NONE, the end

static u64 address_of(u32 unit)
{
    return ORIGIN + (u64)unit * UNIT;
}

// How many ranges begin in units [first, end].
static u32 ranges_from(const u8 *types, u32 first, u32 end)
{
    u32 count = 0;

    for (u32 i = first; i <= end && i < UNITS; i++)
        count += types[i] && (i == 0 || types[i] != types[i - 1]);
    return count;
}

static u32 model_ranges(const u8 *types)
{
    return ranges_from(types, 0, UNITS);
}

// The whole map, painted into units, is the model; and the search finds, in one
// unit, what is there.
static void check_all(void)
{
    u8 painted[UNITS + 1] = {0};
    u32 unit = test_random_below(UNITS);

    CHECK(memmap_check(&map));
    for (u32 i = 0; i < map.count; i++) {
        const struct memmap_range *range = &map.ranges[i];
        u64 first = (range->start - ORIGIN) / UNIT;
        u64 end = (range->end - ORIGIN) / UNIT;

        CHECK(address_of((u32)first) == range->start && end <= UNITS &&
              address_of((u32)end) == range->end);
        memset(painted + first, (int)range->type, end - first);
    }
    CHECK(memcmp(painted, model, sizeof(model)) == 0);
    CHECK_EQ(memmap_type_at(&map, address_of(unit)), model[unit]);
    CHECK_EQ(memmap_type_at(&map, address_of(unit) + UNIT - 1), model[unit]);
}

static void reset(u32 capacity)
{
    free(storage);
    storage = malloc(capacity * sizeof(*storage));
    memmap_init(&map, storage, capacity);
    memset(model, 0, sizeof(model));
}

TEST(restrictive_types_win)
{
    reset(CAPACITY);
    CHECK_EQ(memmap_add(&map, 0, 0x100000, BOOT_RANGE_FREE), 0);
    CHECK_EQ(memmap_add(&map, 0x1000, 0x1000, BOOT_RANGE_RESERVED), 0);
    CHECK_EQ(memmap_add(&map, 0, 0x3000, BOOT_RANGE_KERNEL), 0);
    CHECK_EQ(map.count, 4);
    CHECK_EQ(memmap_type_at(&map, 0xfff), BOOT_RANGE_KERNEL);
    CHECK_EQ(memmap_type_at(&map, 0x1000), BOOT_RANGE_RESERVED);
    CHECK_EQ(memmap_type_at(&map, 0x2fff), BOOT_RANGE_KERNEL);
    CHECK_EQ(memmap_type_at(&map, 0x3000), BOOT_RANGE_FREE);
    CHECK_EQ(memmap_type_at(&map, 0x100000), BOOT_RANGE_NONE);
    CHECK_EQ(memmap_set(&map, 0, 0x3000, BOOT_RANGE_FREE), 0);
    CHECK_EQ(map.count, 1);
    CHECK_EQ(memmap_set(&map, 0x1000, 0x1000, BOOT_RANGE_NONE), 0);
    CHECK_EQ(map.count, 2);
    CHECK(memmap_check(&map));
}

TEST(wrong_arguments)
{
    reset(CAPACITY);
    CHECK_EQ(memmap_add(&map, 0, 1, BOOT_RANGE_TYPES), -EINVAL);
    CHECK_EQ(memmap_set(&map, 0, 1, ~0u), -EINVAL);
    CHECK_EQ(memmap_add(&map, 2, ~0ull, BOOT_RANGE_FREE), -EINVAL);
    CHECK_EQ(memmap_set(&map, ~0ull, 2, BOOT_RANGE_FREE), -EINVAL);
    CHECK_EQ(memmap_add(&map, ~0ull, 0, BOOT_RANGE_FREE), 0);
    CHECK_EQ(memmap_add(&map, 5, 0, BOOT_RANGE_FREE), 0);
    CHECK_EQ(map.count, 0);
    CHECK_EQ(memmap_add(&map, ~0ull - 1, 1, BOOT_RANGE_FREE), 0);
    CHECK_EQ(memmap_type_at(&map, ~0ull - 1), BOOT_RANGE_FREE);
    CHECK_EQ(memmap_type_at(&map, ~0ull), BOOT_RANGE_NONE);
}

TEST(usable_across_types)
{
    u32 first, end;

    reset(CAPACITY);
    CHECK_EQ(memmap_add(&map, 0x800, 0x2000, BOOT_RANGE_FREE), 0);
    CHECK_EQ(memmap_add(&map, 0x2800, 0x2000, BOOT_RANGE_BOOT), 0);
    CHECK(memmap_next_usable(&map, 0, ~0u, false, &first, &end));
    CHECK(first == 1 && end == 2);
    CHECK(!memmap_next_usable(&map, 2, ~0u, false, &first, &end));
    CHECK(memmap_next_usable(&map, 0, ~0u, true, &first, &end));
    CHECK(first == 1 && end == 4);
    CHECK(memmap_next_usable(&map, 2, 3, true, &first, &end));
    CHECK(first == 2 && end == 3);
    CHECK(!memmap_next_usable(&map, 4, ~0u, true, &first, &end));
    // Above what a frame number can say.
    CHECK_EQ(memmap_add(&map, 1ull << 50, 1 << 20, BOOT_RANGE_FREE), 0);
    CHECK(!memmap_next_usable(&map, 4, ~0u, true, &first, &end));
}

TEST(alloc_from_the_top)
{
    u64 at;

    reset(CAPACITY);
    CHECK_EQ(memmap_add(&map, 0x100000, 0x100000, BOOT_RANGE_FREE), 0);
    CHECK_EQ(memmap_add(&map, 5ull << 30, 0x100000, BOOT_RANGE_FREE), 0);
    CHECK_EQ(
        memmap_alloc(&map, 1, PAGE_SIZE, 0, 1ull << 32, BOOT_RANGE_KERNEL, &at),
        0);
    CHECK_EQ(at, 0x1ff000);
    CHECK_EQ(memmap_type_at(&map, at + 0xfff), BOOT_RANGE_KERNEL);
    CHECK_EQ(memmap_alloc(&map, 0x2000, 0x10000, 0, 1ull << 32,
                          BOOT_RANGE_KERNEL, &at),
             0);
    CHECK_EQ(at, 0x1f0000);
    CHECK_EQ(memmap_alloc(&map, 0x2000, 0x200000, 0, 1ull << 32,
                          BOOT_RANGE_KERNEL, &at),
             -ENOMEM);
    CHECK_EQ(memmap_alloc(&map, 0, PAGE_SIZE, 0, ~0ull, BOOT_RANGE_KERNEL, &at),
             -ENOMEM);
    CHECK_EQ(
        memmap_alloc(&map, ~0ull, PAGE_SIZE, 0, ~0ull, BOOT_RANGE_KERNEL, &at),
        -ENOMEM);
    CHECK_ASSERTS(
        CHECK(memmap_alloc(&map, 1, 0x1800, 0, ~0ull, BOOT_RANGE_KERNEL, &at)));
}

TEST(names)
{
    CHECK(strcmp(memmap_type_name(BOOT_RANGE_ACPI_NVS), "ACPI NVS") == 0);
    for (u32 type = 0; type <= BOOT_RANGE_TYPES; type++)
        CHECK(memmap_type_name(type));
}

// add or set; -ENOSPC exactly when the result has more ranges than fit.
static void random_change(void)
{
    u32 first = test_random_below(UNITS);
    u32 count = test_random_below(test_random_one_in(3) ? 80 : 8);
    u32 type = test_random_below(test_random_one_in(2) ? 4 : BOOT_RANGE_TYPES);
    bool replace = test_random_one_in(2);
    u8 after[UNITS + 1];
    u64 start = address_of(first);
    u32 map_ranges = map.count, ranges;
    int rc;

    memcpy(after, model, sizeof(after));
    for (u32 i = first; i < first + count && i < UNITS; i++) {
        if (replace || after[i] < type)
            after[i] = (u8)type;
    }
    if (first + count > UNITS)
        count = UNITS - first;
    rc = replace ? memmap_set(&map, start, (u64)count * UNIT, type)
                 : memmap_add(&map, start, (u64)count * UNIT, type);
    // Of the others there are as many as before: check_all has seen that.
    ranges = map_ranges + ranges_from(after, first, first + count) -
             ranges_from(model, first, first + count);
    if (ranges > map.capacity) {
        CHECK_EQ(rc, -ENOSPC);
    } else {
        CHECK_EQ(rc, 0);
        memcpy(model, after, sizeof(model));
    }
}

static bool model_page_usable(u32 page, bool boot)
{
    for (u32 unit = page * 2; unit < page * 2 + 2; unit++) {
        if (model[unit] != BOOT_RANGE_FREE &&
            !(boot && model[unit] == BOOT_RANGE_BOOT))
            return false;
    }
    return true;
}

static void random_usable(void)
{
    u32 pages = UNITS / 2, origin = (u32)(ORIGIN >> PAGE_SHIFT);
    u32 from = test_random_below(pages), limit = test_random_below(pages + 1);
    bool boot = test_random_one_in(2);
    u32 first, end, expected_end;
    bool found = memmap_next_usable(&map, origin + from, origin + limit, boot,
                                    &first, &end);

    while (from < limit && !model_page_usable(from, boot))
        from++;
    CHECK_EQ(found, from < limit);
    if (!found)
        return;
    expected_end = from;
    while (expected_end < limit && model_page_usable(expected_end, boot))
        expected_end++;
    CHECK_EQ(first, origin + from);
    CHECK_EQ(end, origin + expected_end);
}

static bool model_free(u32 unit, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        if (unit + i >= UNITS || model[unit + i] != BOOT_RANGE_FREE)
            return false;
    }
    return true;
}

static void random_alloc(void)
{
    u64 align = PAGE_SIZE << test_random_below(3);
    u32 units = 2 * (1 + test_random_below(4)); // whole pages
    u64 bytes = units * UNIT - test_random_below(PAGE_SIZE);
    u32 low = test_random_below(UNITS), high = test_random_below(UNITS + 1);
    u32 at = UNITS;
    u64 out;
    int rc = memmap_alloc(&map, bytes, align, address_of(low), address_of(high),
                          BOOT_RANGE_KERNEL, &out);

    while (at-- > low) {
        if (at + units <= high && address_of(at) % align == 0 &&
            model_free(at, units))
            break;
    }
    if (at + 1 == low || low == UNITS) {
        CHECK_EQ(rc, -ENOMEM);
        return;
    }
    if (rc == -ENOSPC) {
        memset(model + at, BOOT_RANGE_KERNEL, units);
        CHECK(model_ranges(model) > map.capacity);
        memset(model + at, BOOT_RANGE_FREE, units);
        return;
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(out, address_of(at));
    memset(model + at, BOOT_RANGE_KERNEL, units);
}

TEST(random_run)
{
    for (u32 i = 0; i < OPERATIONS; i++) {
        if (i % 1000 == 0)
            reset(test_random_one_in(2) ? CAPACITY : test_random_below(20));
        switch (test_random_below(8)) {
        case 0: random_usable(); break;
        case 1: random_alloc(); break;
        default: random_change(); break;
        }
        check_all();
    }
}
