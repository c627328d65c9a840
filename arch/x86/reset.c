// arch/x86/reset.c - start the machine again
// SPDX-License-Identifier: MIT
//
// Three ways, until one works. (The FADT's reset register would be the first;
// it is not read yet.)
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
    RESET_CONTROL = 0xcf9,
    RESET_CONTROL_SYSTEM = 0x02,
    RESET_CONTROL_FULL = 0x06,
    WAIT_READS = 100000, // about 100 ms
};

static void wait_for_controller(void)
{
    for (u32 i = 0; i < WAIT_READS && inb(KBC_STATUS) & KBC_INPUT_FULL; i++)
        ;
}

// The reset takes a moment to reach the CPU.
static void wait_for_reset(void)
{
    for (u32 i = 0; i < WAIT_READS; i++)
        inb(KBC_STATUS);
}

__noreturn void arch_reset(void)
{
    static const struct {
        u16 limit;
        u32 base;
    } __packed no_idt;

    irq_disable();
    wait_for_controller();
    outb(KBC_COMMAND, KBC_RESET);
    wait_for_reset();
    outb(RESET_CONTROL, RESET_CONTROL_SYSTEM);
    outb(RESET_CONTROL, RESET_CONTROL_FULL);
    wait_for_reset();
    __asm__ volatile("lidt %0; int3" : : "m"(no_idt));
    cpu_stop();
}
