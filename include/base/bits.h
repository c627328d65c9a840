// include/base/bits.h - alignment, powers of two, least and greatest
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

#define KIB 1024u
#define MIB (1024u * KIB)

// @a is a power of two. The result has the type of @x.
#define ALIGN_DOWN(x, a)   ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a)     ALIGN_DOWN((x) + ((__typeof__(x))(a)-1), a)
#define IS_ALIGNED(x, a)   (((x) & ((__typeof__(x))(a)-1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))

// Each argument is evaluated once. The temporaries have names of their own in
// each use, so that one may stand inside the other.
#define BITS_CAT_(a, b) a##b
#define BITS_CAT(a, b)  BITS_CAT_(a, b)
#define BITS_PICK(a, b, op, x, y)                                              \
    ({                                                                         \
        __typeof__(a) x = (a);                                                 \
        __typeof__(b) y = (b);                                                 \
        x op y ? x : y;                                                        \
    })
#define BITS_PICK_N(a, b, op, n)                                               \
    BITS_PICK(a, b, op, BITS_CAT(pick_a_, n), BITS_CAT(pick_b_, n))
#define min(a, b) BITS_PICK_N(a, b, <, __COUNTER__)
#define max(a, b) BITS_PICK_N(a, b, >, __COUNTER__)

static inline bool is_power_of_2(u32 n)
{
    return n && !(n & (n - 1));
}

// Floor of the binary logarithm. @n is not 0.
static inline u32 ilog2(u32 n)
{
    return 31 - (u32)__builtin_clz(n);
}
