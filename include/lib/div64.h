// include/lib/div64.h - 64-bit division without libgcc [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// u64_div - *@n = *@n / @d; returns the remainder. @d is not 0.
static inline u32 u64_div(u64 *n, u32 d)
{
#if defined(__i386__)
    u32 high = (u32)(*n >> 32), low = (u32)*n, q_high, rem;

    q_high = high / d;
    rem = high % d;
    __asm__("divl %2" : "+a"(low), "+d"(rem) : "r"(d) : "cc");
    *n = (u64)q_high << 32 | low;
    return rem;
#else
    u32 rem = (u32)(*n % d);

    *n /= d;
    return rem;
#endif
}
