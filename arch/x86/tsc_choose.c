// arch/x86/tsc_choose.c - what is believed of several measurements
// SPDX-License-Identifier: MIT
//
// A reference may be gated, absent, or run at another rate than it should; two
// that agree are hardly wrong in the same way.
#include "timers.h"

#include <lib/div64.h>

#define LOWEST_HZ  1000000ull      // of anything believable
#define HIGHEST_HZ 100000000000ull // 100 GHz

static bool is_believable(u64 hz)
{
    return hz >= LOWEST_HZ && hz <= HIGHEST_HZ;
}

static u32 deviation_ppm(u64 hz, u64 other)
{
    u64 difference = hz > other ? hz - other : other - hz;
    u64 ppm = u64_div64(difference * 1000000, hz);

    return ppm > 0xffffffff ? 0xffffffff : (u32)ppm;
}

// The one nearest to @refs[of].
static const struct tsc_reference *nearest(const struct tsc_reference *refs,
                                           u32 count, u32 of, u32 *out_ppm)
{
    const struct tsc_reference *best = NULL;

    for (u32 i = 0; i < count; i++) {
        u32 ppm;

        if (i == of || !is_believable(refs[i].hz))
            continue;
        ppm = deviation_ppm(refs[of].hz, refs[i].hz);
        if (!best || ppm < *out_ppm) {
            best = &refs[i];
            *out_ppm = ppm;
        }
    }
    return best;
}

void tsc_choose(const struct tsc_reference *refs, u32 count,
                struct tsc_choice *out)
{
    *out = (struct tsc_choice){0};
    for (u32 i = 0; i < count; i++) {
        const struct tsc_reference *check;
        u32 ppm = 0;

        if (!is_believable(refs[i].hz))
            continue;
        check = nearest(refs, count, i, &ppm);
        if (check && ppm <= TSC_AGREE_PPM) {
            *out =
                (struct tsc_choice){refs[i].hz, refs[i].name, check->name, ppm};
            return;
        }
        if (!out->by)
            *out = (struct tsc_choice){refs[i].hz, refs[i].name, NULL, 0};
    }
}
