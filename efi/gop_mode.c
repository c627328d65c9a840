// efi/gop_mode.c - which graphics mode to try [P]
// SPDX-License-Identifier: MIT
//
// Only for a device whose present mode cannot be used. The largest that is
// still quick to draw on and legible on every screen; beyond that the smallest
// there is.

#include "gop_mode.h"

#define WIDTH_LEAST  640u
#define HEIGHT_LEAST 400u
#define WIDTH_QUICK  1920u
#define HEIGHT_QUICK 1200u

u64 gop_mode_rank(u32 width, u32 height)
{
    u64 pixels = (u64)width * height;

    if (width < WIDTH_LEAST || height < HEIGHT_LEAST)
        return 0;
    if (width <= WIDTH_QUICK && height <= HEIGHT_QUICK)
        return (1ull << 63) + pixels;
    return (1ull << 63) - (pixels < 1ull << 62 ? pixels : 1ull << 62);
}

u32 gop_mode_take_best(u64 *ranks, u32 count)
{
    u32 best = count;

    for (u32 i = 0; i < count; i++) {
        if (ranks[i] && (best == count || ranks[i] > ranks[best]))
            best = i;
    }
    if (best != count)
        ranks[best] = 0;
    return best;
}
