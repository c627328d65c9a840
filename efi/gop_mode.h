// efi/gop_mode.h - which graphics mode to try [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// gop_mode_rank - how much a mode of this size is wanted: more is better; 0:
// too small for a console.
u64 gop_mode_rank(u32 width, u32 height);

/* gop_mode_take_best - the mode with the highest rank of @ranks, the first of
 * those that have the same. Its rank becomes 0, so that the next call gives the
 * next one. Return: @count: there is none (left).
 */
u32 gop_mode_take_best(u64 *ranks, u32 count);
