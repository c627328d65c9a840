// include/kernel/clock_scale.h - cycles of a counter as nanoseconds [P]
// SPDX-License-Identifier: MIT
//
// ns = cycles * mult >> shift: mult of 32 bits, and the largest shift below 32
// for which it fits, so that it is right to one part in a million for every
// speed. mult is rounded down, so that the cycles of a second are never more
// than one, up to 2^31 kHz; above, where it has 20 bits only, to the nearest.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// clock_scale_choose - for a counter of @khz: anything but 0.
void clock_scale_choose(u32 khz, u32 *out_mult, u32 *out_shift);

// clock_scale_ns - rounded down. @cycles: up to 2^(32 + shift). Short for less
// than 2^32, as they are between two ticks: time is asked for all the time.
static inline u64 clock_scale_ns(u64 cycles, u32 mult, u32 shift)
{
    u32 high = (u32)(cycles >> 32);
    u64 low = (u64)(u32)cycles * mult >> (shift & 31);

    // (2^32 a + b) * mult >> shift, in 64 bits.
    return likely(!high) ? low : ((u64)high * mult << (32 - shift)) + low;
}
