// arch/x86/irqchip.c - which controller an irq number belongs to
// SPDX-License-Identifier: MIT
//
//   0       ticks: the 8254 through the 8259, or the local APIC's timer
//   1-15    the 8259 pair
//   16-63   messages to the local APIC, vector IRQ_VECTOR_BASE + irq; masked
//           at the device only
#include <arch/init.h>

#include <arch/cpu.h>
#include <arch/trap.h>
#include <base/assert.h>
#include <base/errno.h>

#include "apic_regs.h"
#include "arch_private.h"

#define LOG_NAME "irq"
#include <kernel/log.h>

static bool pic_present, apic_present;
static bool apic_ticks; // irq 0 is the APIC's

static bool is_apic_timer(u32 irq)
{
    return irq == IRQ_TIMER && apic_ticks;
}

void irqchip_mask(u32 irq)
{
    u32 flags = irq_save();

    ASSERT(irq < IRQ_COUNT);
    if (is_apic_timer(irq))
        apic_timer_mask();
    else if (irq < IRQ_LEGACY)
        pic_mask(irq);
    irq_restore(flags);
}

void irqchip_unmask(u32 irq)
{
    u32 flags = irq_save();

    ASSERT(irq < IRQ_COUNT);
    if (is_apic_timer(irq))
        apic_timer_unmask();
    else if (irq < IRQ_LEGACY)
        pic_unmask(irq);
    irq_restore(flags);
}

bool irqchip_ack(u32 irq)
{
    ASSERT(irq < IRQ_COUNT);
    if (irq < IRQ_LEGACY && !is_apic_timer(irq))
        return pic_ack(irq);
    apic_eoi();
    return true;
}

int irqchip_msi_message(u32 irq, u32 *address, u32 *data)
{
    u32 id;

    ASSERT(irq >= IRQ_LEGACY && irq < IRQ_COUNT);
    if (!apic_present)
        return -ENODEV;
    id = apic_id();
    if (id > MSI_ID_MAX)
        return -ENODEV; // needs interrupt remapping
    *address = MSI_ADDRESS_BASE | id << MSI_ADDRESS_ID_SHIFT;
    *data = IRQ_VECTOR_BASE + irq; // fixed delivery, edge
    return 0;
}

void arch_init_irq(void)
{
    pic_present = pic_init();
    apic_present = apic_init();
    pit_start(TIMER_HZ);
    tsc_init(); // longer than a tick
    // PCs without an 8254 that counts, or with one that reaches nobody: its
    // first tick would be waiting by now.
    if (pic_present && (!cpu_has(CPU_TSC) || pic_is_pending(IRQ_TIMER))) {
        log_info("ticks by 8254 and 8259");
    } else if (apic_present && !apic_timer_start(TIMER_HZ)) {
        apic_ticks = true;
        log_info("ticks by local APIC, 8259=%u", pic_present);
    } else {
        log_err("no timer: tasks will not be preempted");
    }
}
