// arch/x86/pmtimer.c - the ACPI power-management timer, a counter to go by
// SPDX-License-Identifier: MIT
//
// It counts at 3.579545 MHz, 24 or 32 bits wide, whatever else is gated: a
// reference for the time stamp counter. On some chipsets of the nineties a read
// may meet it half changed; that shows as a disagreement of references.
//
// Source: ACPI 6.4, section 4.8.3.3.
#include "timers.h"

#include <arch/io.h>
#include <arch/platform.h>
#include <lib/div64.h>

enum {
    PM_TIMER_HZ = 3579545,
    PROBE_READS = 1000, // in which it has to move: some ms at most
};

static u32 mask; // 0: none

bool pmtimer_init(void)
{
    u32 first;

    if (!platform.legacy.pm_timer_port)
        return false;
    mask = platform.legacy.pm_timer_32 ? 0xffffffff : 0xffffff;
    first = pmtimer_read();
    for (u32 i = 0; i < PROBE_READS; i++) {
        if (pmtimer_read() != first)
            return true;
    }
    mask = 0;
    return false;
}

u32 pmtimer_read(void)
{
    return inl(platform.legacy.pm_timer_port) & mask;
}

u64 pmtimer_ns(u32 before, u32 after)
{
    u64 ns = (u64)((after - before) & mask) * 1000000000;

    u64_div(&ns, PM_TIMER_HZ);
    return ns;
}
