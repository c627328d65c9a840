// arch/x86/ioapic.h - the I/O APICs
// SPDX-License-Identifier: MIT
#pragma once

#include <arch/platform.h>
#include <base/compiler.h>
#include <base/types.h>

// ioapic_init - find those of the MADT and mask all their pins, but for what
// firmware has as NMI, SMI or ExtINT. False: there is none.
bool ioapic_init(void);

// ioapic_route - send ISA irq @irq (0-15), by the pin that the MADT says, to
// the local APIC @apic_id; masked. Return: false: no such pin, or firmware's.
bool ioapic_route(u32 irq, u32 apic_id);

// Of a line that ioapic_route has done. Interrupts off.
void ioapic_mask(u32 irq);
void ioapic_unmask(u32 irq);

// ioapic_entry [P] - the lower half of the entry for @line, not masked.
// @elcr_level: what the edge/level register says of it.
u32 ioapic_entry(const struct platform_irq *line, bool elcr_level, u8 vector);
