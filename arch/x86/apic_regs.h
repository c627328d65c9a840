// arch/x86/apic_regs.h - local APIC
// SPDX-License-Identifier: MIT
//
// Source: Intel SDM 3A, table 10-1 and 10.4 - 10.12.
#pragma once

enum apic_register { // offset in the page; / 16 + 800h is the MSR of x2APIC
    APIC_ID = 0x020,
    APIC_VERSION = 0x030,
    APIC_TPR = 0x080, // task priority: 0 lets all interrupts in
    APIC_EOI = 0x0b0,
    APIC_SVR = 0x0f0, // spurious vector, enable
    APIC_ISR = 0x100, // in service: 8 registers, 16 bytes apart
    APIC_ESR = 0x280,
    APIC_LVT_CMCI = 0x2f0,
    APIC_LVT_TIMER = 0x320,
    APIC_LVT_THERMAL = 0x330,
    APIC_LVT_COUNTER = 0x340,
    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360,
    APIC_LVT_ERROR = 0x370,
    APIC_TIMER_INITIAL = 0x380,
    APIC_TIMER_CURRENT = 0x390,
    APIC_TIMER_DIVIDE = 0x3e0,
};

enum {
    APIC_SVR_ENABLE = 1 << 8,
    APIC_LVT_ACTIVE_LOW = 1 << 13,
    APIC_LVT_MASKED = 1 << 16,
    APIC_LVT_NMI = 4 << 8,
    APIC_LVT_EXTINT = 7 << 8,
    APIC_LVT_PERIODIC = 1 << 17,
    APIC_DIVIDE_16 = 0x3,
    APIC_ISR_REGISTERS = 8,

    APIC_DEFAULT_BASE = (int)0xfee00000,
    APIC_PAGE_BYTES = 4096,
};

// The address a device writes to, with the APIC's number in bits 12-19: fixed
// delivery, physical destination (10.11).
#define MSI_ADDRESS_BASE     0xfee00000u
#define MSI_ADDRESS_ID_SHIFT 12u
#define MSI_ID_MAX           0xffu
