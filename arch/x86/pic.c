// arch/x86/pic.c - the two 8259 interrupt controllers
// SPDX-License-Identifier: MIT
//
// Irqs 0-7 at the first one, 8-15 at the second, which hangs at line 2 of the
// first. Level or edge is chosen by firmware in the ELCR and left alone.
//
// Source: Intel 8259A data sheet; ICH9 data sheet 13.4.
#include <arch/init.h>
#include <arch/io.h>
#include <arch/trap.h>

#include "arch_private.h"

enum {
    PIC1_COMMAND = 0x20,
    PIC1_DATA = 0x21,
    PIC2_COMMAND = 0xa0,
    PIC2_DATA = 0xa1,

    ICW1_INIT = 0x11, // edge, cascaded, ICW4 follows
    ICW4_8086 = 0x01,
    OCW2_EOI = 0x20, // not specific: the one in service that came first
    OCW3_READ_IRR = 0x0a,
    OCW3_READ_ISR = 0x0b,

    CASCADE = 2,
    PROBE_MASK = 0xa5 & ~(1 << CASCADE), // any pattern a floating bus has not
};

static u16 masked = 0xffff & ~(1 << CASCADE);

static void write_masks(void)
{
    outb(PIC1_DATA, (u8)masked);
    outb(PIC2_DATA, (u8)(masked >> 8));
}

static u16 read_both(u8 what)
{
    outb(PIC1_COMMAND, what);
    outb(PIC2_COMMAND, what);
    return (u16)(inb(PIC1_COMMAND) | inb(PIC2_COMMAND) << 8);
}

bool pic_init(void)
{
    bool present;

    outb(PIC1_DATA, 0xff);
    outb(PIC2_DATA, 0xff);
    outb(PIC1_COMMAND, ICW1_INIT);
    outb(PIC2_COMMAND, ICW1_INIT);
    outb(PIC1_DATA, IRQ_VECTOR_BASE);
    outb(PIC2_DATA, IRQ_VECTOR_BASE + 8);
    outb(PIC1_DATA, 1 << CASCADE);
    outb(PIC2_DATA, CASCADE);
    outb(PIC1_DATA, ICW4_8086);
    outb(PIC2_DATA, ICW4_8086);

    outb(PIC1_DATA, PROBE_MASK);
    present = inb(PIC1_DATA) == PROBE_MASK;
    write_masks();
    return present;
}

void pic_mask(u32 irq)
{
    masked |= (u16)(1u << irq);
    write_masks();
}

void pic_unmask(u32 irq)
{
    masked &= (u16) ~(1u << irq);
    write_masks();
}

void pic_mask_all(void)
{
    masked = 0xffff;
    write_masks();
}

// A line that went away before the CPU asked is reported as the lowest one of
// its chip, 7 or 15, without being in service.
bool pic_ack(u32 irq)
{
    bool spurious =
        (irq == 7 || irq == 15) && !(read_both(OCW3_READ_ISR) & 1u << irq);

    if (irq >= 8 && !spurious)
        outb(PIC2_COMMAND, OCW2_EOI);
    // The first chip did see the second one's request.
    if (irq >= 8 || !spurious)
        outb(PIC1_COMMAND, OCW2_EOI);
    return !spurious;
}

bool pic_is_pending(u32 irq)
{
    return read_both(OCW3_READ_IRR) & 1u << irq;
}
