// include/mm/latency.h - how long things took, counted by powers of two [P]
// SPDX-License-Identifier: MIT
//
// Bucket n counts what took 2^n cycles and more, less than 2^(n+1). Nothing
// takes but one, so that bucket 0 is for what was not timed.
#pragma once

#include <base/types.h>

#define LATENCY_BUCKETS 64u // a power of two: they are found by a shift

// latency_bucket - some instructions: it is on the way of every fault.
static inline u32 latency_bucket(u64 cycles)
{
    u32 high = (u32)(cycles >> 32);

    if (__builtin_expect(high != 0, 0))
        return 63 - (u32)__builtin_clz(high);
    return 31 - (u32)__builtin_clz((u32)cycles | 1);
}

// latency_count - of all buckets. It goes round at 2^32, as they do.
u32 latency_count(const u32 buckets[LATENCY_BUCKETS]);

// latency_percentile - of what was timed, @permille of 1000 took less than that
// many cycles: the end of a bucket. 0: nothing was timed.
u64 latency_percentile(const u32 buckets[LATENCY_BUCKETS], u32 permille);

// latency_end - of a bucket, in cycles; that of the last is the greatest there
// is.
static inline u64 latency_end(u32 bucket)
{
    return bucket + 1 < LATENCY_BUCKETS ? 2ull << bucket : ~0ull;
}
