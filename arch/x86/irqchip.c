// arch/x86/irqchip.c - which controller an irq number belongs to
// SPDX-License-Identifier: MIT
//
//   0       ticks: a line as the others, or the local APIC's timer
//   1-15    ISA's lines: the 8259 pair; where there is none, the I/O APIC
//   16-63   messages to the local APIC, vector IRQ_VECTOR_BASE + irq; masked
//           at the device only
//
// The 8259 is preferred: on every PC that has one it works without tables. It
// is not used where it does not answer, where the MADT says that there is none
// (and the APICs that there should be are there), and on hardware-reduced
// machines, whose ports are nobody knows what.
#include <arch/init.h>

#include <arch/cpu.h>
#include <arch/platform.h>
#include <arch/trap.h>
#include <base/assert.h>
#include <base/errno.h>

#include "apic_regs.h"
#include "arch_private.h"
#include "ioapic.h"
#include "timers.h"

#define LOG_NAME "irq"
#include <kernel/log.h>

#define LINES_ALL 0xffffu // irqs 0-15

// Bit n: irq n is a line of it.
static u32 pic_lines, io_apic_lines;
static u32 pic_acks; // ... that are acknowledged at the 8259: each comes by
static bool apic_present, io_apic_present;
static bool apic_ticks; // irq 0 is the local APIC's timer

static bool is_line_of(u32 controller_lines, u32 irq)
{
    return irq < IRQ_LEGACY && controller_lines >> irq & 1;
}

static bool is_apic_timer(u32 irq)
{
    return irq == IRQ_TIMER && apic_ticks;
}

void irqchip_set_tick(bool by_local_apic)
{
    apic_ticks = by_local_apic;
    pic_acks = pic_lines & ~(apic_ticks ? 1u << IRQ_TIMER : 0);
}

bool irqchip_has(u32 irq)
{
    if (irq >= IRQ_LEGACY)
        return irq < IRQ_COUNT && apic_present;
    return is_apic_timer(irq) || is_line_of(pic_lines | io_apic_lines, irq);
}

const char *irqchip_name(u32 irq)
{
    if (irq >= IRQ_LEGACY)
        return "PCI-MSI";
    if (is_apic_timer(irq))
        return "LAPIC";
    return is_line_of(pic_lines, irq) ? "XT-PIC" : "IO-APIC";
}

void irqchip_mask(u32 irq)
{
    u32 flags = irq_save();

    ASSERT(irq < IRQ_COUNT);
    if (is_apic_timer(irq))
        apic_timer_mask();
    else if (is_line_of(pic_lines, irq))
        pic_mask(irq);
    else if (is_line_of(io_apic_lines, irq))
        ioapic_mask(irq);
    irq_restore(flags);
}

void irqchip_unmask(u32 irq)
{
    u32 flags = irq_save();

    ASSERT(irq < IRQ_COUNT);
    if (is_apic_timer(irq))
        apic_timer_unmask();
    else if (is_line_of(pic_lines, irq))
        pic_unmask(irq);
    else if (is_line_of(io_apic_lines, irq))
        ioapic_unmask(irq);
    irq_restore(flags);
}

bool irqchip_ack(u32 irq)
{
    ASSERT(irq < IRQ_COUNT);
    if (is_line_of(pic_acks, irq))
        return pic_ack(irq);
    apic_eoi();
    return true;
}

int irqchip_msi_message(u32 irq, u32 *address, u32 *data)
{
    u32 id;

    ASSERT(irq >= IRQ_LEGACY && irq < IRQ_COUNT);
    if (!apic_present || !platform.legacy.msi_allowed)
        return -ENODEV;
    id = apic_id();
    if (id > MSI_ID_MAX)
        return -ENODEV; // needs interrupt remapping
    *address = MSI_ADDRESS_BASE | id << MSI_ADDRESS_ID_SHIFT;
    *data = IRQ_VECTOR_BASE + irq; // fixed delivery, edge
    return 0;
}

// Whether there is one that answers. Also where it will not be used: it must be
// silent.
static bool find_pic(void)
{
    return !platform.legacy.hardware_reduced && pic_init();
}

static void use_io_apic(void)
{
    u32 id = apic_id();

    io_apic_lines = 0;
    for (u32 irq = 0; irq < IRQ_LEGACY; irq++)
        if (ioapic_route(irq, id))
            io_apic_lines |= 1u << irq;
}

bool irqchip_leave_pic(void)
{
    u32 flags;

    if (!apic_present || !io_apic_present)
        return false;
    flags = irq_save();
    use_io_apic();
    if (io_apic_lines) {
        pic_mask_all();
        pic_lines = 0;
        pic_acks = 0;
        apic_virtual_wire_off();
    }
    irq_restore(flags);
    if (!io_apic_lines)
        return false; // an 8259 that may be slow is better than nothing
    log_warn("the 8259 does not reach the CPU: lines by I/O APIC");
    return true;
}

void arch_init_irq(void)
{
    bool answers, pic;

    io_apic_present = ioapic_init();
    answers = find_pic();
    pic = answers && (platform.interrupts.has_8259 || !io_apic_present);
    apic_present = apic_init(pic);
    // No local APIC: the I/O APIC reaches nobody. Whatever the MADT says, an
    // 8259 that answers is better than nothing.
    if (!apic_present)
        pic = answers;
    if (pic)
        pic_lines = LINES_ALL;
    else if (apic_present && io_apic_present)
        use_io_apic();
    log_info("lines by %s", pic             ? "8259"
                            : io_apic_lines ? "I/O APIC"
                                            : "nobody: devices are polled");
    if (!platform.legacy.hardware_reduced)
        pit_start(TIMER_HZ);
    hpet_init();
    tsc_init(); // longer than a tick
    tick_init(pic, io_apic_lines, apic_present);
}
