// include/kernel/clock_scale.h - cycles of a counter as nanoseconds [P]
// SPDX-License-Identifier: MIT
//
// ns = cycles * mult >> shift: mult of 32 bits, and the largest shift below 32
// for which it fits, so that it is right to one part in a million, up to 2 THz.
#pragma once

#include <base/types.h>

// clock_scale_choose - for a counter of @khz, not 0.
void clock_scale_choose(u32 khz, u32 *out_mult, u32 *out_shift);

// clock_scale_ns - rounded down. @cycles: up to 2^(32 + shift).
u64 clock_scale_ns(u64 cycles, u32 mult, u32 shift);
