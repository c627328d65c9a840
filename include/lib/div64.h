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

// u64_div64 - @n / @d, which is not 0: bit by bit, for where @d may be large.
static inline u64 u64_div64(u64 n, u64 d)
{
    u64 quotient = 0, rest = 0;
    u32 bit;

    for (bit = 64; bit-- > 0;) {
        bool carry = rest >> 63;

        rest = rest << 1 | (n >> bit & 1);
        if (carry || rest >= d) {
            rest -= d;
            quotient |= 1ull << bit;
        }
    }
    return quotient;
}
