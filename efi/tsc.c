// efi/tsc.c - how fast the time-stamp counter runs
// SPDX-License-Identifier: MIT
//
// Boot services can wait without any timer of ours, so that the kernel knows
// its clock even on machines whose PIT and HPET are gated. A wait can only be
// too long (system management interrupts), so the shortest of some is taken.

#include "stub.h"

#include "io.h"

enum {
    CPUID_FEATURES = 1,
    CPUID_EDX_TSC = 1 << 4,

    WAIT_MICROSECONDS = 20000,
    WAITS = 3,
    WAITS_PER_SECOND = 1000000 / WAIT_MICROSECONDS,
};

u64 tsc_measure(void)
{
    u64 least = ~0ull;

    if (!(cpuid_edx(CPUID_FEATURES) & CPUID_EDX_TSC)) {
        log_line("efi: no time-stamp counter");
        return 0;
    }
    for (u32 i = 0; i < WAITS; i++) {
        u64 before = tsc_read();

        if (EFI_ERROR(firmware.services->Stall(WAIT_MICROSECONDS)))
            return 0;
        least = min(least, tsc_read() - before);
    }
    // Fits: 2^32 ticks in 20 ms would be 200 GHz.
    log_line("efi: TSC %u kHz", (u32)least / (WAIT_MICROSECONDS / 1000));
    return least * WAITS_PER_SECOND;
}
