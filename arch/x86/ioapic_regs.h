// arch/x86/ioapic_regs.h - I/O APIC
// SPDX-License-Identifier: MIT
//
// Source: Intel 82093AA data sheet, 3.0; ICH9 data sheet 13.5.
#pragma once

enum ioapic_window { // in memory: which register, and its value
    IOAPIC_SELECT = 0x00,
    IOAPIC_DATA = 0x10,
    IOAPIC_BYTES = 0x20,
};

enum ioapic_register {
    IOAPIC_VERSION = 0x01, // bits 16-23: the last pin
    IOAPIC_PIN = 0x10,     // two for each pin: lower and upper half
};

enum ioapic_entry { // lower half of a pin's entry
    IOAPIC_VECTOR = 0xff,
    IOAPIC_DELIVERY = 7 << 8, // fixed is 0
    IOAPIC_DELIVERY_SMI = 2 << 8,
    IOAPIC_DELIVERY_NMI = 4 << 8,
    IOAPIC_DELIVERY_EXTINT = 7 << 8,
    IOAPIC_ACTIVE_LOW = 1 << 13,
    IOAPIC_LEVEL = 1 << 15,
    IOAPIC_MASKED = 1 << 16,
    IOAPIC_DESTINATION_SHIFT = 24, // of the upper half: an APIC's number
};
