// arch/x86/tick_choose.c - which timer ticks
// SPDX-License-Identifier: MIT
//
// The 8254 comes first where its ticks have been seen: it needs no measurement.
// On PCs since about 2015 it is gated, or there is no 8259 for it. Then the
// local APIC's timer, if its speed can be found; then what is left, by the line
// of irq 0. Without time stamps nobody has waited long enough to know whether
// the 8254 counts: then it is tried.
#include "timers.h"

static bool is_possible(const struct tick_facts *facts, enum tick_source source)
{
    switch (source) {
    case TICK_PIT_PIC: return facts->pic && (facts->pit_pending || !facts->tsc);
    case TICK_LOCAL_APIC: return facts->local_apic && facts->tsc;
    case TICK_PIT_IO_APIC:
        return facts->io_apic && (facts->pit_counts || !facts->tsc);
    case TICK_HPET_PIC: return facts->pic && facts->hpet;
    case TICK_HPET_IO_APIC: return facts->io_apic && facts->hpet;
    case TICK_NONE:
    case TICK_SOURCES: break;
    }
    return false;
}

enum tick_source tick_choose(const struct tick_facts *facts)
{
    for (u32 i = TICK_NONE + 1; i < TICK_SOURCES; i++) {
        if (!(facts->failed & 1u << i) &&
            is_possible(facts, (enum tick_source)i))
            return (enum tick_source)i;
    }
    return TICK_NONE;
}
