// arch/x86/ioapic_entry.c - how a line's pin is programmed [P]
// SPDX-License-Identifier: MIT
//
// "As the bus has it" is, on ISA, edge and active high. A line that the ELCR
// has as level is one of EISA's kind, on which PCI interrupts are put: level
// and active low (Multiprocessor Specification 1.4, 4.3.4 and table 4-10).
//
// Source: ACPI 6.4, section 5.2.12.5; 82093AA data sheet 3.2.4.
#include "ioapic.h"

#include "ioapic_regs.h"

u32 ioapic_entry(const struct platform_irq *line, bool elcr_level, u8 vector)
{
    bool level = line->trigger == PLATFORM_LEVEL ||
                 (line->trigger == PLATFORM_TRIGGER_BUS && elcr_level);
    bool low = line->polarity == PLATFORM_ACTIVE_LOW ||
               (line->polarity == PLATFORM_POLARITY_BUS && level);

    return (u32)vector | (level ? IOAPIC_LEVEL : 0) |
           (low ? IOAPIC_ACTIVE_LOW : 0);
}
