// include/kernel/vdso_data.h - what programs read of the clock ([vvar])
// SPDX-License-Identifier: MIT
//
// One page of the kernel's, that every program has read-only below the vDSO
// (arch/x86/vdso/). The kernel changes it with interrupts off (kernel/time.c),
// and there is one CPU: a program never sees it half changed, but what it read
// in several steps may be of two states. So it reads `generation` before and
// after, and again if that has changed.
//
//   now = clocks[] + ((time stamp - base_tsc) * mult >> shift) nanoseconds
//
// which holds for cycles_max cycles; the kernel moves the base at each tick. A
// program that finds more (the machine was stopped) asks the kernel.
#pragma once

#include <base/types.h>

enum vdso_clock { // whose time stands in clocks[]
    VDSO_MONOTONIC,
    VDSO_REALTIME,
    VDSO_CLOCKS
};

struct vdso_time {
    u32 seconds, seconds_high;
    u32 nanoseconds; // below 10^9
};

struct vdso_data {
    u32 generation;
    u32 mult;       // 0: there is no time stamp counter; ask the kernel
    u32 shift;      // below 32
    u32 cycles_max; // exclusive; that many are less than a second
    u32 base_tsc, base_tsc_high;
    struct vdso_time clocks[VDSO_CLOCKS]; // at base_tsc, the last tick
};

// vdso_time_add - @ns later. Bounded by @ns / 10^9 steps.
static inline void vdso_time_add(struct vdso_time *time, u64 ns)
{
    ns += time->nanoseconds;
    while (ns >= 1000000000u) {
        ns -= 1000000000u;
        if (++time->seconds == 0)
            time->seconds_high++;
    }
    time->nanoseconds = (u32)ns;
}

// vdso_cycles_ns - @cycles, which are below cycles_max, in nanoseconds.
static inline u32 vdso_cycles_ns(u32 cycles, u32 mult, u32 shift)
{
    return (u32)((u64)cycles * mult >> (shift & 31u));
}
