// tests/unit/test_swap_header.c - mm/swap_header.c
// sources: mm/swap_header.c mm/swap_map.c
// SPDX-License-Identifier: MIT
//
// The headers are made here, from the description in mkswap(8), not by a
// function of the kernel's.

#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <base/bits.h>
#include <mm/addr.h>
#include <mm/swap_header.h>

#define PAGES      40000u // more than the old format can tell of
#define OLD_BITS   (4086u * 8)
#define BAD_AT     1536u
#define BAD_MOST   637u
#define LAST_AT    1028u
#define BAD_NUM_AT 1032u

static u8 header[4096];
static u16 counts[PAGES];
static struct swap_cluster clusters[DIV_ROUND_UP(PAGES, SWAP_CLUSTER_SLOTS)];
static struct swap_map map;

static void put_u32(u32 at, u32 value)
{
    memcpy(header + at, &value, sizeof(value));
}

static void make_new(u32 last_page)
{
    memset(header, 0, sizeof(header));
    put_u32(1024, 1);
    put_u32(LAST_AT, last_page);
    memcpy(header + 4086, "SWAPSPACE2", 10);
}

static void make_old(void)
{
    memset(header, 0, sizeof(header));
    memcpy(header + 4086, "SWAP-SPACE", 10);
}

static void set_usable(u32 page)
{
    header[page / 8] |= (u8)(1u << page % 8);
}

static enum swap_header_fault parse(u32 pages, struct swap_header *out)
{
    return swap_header_parse(header, pages, SWAP_PARTITION, out);
}

TEST(version_1)
{
    struct swap_header h;

    make_new(99);
    CHECK_EQ(parse(100, &h), SWAP_HEADER_OK);
    CHECK_EQ(h.format, SWAP_FORMAT_1);
    CHECK_EQ(h.slots, 100);
    CHECK_EQ(h.bad_pages, 0);
    CHECK_EQ(parse(99, &h), SWAP_HEADER_TOO_SHORT);
    CHECK_EQ(parse(0xffffffff, &h), SWAP_HEADER_OK);
    put_u32(1024, 2);
    CHECK_EQ(parse(100, &h), SWAP_HEADER_VERSION);
    make_new(0);
    CHECK_EQ(parse(100, &h), SWAP_HEADER_EMPTY);
    make_new(0xffffffff);
    CHECK_EQ(parse(0xffffffff, &h), SWAP_HEADER_TOO_SHORT);
}

// More than entries can name: the rest is left alone.
TEST(larger_than_entries_reach)
{
    struct swap_header h;

    make_new(SWAP_SLOTS_MAX);
    CHECK_EQ(parse(SWAP_SLOTS_MAX + 1, &h), SWAP_HEADER_OK);
    CHECK_EQ(h.slots, SWAP_SLOTS_MAX);
    make_new(0xfffffffe);
    CHECK_EQ(parse(0xffffffff, &h), SWAP_HEADER_OK);
    CHECK_EQ(h.slots, SWAP_SLOTS_MAX);
}

TEST(bad_pages_of_version_1)
{
    struct swap_header h;

    make_new(999);
    put_u32(BAD_NUM_AT, 3);
    put_u32(BAD_AT, 1);
    put_u32(BAD_AT + 4, 999);
    put_u32(BAD_AT + 8, 1); // twice is no harm
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_OK);
    swap_map_init(&map, h.slots, counts, clusters);
    swap_header_mark_bad(header, &h, &map);
    CHECK(swap_map_check(&map));
    CHECK_EQ(map.bad_slots, 3); // slot 0, too
    CHECK_EQ(map.free_slots, 997);
    CHECK(counts[1] == SWAP_BAD && counts[999] == SWAP_BAD);
    // A map that is shorter than the list says.
    swap_map_init(&map, 500, counts, clusters);
    swap_header_mark_bad(header, &h, &map);
    CHECK_EQ(map.bad_slots, 2);
    CHECK_EQ(swap_header_parse(header, 1000, SWAP_FILE, &h),
             SWAP_HEADER_BAD_PAGES);
    put_u32(BAD_AT + 8, 0);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_BAD_PAGES);
    put_u32(BAD_AT + 8, 1000);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_BAD_PAGES);
    put_u32(BAD_AT + 8, 0xffffffff);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_BAD_PAGES);
}

TEST(most_bad_pages)
{
    struct swap_header h;

    make_new(PAGES - 1);
    for (u32 i = 0; i < BAD_MOST; i++)
        put_u32(BAD_AT + i * 4, 1 + i * 3);
    put_u32(BAD_NUM_AT, BAD_MOST);
    CHECK_EQ(parse(PAGES, &h), SWAP_HEADER_OK);
    swap_map_init(&map, h.slots, counts, clusters);
    swap_header_mark_bad(header, &h, &map);
    CHECK_EQ(map.bad_slots, 1 + BAD_MOST);
    put_u32(BAD_NUM_AT, BAD_MOST + 1);
    CHECK_EQ(parse(PAGES, &h), SWAP_HEADER_BAD_PAGES);
    put_u32(BAD_NUM_AT, 0xffffffff);
    CHECK_EQ(parse(PAGES, &h), SWAP_HEADER_BAD_PAGES);
}

TEST(old_format)
{
    struct swap_header h;

    make_old();
    CHECK_EQ(parse(PAGES, &h), SWAP_HEADER_EMPTY);
    set_usable(0); // the header's own: does not count
    CHECK_EQ(parse(PAGES, &h), SWAP_HEADER_EMPTY);
    for (u32 page = 1; page < 1000; page++)
        if (page % 7)
            set_usable(page);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_OK);
    CHECK_EQ(h.format, SWAP_FORMAT_OLD);
    CHECK_EQ(h.slots, 1000);
    CHECK_EQ(parse(999, &h), SWAP_HEADER_TOO_SHORT);
    swap_map_init(&map, h.slots, counts, clusters);
    swap_header_mark_bad(header, &h, &map);
    CHECK(swap_map_check(&map));
    for (u32 page = 0; page < 1000; page++)
        CHECK_EQ(counts[page], page % 7 ? 0 : SWAP_BAD);
}

TEST(largest_of_the_old_format)
{
    struct swap_header h;

    make_old();
    set_usable(OLD_BITS - 1);
    CHECK_EQ(parse(PAGES, &h), SWAP_HEADER_OK);
    CHECK_EQ(h.slots, OLD_BITS); // the signature's bits are no pages
    swap_map_init(&map, h.slots, counts, clusters);
    swap_header_mark_bad(header, &h, &map);
    CHECK_EQ(map.free_slots, 1);
}

TEST(what_is_no_swap_area)
{
    struct swap_header h;

    memset(header, 0, sizeof(header));
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_NONE);
    make_new(99);
    memcpy(header + 4086, "S1SUSPEND", 10);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_HIBERNATED);
    memcpy(header + 4086, "S2SUSPEND", 10);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_HIBERNATED);
    memcpy(header + 4086, "ULSUSPEND", 10);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_HIBERNATED);
    memcpy(header + 4086, "LINHIB0001", 10);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_HIBERNATED);
    memcpy(header + 4086, "SWAPSPACE3", 10);
    CHECK_EQ(parse(1000, &h), SWAP_HEADER_NONE);
    for (int fault = SWAP_HEADER_OK; fault <= SWAP_HEADER_BAD_PAGES; fault++)
        CHECK(swap_header_fault_text((enum swap_header_fault)fault)[0]);
}

// Anything at all in the page: a map that fits what was parsed.
TEST(random_pages)
{
    struct swap_header h;

    for (u32 round = 0; round < TEST_ROUNDS / 100; round++) {
        u32 pages = 1 + test_random_below(PAGES - 1);

        if (test_random_one_in(2))
            make_new(test_random_below(PAGES));
        else
            make_old();
        put_u32(BAD_NUM_AT, test_random_below(8));
        for (u32 i = 0; i < 40; i++)
            put_u32(test_random_below(4086 / 4) * 4,
                    test_random_below(pages * 2));
        if (parse(pages, &h) != SWAP_HEADER_OK)
            continue;
        CHECK(h.slots >= 2 && h.slots <= pages);
        swap_map_init(&map, h.slots, counts, clusters);
        swap_header_mark_bad(header, &h, &map);
        CHECK(swap_map_check(&map));
    }
}
