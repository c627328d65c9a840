// arch/x86/hpet.c - the high precision event timer: a counter, and ticks
// SPDX-License-Identifier: MIT
//
// How it works: the main counter is a reference for the time stamp counter.
// Ticks come from timer 0 in "legacy replacement": it then takes the place of
// the 8254's line, irq 0 of the 8259 or pin 2 of the I/O APIC. Firmware may
// have left timers and that replacement on, which would take the line from the
// 8254: both are turned off before anybody looks for ticks.
//
// Only a timer that the tables name is touched.
//
// Source: IA-PC HPET 1.0a, 2.3 (registers), 2.4.2 (legacy replacement).
#include "timers.h"

#include <arch/io.h>
#include <arch/platform.h>
#include <base/errno.h>
#include <lib/div64.h>
#include <mm/vmalloc.h>

#define LOG_NAME "hpet"
#include <kernel/log.h>

enum hpet_register {
    HPET_GCAP_ID = 0x000, // revision, number of timers, capabilities
    HPET_PERIOD = 0x004,  // of the counter, in femtoseconds
    HPET_GEN_CONF = 0x010,
    HPET_COUNTER = 0x0f0, // the lower half
    HPET_TIMER0 = 0x100,
    HPET_TIMER_BYTES = 0x20,
    HPET_TIMER_CONF = 0x0, // of a timer
    HPET_TIMER_COMPARATOR = 0x8,
};

enum {
    CAP_REVISION = 0xff,
    CAP_TIMERS_SHIFT = 8,
    CAP_TIMERS = 0x1f,
    CAP_LEGACY = 1 << 15,
    CONF_ENABLE = 1 << 0,
    CONF_LEGACY = 1 << 1,
    TIMER_ENABLE = 1 << 2,
    TIMER_PERIODIC = 1 << 3,
    TIMER_CAN_PERIODIC = 1 << 4,
    TIMER_SET_VALUE = 1 << 6,
    TIMER_32_BITS = 1 << 8,

    PERIOD_MAX = 100000000, // femtoseconds: 2.3.2
    PERIOD_MIN = 100000,    // 10 GHz: nothing believable
    PROBE_READS = 1000,     // in which the counter has to move: some 100 us
};

static void __iomem *registers; // NULL: none
static u32 period;              // femtoseconds

static u32 timer_offset(u32 timer, u32 offset)
{
    return HPET_TIMER0 + timer * HPET_TIMER_BYTES + offset;
}

static void stop_all(u32 capabilities)
{
    u32 last = capabilities >> CAP_TIMERS_SHIFT & CAP_TIMERS;

    mmio_write32(registers, HPET_GEN_CONF, 0);
    for (u32 i = 0; i <= last; i++) {
        u32 at = timer_offset(i, HPET_TIMER_CONF);

        mmio_write32(registers, at,
                     mmio_read32(registers, at) &
                         ~(u32)(TIMER_ENABLE | TIMER_PERIODIC));
    }
}

static bool counter_moves(void)
{
    u32 first = mmio_read32(registers, HPET_COUNTER);

    for (u32 i = 0; i < PROBE_READS; i++) {
        if (mmio_read32(registers, HPET_COUNTER) != first)
            return true;
    }
    return false;
}

static bool start_counter(void)
{
    u32 capabilities = mmio_read32(registers, HPET_GCAP_ID);

    period = mmio_read32(registers, HPET_PERIOD);
    if (!(capabilities & CAP_REVISION) || period < PERIOD_MIN ||
        period > PERIOD_MAX) {
        log_warn("registers make no sense: id=%08x period=%u", capabilities,
                 period);
        return false;
    }
    stop_all(capabilities);
    mmio_write32(registers, HPET_GEN_CONF, CONF_ENABLE);
    if (!counter_moves()) {
        log_warn("does not count");
        return false;
    }
    log_info("period_fs=%u timers=%u", period,
             (capabilities >> CAP_TIMERS_SHIFT & CAP_TIMERS) + 1);
    return true;
}

void hpet_init(void)
{
    if (!platform.hpet)
        return;
    registers = ioremap(phys_addr(platform.hpet), HPET_REGISTER_BYTES);
    if (!registers || start_counter()) // the former said by ioremap
        return;
    iounmap(registers);
    registers = NULL;
}

bool hpet_counts(void)
{
    return registers;
}

u32 hpet_read(void)
{
    return mmio_read32(registers, HPET_COUNTER);
}

u64 hpet_ns(u32 counts_passed)
{
    u64 ns = (u64)counts_passed * period; // femtoseconds: fits

    u64_div(&ns, 1000000);
    return ns;
}

bool hpet_has_ticks(void)
{
    return registers && mmio_read32(registers, HPET_GCAP_ID) & CAP_LEGACY &&
           mmio_read32(registers, timer_offset(0, HPET_TIMER_CONF)) &
               TIMER_CAN_PERIODIC;
}

int hpet_tick_start(u32 hz)
{
    u64 interval = 1000000000000000ull; // a second in femtoseconds
    u32 conf = timer_offset(0, HPET_TIMER_CONF);
    u32 comparator = timer_offset(0, HPET_TIMER_COMPARATOR);

    if (!hpet_has_ticks())
        return -ENODEV;
    u64_div(&interval, period);
    u64_div(&interval, hz);
    mmio_write32(registers, HPET_GEN_CONF, 0);
    mmio_write32(registers, HPET_COUNTER, 0);
    mmio_write32(registers, HPET_COUNTER + 4, 0);
    mmio_write32(registers, conf,
                 TIMER_ENABLE | TIMER_PERIODIC | TIMER_SET_VALUE |
                     TIMER_32_BITS);
    mmio_write32(registers, comparator, (u32)interval); // the first one
    mmio_write32(registers, comparator, (u32)interval); // from one to the next
    mmio_write32(registers, HPET_GEN_CONF, CONF_ENABLE | CONF_LEGACY);
    return 0;
}
