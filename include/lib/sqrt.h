// include/lib/sqrt.h - square roots of whole numbers [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// u32_sqrt - the floor of the square root of @n.
static inline u32 u32_sqrt(u32 n)
{
    u32 root = 0;

    for (u32 bit = 1u << 15; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= n)
            root |= bit;
    return root;
}
