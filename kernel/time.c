// kernel/time.c - time since boot from the TSC, wall time, polling delays
// SPDX-License-Identifier: MIT
//
// ns = base_ns + (tsc - base_tsc) * mult >> shift (kernel/clock_scale.c). The
// base is moved on at every tick, so that the product stays small; where it is
// then comes from where it was first, so that what is cut off does not add up.
// On a CPU without time stamps the base is all there is: time in steps of a
// tick.
//
// Programs do the same sum from the same numbers, which stand in vdso_data,
// too, with the base as seconds and nanoseconds of each clock. So what they
// find is what the kernel would have said at that moment, and time goes back
// for nobody: a base is a time that has been, and none is left before it is
// read.
//
// Locking: the base is read and moved with interrupts off.

#include <kernel/time.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <arch/io.h>
#include <base/bits.h>
#include <kernel/clock_scale.h>
#include <kernel/task.h>
#include <kernel/vdso.h>
#include <lib/div64.h>

#define LOG_NAME "time"
#include <kernel/log.h>

#define KHZ_MAX       4000000000u // 4 THz: no such thing
#define FIRST_TICK_MS 500u        // a tick is due after 10
#define DELAY_PORT    0x80        // POST codes: read and written without effect

static u64 base_tsc, base_ns;
static u64 first_tsc, first_ns; // the base when mult was set
static u32 mult, shift;         // mult 0: not calibrated
static u32 tsc_khz;
static u64 ticks;
static u64 wall_offset_ns; // wall time when time_ns() was 0
WAIT_QUEUE(time_wall_changed);

u64 time_ns(void)
{
    u32 flags = irq_save();
    u64 ns = base_ns;

    if (likely(mult))
        ns += clock_scale_ns(cpu_tsc() - base_tsc, mult, shift);
    irq_restore(flags);
    return ns;
}

u64 time_stamps_ns(u64 stamps)
{
    if (likely(mult))
        return clock_scale_ns(stamps, mult, shift);
    return cpu_has(CPU_TSC) ? 0 : stamps;
}

static u32 saturated(u64 ns)
{
    return ns >> 32 ? 0xffffffffu : (u32)ns;
}

static __noinline u32 long_ns(u64 stamps)
{
    return saturated(time_stamps_ns(stamps));
}

// Each record of the trace that has a duration comes here: what is rare is not
// inline, so that the rest needs no registers that have to be saved.
u32 time_since(u64 stamp)
{
    u64 stamps = time_stamp() - stamp;

    if (unlikely(stamps >> 32 || !mult))
        return long_ns(stamps);
    return saturated(clock_scale_short((u32)stamps, mult, shift));
}

u64 time_stamp_ns(u64 stamp)
{
    if (likely(mult))
        return first_ns +
               (stamp > first_tsc ? time_stamps_ns(stamp - first_tsc) : 0);
    return cpu_has(CPU_TSC) ? time_ns_coarse() : stamp;
}

// Interrupts off, as for all below that touch the base.
static void rebase(void)
{
    u64 tsc, ns;

    tsc = cpu_tsc();
    ns = time_stamp_ns(tsc) - base_ns;
    base_ns += ns;
    base_tsc = tsc;
    vdso_data.generation++;
    vdso_data.base_tsc = (u32)tsc;
    vdso_data.base_tsc_high = (u32)(tsc >> 32);
    for (u32 i = 0; i < VDSO_CLOCKS; i++)
        vdso_time_add(&vdso_data.clocks[i], ns);
}

static void set_vdso_clock(enum vdso_clock clock, u64 ns)
{
    struct vdso_time *time = &vdso_data.clocks[clock];

    time->nanoseconds = u64_div(&ns, NSEC_PER_SEC);
    time->seconds = (u32)ns;
    time->seconds_high = (u32)(ns >> 32);
    vdso_data.generation++;
}

void time_init(u64 tsc_hz)
{
    u64 khz = tsc_hz;
    u32 flags;

    u64_div(&khz, 1000);
    flags = irq_save();
    if (!khz || khz > KHZ_MAX) {
        // What the loader has measured turned out to be no clock.
        if (mult)
            rebase();
        mult = 0;
        vdso_data.mult = 0;
        irq_restore(flags);
        return;
    }
    if (mult)
        rebase();
    else
        base_tsc = cpu_tsc();
    first_tsc = base_tsc;
    first_ns = base_ns;
    tsc_khz = (u32)khz;
    clock_scale_choose(tsc_khz, &mult, &shift);
    set_vdso_clock(VDSO_MONOTONIC, base_ns);
    set_vdso_clock(VDSO_REALTIME, wall_offset_ns + base_ns);
    vdso_data.mult = mult;
    vdso_data.shift = shift;
    vdso_data.cycles_max = min(tsc_khz, 0xffffffffu / 1000) * 1000;
    vdso_data.base_tsc = (u32)base_tsc;
    vdso_data.base_tsc_high = (u32)(base_tsc >> 32);
    irq_restore(flags);
}

u64 time_wall_ns(void)
{
    return wall_offset_ns + time_ns();
}

u64 time_wall_ns_coarse(void)
{
    return wall_offset_ns + time_ns_coarse();
}

u64 time_ns_coarse(void)
{
    u32 flags = irq_save();
    u64 ns = base_ns;

    irq_restore(flags);
    return ns;
}

void time_set_wall(u64 ns)
{
    u32 flags = irq_save();

    wall_offset_ns = ns - time_ns();
    set_vdso_clock(VDSO_REALTIME, wall_offset_ns + base_ns);
    irq_restore(flags);
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
    if (likely(mult))
        rebase();
    else
        base_ns += NSEC_PER_SEC / TIMER_HZ; // no time stamps
    timer_run();
}

// The first one was due before interrupts were enabled.
static bool tick_comes(void)
{
    for (u32 ms = 0; ms < FIRST_TICK_MS && !time_ticks(); ms++)
        time_delay_us(1000);
    return time_ticks();
}

void time_await_first_tick(void)
{
    while (!tick_comes() && arch_tick_next())
        ;
}

// Before the TSC is calibrated it is taken for a very fast one: too long a
// delay does no harm. Without one, or should it have stopped, a read of this
// port takes about 1 us, as long as a cycle of the ISA bus, on whatever PC.
void time_delay_us(u32 us)
{
    u64 cycles = (u64)us * (tsc_khz ? tsc_khz : 6000000u);

    u64_div(&cycles, 1000);
    if (cpu_has(CPU_TSC) && arch_wait_stamps(cycles))
        return;
    while (us--)
        (void)inb(DELAY_PORT);
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
