// fs/ext2/bitmap.h - which blocks and inodes of a group are taken [P]
// SPDX-License-Identifier: MIT
//
// A set bit is taken. Bit n is bit n % 8 of byte n / 8. Nothing beyond the
// first @bits is looked at.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// ext2_bitmap_find - a run of clear bits, of at most @want (not 0), near @goal
// (below @bits): at the goal itself; just behind it; at the next byte that is
// all clear, where a file has room to grow; at the next clear bit; or, from the
// beginning, before the goal.
// Return: its length; 0: all are set.
__must_check u32 ext2_bitmap_find(const u8 *map, u32 bits, u32 goal, u32 want,
                                  u32 *out_start);

// ext2_bitmap_set, _clear - @count bits from @start on.
// Return: how many were so before: 0 but for a damaged bitmap.
__must_check u32 ext2_bitmap_set(u8 *map, u32 start, u32 count);
__must_check u32 ext2_bitmap_clear(u8 *map, u32 start, u32 count);
