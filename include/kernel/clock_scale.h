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

// Of up to 32 bits.
static inline u64 clock_scale_short(u32 cycles, u32 mult, u32 shift)
{
#if defined(__i386__)
    u64 ns; // A: edx and eax; gcc moves them about, and asks for shifts over 31

    __asm__("mull %2; shrdl %%cl, %%edx, %%eax; shrl %%cl, %%edx"
            : "=A"(ns)
            : "a"(cycles), "rm"(mult), "c"(shift)
            : "cc");
    return ns;
#else
    return (u64)cycles * mult >> shift;
#endif
}

// clock_scale_ns - rounded down. @cycles: up to 2^(32 + shift). Short for less
// than 2^32, as they are between two ticks: time is asked for all the time.
static inline u64 clock_scale_ns(u64 cycles, u32 mult, u32 shift)
{
    u64 low = clock_scale_short((u32)cycles, mult, shift);
    u32 high = (u32)(cycles >> 32);

    // (2^32 a + b) * mult >> shift, in 64 bits.
    return likely(!high) ? low : ((u64)high * mult << (32 - shift)) + low;
}
