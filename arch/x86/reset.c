// arch/x86/reset.c - start the machine again
// SPDX-License-Identifier: MIT
//
// Ports that nobody decodes read as all ones: then there is neither a chipset
// with a reset control register nor a keyboard controller, and nothing is
// waited for.
//
// Source: ICH9 data sheet 13.7.5 (CF9h); 8042 command FEh pulses the reset.
#include <arch/init.h>

#include <arch/cpu.h>
#include <arch/io.h>

enum {
    KBC_STATUS = 0x64,
    KBC_COMMAND = 0x64,
    KBC_INPUT_FULL = 1 << 1,
    KBC_RESET = 0xfe,
    KBC_TRIES = 10, // some need more than one
    RESET_CONTROL = 0xcf9,
    RESET_CONTROL_SYSTEM = 0x02, // what kind of reset: all devices, too
    RESET_CONTROL_CPU = 0x04,    // going from 0 to 1 resets
    RESET_CONTROL_FULL = 0x08,   // with power off and on
    PORT_NOBODY = 0xff,
    POST_PORT = 0x80,       // writes take a microsecond and do nothing
    WAIT_WRITES = 100000,   // about 100 ms
    KBC_WAIT_READS = 20000, // about 20 ms
};

// The reset takes a moment to reach the CPU.
static void wait_for_reset(u32 writes)
{
    for (u32 i = 0; i < writes; i++)
        outb(POST_PORT, 0);
}

static void reset_pci(bool cold)
{
    u8 command = RESET_CONTROL_SYSTEM | RESET_CONTROL_CPU;
    u8 kept = inb(RESET_CONTROL);

    if (kept == PORT_NOBODY)
        return;
    if (cold)
        command |= RESET_CONTROL_FULL;
    kept &=
        (u8) ~(RESET_CONTROL_SYSTEM | RESET_CONTROL_CPU | RESET_CONTROL_FULL);
    outb(RESET_CONTROL, (u8)(kept | (command & ~RESET_CONTROL_CPU)));
    wait_for_reset(50);
    outb(RESET_CONTROL, (u8)(kept | command));
    wait_for_reset(WAIT_WRITES);
}

static void reset_keyboard(void)
{
    if (inb(KBC_STATUS) == PORT_NOBODY)
        return;
    for (u32 tries = 0; tries < KBC_TRIES; tries++) {
        for (u32 i = 0; i < KBC_WAIT_READS; i++)
            if (!(inb(KBC_STATUS) & KBC_INPUT_FULL))
                break;
        outb(KBC_COMMAND, KBC_RESET);
        wait_for_reset(WAIT_WRITES / KBC_TRIES);
    }
}

// Without a descriptor table the breakpoint cannot be delivered, nor can the
// double fault: the CPU shuts down, which chipsets answer with a reset.
static void reset_triple(void)
{
    static const struct {
        u16 limit;
        u32 base;
    } __packed no_idt;

    __asm__ volatile("lidt %0; int3" : : "m"(no_idt));
}

void arch_reset(enum arch_reset way, bool cold)
{
    switch (way) {
    case ARCH_RESET_PCI: reset_pci(cold); return;
    case ARCH_RESET_KEYBOARD: reset_keyboard(); return;
    case ARCH_RESET_TRIPLE: reset_triple(); return;
    }
}
