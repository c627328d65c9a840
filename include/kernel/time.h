// include/kernel/time.h - time since boot, wall time, waiting
// SPDX-License-Identifier: MIT
#pragma once

#include <arch/cpu.h>
#include <base/compiler.h>
#include <base/types.h>

#define NSEC_PER_SEC  1000000000u
#define NSEC_PER_MSEC 1000000u
#define NSEC_PER_USEC 1000u

// time_ns - nanoseconds since the kernel started; never goes back. Any context.
u64 time_ns(void);

// time_stamp - now, in some instructions: a time stamp of the CPU; where there
// are none, time_ns(). Any context.
static inline u64 time_stamp(void)
{
    return likely(cpu_has(CPU_TSC)) ? cpu_tsc() : time_ns();
}

// time_stamp_ns - when @stamp was, as time_ns() counts, to 1 ns; of two stamps
// the later one is never earlier. Of a CPU whose speed is not known: now, to a
// tick. Any context.
u64 time_stamp_ns(u64 stamp);

// time_stamps_ns - how long @stamps, the difference of two, are; 0 when that is
// not known. Any context.
u64 time_stamps_ns(u64 stamps);

// time_since - nanoseconds from time_stamp() @stamp until now; 0xffffffff: that
// or more. Any context.
u32 time_since(u64 stamp);

// time_wall_ns - nanoseconds since 1970 UTC (CMOS clock at boot plus time_ns).
u64 time_wall_ns(void);

// time_ns_coarse, time_wall_ns_coarse - the same at the last tick.
u64 time_ns_coarse(void);
u64 time_wall_ns_coarse(void);

// time_ticks - timer interrupts since boot, TIMER_HZ a second.
u64 time_ticks(void);

// time_await_first_tick - be sure that ticks come, or try the machine's other
// timers. Context: task, before anything else; does not sleep, polls for up to
// half a second for each timer that does not work.
void time_await_first_tick(void);

// time_delay_us - poll that long. Any context; for hardware, up to ~1 ms.
void time_delay_us(u32 us);

// A one-shot timer; fn runs in interrupt context.
struct timer {
    struct timer *next;
    u64 expires_ns;
    void (*fn)(struct timer *);
    bool pending;
};
void timer_start(struct timer *timer, u64 expires_ns,
                 void (*fn)(struct timer *));
void timer_cancel(struct timer *timer);

// sleep_ms - Context: task; sleeps, not interruptible by signals.
void sleep_ms(u32 ms);

// time_init - count from the TSC, whose frequency is @tsc_hz; may be called
// again when it is known better: time goes on from where it is. 0: unknown,
// time stands still.
void time_init(u64 tsc_hz);

// time_init_wall - read the CMOS clock. Bounded polling.
void time_init_wall(void);

// time_set_wall - clock_settime(CLOCK_REALTIME); the CMOS clock is not touched.
// @ns: not less than time_ns().
// Those who wait for that, and functions on the queue, are woken after it.
struct wait_queue;
extern struct wait_queue time_wall_changed;
void time_set_wall(u64 ns);

// time_tick - one timer interrupt: count it, run the timers that are due.
// Context: interrupt.
void time_tick(void);

// timer_run - the timers that are due. Context: interrupt.
void timer_run(void);

// rtc_read_seconds - the CMOS clock, taken as UTC, in seconds since 1970.
// Return: 0; -ETIMEDOUT: it never stood still; -EIO: no sensible date.
int rtc_read_seconds(u64 *out);
