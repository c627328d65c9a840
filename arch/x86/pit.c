// arch/x86/pit.c - the 8254 timer: ticks, and a known length of time
// SPDX-License-Identifier: MIT
//
// Channel 0 raises irq 0; channel 2 (the speaker's) can be polled.
//
// Source: Intel 8254 data sheet; ICH9 data sheet 13.3, 13.7.1 (port 61h).
#include "timers.h"

#include <arch/cpu.h>
#include <arch/io.h>

enum {
    PIT_HZ = 1193182,
    PIT_CHANNEL0 = 0x40,
    PIT_CHANNEL2 = 0x42,
    PIT_COMMAND = 0x43,
    COMMAND_CH0_RATE = 0x34, // channel 0, low then high byte, mode 2
    COMMAND_CH2_ONCE = 0xb0, // channel 2, low then high byte, mode 0

    PORT61 = 0x61,
    PORT61_GATE2 = 1 << 0,
    PORT61_SPEAKER = 1 << 1,
    PORT61_OUT2 = 1 << 5,

    // One read takes about 1 us, on quick chipsets 0.3, in an emulator that
    // counts instructions nothing. A counter that ends within a few reads does
    // not count; one that has not after so many reads and time stamps (10 ms of
    // a 20 GHz CPU) neither.
    READS_MIN = 20,
    READS_MAX = 200000,
    STAMPS_MAX = 200000000,
    READS_EVER = 20000000, // should the time stamps stand still
};

void pit_start(u32 hz)
{
    u32 divisor = (PIT_HZ + hz / 2) / hz;

    outb(PIT_COMMAND, COMMAND_CH0_RATE);
    outb(PIT_CHANNEL0, (u8)divisor);
    outb(PIT_CHANNEL0, (u8)(divisor >> 8));
}

u32 pit_measure_tsc(u32 hz)
{
    u32 count = PIT_HZ / hz, reads = 0, stamps = 0;
    u8 port61 = inb(PORT61);
    bool ended;
    u64 start;

    outb(PORT61, (u8)((port61 & ~PORT61_SPEAKER) | PORT61_GATE2));
    outb(PIT_COMMAND, COMMAND_CH2_ONCE);
    outb(PIT_CHANNEL2, (u8)count);
    outb(PIT_CHANNEL2, (u8)(count >> 8)); // starts it
    start = cpu_tsc();
    do {
        ended = inb(PORT61) & PORT61_OUT2;
        stamps = (u32)(cpu_tsc() - start);
        reads++;
    } while (!ended && (reads < READS_MAX || stamps < STAMPS_MAX) &&
             reads < READS_EVER);
    outb(PORT61, port61);
    return ended && reads >= READS_MIN ? stamps : 0;
}
