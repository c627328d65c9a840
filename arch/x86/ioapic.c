// arch/x86/ioapic.c - the I/O APICs: lines of devices as messages
// SPDX-License-Identifier: MIT
//
// How it works: each has some pins, numbered through by the MADT as global
// system interrupts. Where there is no 8259, ISA's lines come by them, with the
// vectors that they would have had. Everywhere else all pins are masked:
// firmware may have left some on (boot-pitfalls 22).
//
// PCI's own lines (pins 16 and up) are found through methods in AML only, and
// not used: such a device has messages, or is polled. But firmware may have put
// PCI interrupts on ISA lines, and its configuration space says so.
//
// Locking: two accesses make one; callers have interrupts off.
//
// Source: Intel 82093AA data sheet; ACPI 6.4, section 5.2.13; ICH9 data sheet
// 13.4.14 (ELCR).
#include "ioapic.h"

#include <arch/io.h>
#include <arch/trap.h>
#include <mm/vmalloc.h>

#include "ioapic_regs.h"

#define LOG_NAME "ioapic"
#include <kernel/log.h>

#define PINS_MAX 240u

enum {
    ELCR1 = 0x4d0, // a bit for each irq: level
    ELCR2 = 0x4d1,
    ELCR_NEVER = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 8 | 1 << 13,
    APIC_ID_LAST = 0xfe, // of a destination
};

struct io_apic {
    void __iomem *page;
    u32 gsi_base, pins;
};

// The pin of an ISA line.
struct line {
    const struct io_apic *apic;
    u32 pin;
    u32 entry; // lower half
};

static struct io_apic apics[PLATFORM_IO_APICS];
static u32 apic_count;
static struct line lines[PLATFORM_ISA_IRQS];

static u32 ioapic_read(const struct io_apic *apic, u32 reg)
{
    mmio_write32(apic->page, IOAPIC_SELECT, reg);
    return mmio_read32(apic->page, IOAPIC_DATA);
}

static void ioapic_write(const struct io_apic *apic, u32 reg, u32 value)
{
    mmio_write32(apic->page, IOAPIC_SELECT, reg);
    mmio_write32(apic->page, IOAPIC_DATA, value);
}

static bool is_firmwares(const struct io_apic *apic, u32 pin)
{
    u32 entry = ioapic_read(apic, IOAPIC_PIN + 2 * pin);
    u32 delivery = entry & IOAPIC_DELIVERY;

    return !(entry & IOAPIC_MASKED) && (delivery == IOAPIC_DELIVERY_SMI ||
                                        delivery == IOAPIC_DELIVERY_NMI ||
                                        delivery == IOAPIC_DELIVERY_EXTINT);
}

// As edge it also forgets a level interrupt whose end nobody will ever tell.
static void mask_all(const struct io_apic *apic)
{
    for (u32 pin = 0; pin < apic->pins; pin++)
        if (!is_firmwares(apic, pin))
            ioapic_write(apic, IOAPIC_PIN + 2 * pin, IOAPIC_MASKED);
}

static void add(const struct platform_io_apic *found)
{
    struct io_apic apic = {
        .page = ioremap(phys_addr(found->address), IOAPIC_BYTES),
        .gsi_base = found->gsi_base,
    };
    u32 version;

    if (!apic.page)
        return; // said by ioremap
    version = ioapic_read(&apic, IOAPIC_VERSION);
    apic.pins = (version >> 16 & 0xff) + 1;
    if (version == 0xffffffff || !version || apic.pins > PINS_MAX) {
        log_warn("address=%x does not answer: version=%08x", found->address,
                 version);
        iounmap(apic.page);
        return;
    }
    mask_all(&apic);
    apics[apic_count++] = apic;
    log_info("address=%x id=%u gsi=%u-%u", found->address, found->id,
             apic.gsi_base, apic.gsi_base + apic.pins - 1);
}

bool ioapic_init(void)
{
    const struct platform_interrupts *madt = &platform.interrupts;

    for (u32 i = 0; i < madt->io_apic_count; i++)
        add(&madt->io_apics[i]);
    return apic_count;
}

// The edge/level register; 0 where there is none: some irqs are never level.
static u32 elcr_read(void)
{
    u32 bits;

    if (platform.legacy.hardware_reduced)
        return 0;
    bits = (u32)(inb(ELCR1) | inb(ELCR2) << 8);
    return bits & ELCR_NEVER ? 0 : bits;
}

static const struct io_apic *apic_of(u32 gsi)
{
    for (u32 i = 0; i < apic_count; i++)
        if (gsi - apics[i].gsi_base < apics[i].pins)
            return &apics[i];
    return NULL;
}

static bool pin_is_taken(const struct io_apic *apic, u32 pin)
{
    for (u32 i = 0; i < PLATFORM_ISA_IRQS; i++)
        if (lines[i].apic == apic && lines[i].pin == pin)
            return true;
    return false;
}

bool ioapic_route(u32 irq, u32 apic_id)
{
    const struct platform_irq *isa = &platform.interrupts.isa[irq];
    const struct io_apic *apic = apic_of(isa->gsi);
    struct line *line = &lines[irq];
    u32 pin;

    if (!apic || apic_id > APIC_ID_LAST)
        return false;
    pin = isa->gsi - apic->gsi_base;
    if (is_firmwares(apic, pin) || pin_is_taken(apic, pin))
        return false;
    *line = (struct line){
        .apic = apic,
        .pin = pin,
        .entry = ioapic_entry(isa, elcr_read() >> irq & 1,
                              (u8)(IRQ_VECTOR_BASE + irq)),
    };
    ioapic_mask(irq);
    ioapic_write(apic, IOAPIC_PIN + 2 * pin + 1,
                 apic_id << IOAPIC_DESTINATION_SHIFT);
    return true;
}

void ioapic_mask(u32 irq)
{
    const struct line *line = &lines[irq];

    ioapic_write(line->apic, IOAPIC_PIN + 2 * line->pin,
                 line->entry | IOAPIC_MASKED);
}

void ioapic_unmask(u32 irq)
{
    const struct line *line = &lines[irq];

    ioapic_write(line->apic, IOAPIC_PIN + 2 * line->pin, line->entry);
}
