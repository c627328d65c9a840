// mm/latency.c - how long things took, counted by powers of two [P]
// SPDX-License-Identifier: MIT

#include <mm/latency.h>

u32 latency_count(const u32 buckets[LATENCY_BUCKETS])
{
    u32 count = 0;

    for (u32 i = 0; i < LATENCY_BUCKETS; i++)
        count += buckets[i];
    return count;
}

u64 latency_percentile(const u32 buckets[LATENCY_BUCKETS], u32 permille)
{
    u64 timed = 0, below = 0;
    u32 i;

    for (i = 1; i < LATENCY_BUCKETS; i++)
        timed += buckets[i];
    if (!timed)
        return 0;
    for (i = 1; i < LATENCY_BUCKETS - 1; i++) {
        below += buckets[i];
        if (buckets[i] && below * 1000 >= timed * permille)
            break;
    }
    return latency_end(i);
}
