// kernel/clock_scale.c - cycles of a counter as nanoseconds [P]
// SPDX-License-Identifier: MIT

#include <kernel/clock_scale.h>

#include <lib/div64.h>

#define SHIFT_MAX 31u
#define NS_PER_MS 1000000u
#define PRECISION 1000000u // one part in so many

void clock_scale_choose(u32 khz, u32 *out_mult, u32 *out_shift)
{
    u32 shift = SHIFT_MAX;

    for (;; shift--) {
        // Nanoseconds of a millisecond, by its cycles.
        u64 mult = (u64)NS_PER_MS << shift;
        u32 rest = u64_div(&mult, khz);

        if (mult >> 32 == 0) {
            // Above 2^31 kHz. There it is 500000 at least, and half of one is
            // little enough.
            if (mult < PRECISION && rest > khz / 2)
                mult++;
            *out_mult = (u32)mult;
            *out_shift = shift;
            return;
        }
    }
}
