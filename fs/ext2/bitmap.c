// fs/ext2/bitmap.c - which blocks and inodes of a group are taken [P]
// SPDX-License-Identifier: MIT

#include "bitmap.h"

#include <base/bits.h>

#define NEAR_BITS 64u // so far behind the goal any bit is as good as a byte

static bool is_set(const u8 *map, u32 bit)
{
    return map[bit / 8] & 1u << bit % 8;
}

static u32 next_clear(const u8 *map, u32 from, u32 end)
{
    while (from < end) {
        if (from % 8 == 0 && map[from / 8] == 0xff)
            from += 8;
        else if (is_set(map, from))
            from++;
        else
            return from;
    }
    return end;
}

// The first bit of a byte without set bits, whole below @end; @end: none.
static u32 next_clear_byte(const u8 *map, u32 from, u32 end)
{
    for (from = ALIGN_UP(from, 8u); from + 8 <= end; from += 8)
        if (!map[from / 8])
            return from;
    return end;
}

// The best place in [from, end); @end: none.
static u32 search(const u8 *map, u32 from, u32 end)
{
    u32 near = min(end - from, NEAR_BITS) + from;
    u32 found = next_clear(map, from, near);

    if (found < near)
        return found;
    found = next_clear_byte(map, near, end);
    return found < end ? found : next_clear(map, near, end);
}

u32 ext2_bitmap_find(const u8 *map, u32 bits, u32 goal, u32 want,
                     u32 *out_start)
{
    u32 start = search(map, goal, bits), count = 0;

    if (start == bits) {
        start = search(map, 0, goal);
        if (start == goal)
            return 0;
    }
    while (count < want && start + count < bits && !is_set(map, start + count))
        count++;
    *out_start = start;
    return count;
}

u32 ext2_bitmap_set(u8 *map, u32 start, u32 count)
{
    u32 wrong = 0, bit;

    for (bit = start; bit < start + count; bit++) {
        wrong += is_set(map, bit);
        map[bit / 8] |= (u8)(1u << bit % 8);
    }
    return wrong;
}

u32 ext2_bitmap_clear(u8 *map, u32 start, u32 count)
{
    u32 wrong = 0, bit;

    for (bit = start; bit < start + count; bit++) {
        wrong += !is_set(map, bit);
        map[bit / 8] &= (u8) ~(1u << bit % 8);
    }
    return wrong;
}
