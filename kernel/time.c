// kernel/time.c - time since boot from the TSC, wall time, polling delays
// SPDX-License-Identifier: MIT
//
// ns = base_ns + (tsc - base_tsc) * mult >> shift, with mult of 32 bits and
// the largest shift for which it fits: better than one part in a million. The
// base is moved on at every tick, so that the product stays small.
//
// Locking: the base is read and moved with interrupts off.

#include <kernel/time.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <kernel/task.h>
#include <lib/div64.h>

#define LOG_NAME "time"
#include <kernel/log.h>

#define KHZ_MAX   4000000000u // 4 THz: no such thing
#define SHIFT_MAX 32u

static u64 base_tsc, base_ns;
static u32 mult, shift; // mult 0: not calibrated
static u32 tsc_khz;
static u64 ticks;
static u64 wall_offset_ns; // wall time when time_ns() was 0
WAIT_QUEUE(time_wall_changed);

// scale - @cycles in nanoseconds. (2^32 a + b) * mult >> shift, in 64 bits:
// @cycles may be up to 2^(32 + shift).
static u64 scale(u64 cycles)
{
    u64 high = (cycles >> 32) * mult;
    u64 low = (u64)(u32)cycles * mult;

    return (high << (32 - shift)) + (low >> shift);
}

static u64 time_ns_locked(void)
{
    return mult ? base_ns + scale(cpu_tsc() - base_tsc) : base_ns;
}

u64 time_ns(void)
{
    u32 flags = irq_save();
    u64 ns = time_ns_locked();

    irq_restore(flags);
    return ns;
}

static void rebase(void)
{
    u64 tsc = cpu_tsc();

    if (mult)
        base_ns += scale(tsc - base_tsc);
    base_tsc = tsc;
}

void time_init(u64 tsc_hz)
{
    u64 khz = tsc_hz;
    u32 flags;

    u64_div(&khz, 1000);
    if (!khz || khz > KHZ_MAX)
        return;
    flags = irq_save();
    rebase();
    tsc_khz = (u32)khz;
    // 10^6 ns a millisecond, khz cycles a millisecond.
    for (shift = SHIFT_MAX;; shift--) {
        u64 m = (u64)NSEC_PER_MSEC << shift;

        u64_div(&m, tsc_khz);
        mult = (u32)m;
        if (m == mult)
            break;
    }
    irq_restore(flags);
}

u64 time_wall_ns(void)
{
    return wall_offset_ns + time_ns();
}

void time_set_wall(u64 ns)
{
    wall_offset_ns = ns - time_ns();
    wake_up(&time_wall_changed);
}

void time_init_wall(void)
{
    u64 seconds;
    int error = rtc_read_seconds(&seconds);

    if (error) {
        log_warn("no CMOS clock, wall time starts at 1970: error=%d", error);
        return;
    }
    time_set_wall(seconds * NSEC_PER_SEC);
    log_info("CMOS clock: seconds=%llu tsc_khz=%u", seconds, tsc_khz);
}

u64 time_ticks(void)
{
    u32 flags = irq_save();
    u64 n = ticks;

    irq_restore(flags);
    return n;
}

void time_tick(void)
{
    ticks++;
    rebase();
    timer_run();
}

// Before the TSC is calibrated it is taken for a very fast one: too long a
// delay does no harm.
void time_delay_us(u32 us)
{
    u64 start = cpu_tsc();
    u64 cycles = (u64)us * (tsc_khz ? tsc_khz : 6000000u);

    u64_div(&cycles, 1000);
    while (cpu_tsc() - start <= cycles)
        cpu_relax();
}

void sleep_ms(u32 ms)
{
    u64 deadline = time_ns() + (u64)ms * NSEC_PER_MSEC;
    WAIT_QUEUE(nobody);

    while (time_ns() < deadline) {
        // Ends with -ETIMEDOUT, which is what was wanted.
        int result = wait_event_full(&nobody, time_ns() >= deadline,
                                     WAIT_UNINTERRUPTIBLE, deadline);
        (void)result;
    }
}
