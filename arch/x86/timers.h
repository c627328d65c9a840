// arch/x86/timers.h - the timers of a PC, and which of them are used
// SPDX-License-Identifier: MIT
//
//   tsc.c       the time stamp counter: how fast, by which references
//   tick.c      who raises irq 0
//   pit.c hpet.c pmtimer.c, apic.c (its timer): the devices
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// pit.c: the 8254.
void pit_start(u32 hz);
// Time stamps that pass in 1/@hz seconds; 0: the timer does not count.
u32 pit_measure_tsc(u32 hz);

// hpet.c. hpet_init: find it, and turn off all but its counter.
void hpet_init(void);
bool hpet_counts(void); // there is one, and it does
u32 hpet_read(void);
u64 hpet_ns(u32 counts_passed);
bool hpet_has_ticks(void); // it can take the 8254's place at irq 0
__must_check int hpet_tick_start(u32 hz);

// pmtimer.c. pmtimer_init: there is one that counts.
bool pmtimer_init(void);
u32 pmtimer_read(void);
u64 pmtimer_ns(u32 before, u32 after);

// tsc.c. Afterwards arch_tsc_hz() is known.
void tsc_init(void);
// Whether an 8254 was seen counting.
bool tsc_saw_pit(void);

// tsc_choose.c [P]: what is believed of several measurements.
struct tsc_reference {
    const char *name;
    u64 hz; // 0: did not say
};
struct tsc_choice {
    u64 hz;            // 0: nothing believable
    const char *by;    // NULL with 0
    const char *check; // who agreed; NULL: nobody
    u32 deviation_ppm; // of the two
};
#define TSC_AGREE_PPM 10000u // 1 %

// tsc_choose - of @refs, in the order of trust, the first that another one
// agrees with to TSC_AGREE_PPM, the nearest of those; if no two agree, the
// first that is believable.
void tsc_choose(const struct tsc_reference *refs, u32 count,
                struct tsc_choice *out);

// tick_choose.c [P]: who raises irq 0.
enum tick_source {
    TICK_NONE,
    TICK_PIT_PIC,    // 8254 through the 8259
    TICK_LOCAL_APIC, // the local APIC's own timer
    TICK_PIT_IO_APIC,
    TICK_HPET_PIC,
    TICK_HPET_IO_APIC,
    TICK_SOURCES
};
struct tick_facts {
    bool pic;         // lines of the 8259 reach the CPU, as far as is known
    bool io_apic;     // ... of the I/O APIC, used instead
    bool local_apic;  // there is one
    bool tsc;         // ... whose timer can be measured
    bool pit_pending; // irq 0 has come to the 8259
    bool pit_counts;  // the 8254 is there
    bool hpet;        // hpet_has_ticks
    u32 failed;       // bit n: enum tick_source n has been tried in vain
};

// tick_choose - the first source, in the order of the enum, that these facts
// allow.
enum tick_source tick_choose(const struct tick_facts *facts);

// tick.c
void tick_init(bool pic, bool io_apic, bool local_apic);
