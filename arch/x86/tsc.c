// arch/x86/tsc.c - how fast the time stamp counter counts
// SPDX-License-Identifier: MIT
//
// Measured against the 8254; if that does not count (legacy-free PCs), what
// the stub measured with the firmware's help; else a guess and a warning.
#include <arch/cpu.h>
#include <arch/init.h>

#include "arch_private.h"

#define LOG_NAME "tsc"
#include <kernel/log.h>

enum {
    MEASURE_HZ = 100, // 10 ms each time
    MEASURE_TIMES = 3,
    GUESS_HZ = 1000000000,
    LOWEST_HZ = 1000000, // of anything believable
};

static u64 tsc_hz;

// Whatever comes between makes it longer: the shortest is the truest.
static u64 measure(void)
{
    u32 best = 0;

    for (u32 i = 0; i < MEASURE_TIMES; i++) {
        u32 stamps = pit_measure_tsc(MEASURE_HZ);

        if (!stamps)
            return 0;
        if (!best || stamps < best)
            best = stamps;
    }
    return (u64)best * MEASURE_HZ;
}

void tsc_init(void)
{
    const char *by = "8254";

    if (!cpu_has(CPU_TSC)) {
        log_warn("no time stamp counter: time in ticks only");
        return;
    }
    tsc_hz = measure();
    if (tsc_hz < LOWEST_HZ) {
        tsc_hz = boot_info.tsc_hz;
        by = "the stub";
    }
    if (tsc_hz < LOWEST_HZ) {
        tsc_hz = GUESS_HZ;
        by = "guess";
        log_warn("no timer to measure with: time is wrong");
    }
    log_info("hz=%llu by %s", tsc_hz, by);
}

u64 arch_tsc_hz(void)
{
    return tsc_hz;
}
