// include/arch/platform.h - what the firmware's tables say of this board
// SPDX-License-Identifier: MIT
//
// How it works: these are facts, not decisions. drivers/acpi reads them from
// the tables before arch_init_irq, which decides. Without tables, or where one
// is missing or damaged, they are those of a PC/AT: everything at its place,
// to be probed.
//
// Context: written at boot by one caller, constant after arch_init_irq.
//
// Source: ACPI 6.4, sections 5.2.9 (FADT), 5.2.12 (MADT); IA-PC
// HPET 1.0a, 3.2.4 (HPET); PCI Firmware 3.0, 4.1.2 (MCFG).
#pragma once

#include <base/types.h>

#define PLATFORM_IO_APICS    8u
#define PLATFORM_NMI_SOURCES 8u
#define PLATFORM_ISA_IRQS    16u
#define PLATFORM_CPUS        64u // whose numbers we keep: the boot CPU is early

#define HPET_REGISTER_BYTES 0x500u // with 32 timers

// The line's electrical kind, as the MADT says it.
enum platform_polarity {
    PLATFORM_POLARITY_BUS = 0, // what is usual on that bus; ISA: active high
    PLATFORM_ACTIVE_HIGH = 1,
    PLATFORM_ACTIVE_LOW = 3,
};
enum platform_trigger {
    PLATFORM_TRIGGER_BUS = 0, // ISA: edge
    PLATFORM_EDGE = 1,
    PLATFORM_LEVEL = 3,
};

struct platform_irq { // where an interrupt comes in
    u32 gsi;          // global system interrupt: pin of some I/O APIC
    u8 polarity;      // enum platform_polarity
    u8 trigger;       // enum platform_trigger
};

struct platform_io_apic {
    u32 address; // physical
    u32 gsi_base;
    u8 id;
};

struct platform_local_nmi { // a local APIC's input that is an NMI
    u8 cpu_uid;             // PLATFORM_ALL_CPUS
    u8 lint;                // 0 or 1
    u8 polarity, trigger;
};
#define PLATFORM_ALL_CPUS 0xffu

struct platform_cpu {
    u8 uid, apic_id;
};

// What the MADT says.
struct platform_interrupts {
    bool known;     // there is an intact MADT
    bool has_8259;  // PCAT_COMPAT
    u64 local_apic; // physical address of the registers
    u32 cpu_count;  // usable ones, as the table says
    u32 cpus_kept;  // of cpus[]
    u32 io_apic_count;
    u32 nmi_count;       // of nmi_sources[]
    u32 local_nmi_count; // of local_nmis[]
    u32 ignored;         // entries: too many, too short, or out of range
    struct platform_cpu cpus[PLATFORM_CPUS];
    struct platform_io_apic io_apics[PLATFORM_IO_APICS];
    struct platform_irq isa[PLATFORM_ISA_IRQS]; // overrides done
    struct platform_irq nmi_sources[PLATFORM_NMI_SOURCES];
    struct platform_local_nmi local_nmis[PLATFORM_NMI_SOURCES];
};

// What the FADT says. True without one: probe for it.
struct platform_legacy {
    bool known;            // there is an intact FADT
    bool hardware_reduced; // no 8254, 8259, RTC, PM timer: leave their ports
    bool has_8042;         // keyboard controller
    bool has_vga;          // text mode and ports; false: do not probe
    bool has_rtc;          // CMOS clock at ports 70h and 71h
    bool msi_allowed;
    u16 pm_timer_port; // 3.579545 MHz counter; 0: none
    bool pm_timer_32;  // 32 bits of it count, else 24
};

struct platform {
    struct platform_interrupts interrupts;
    struct platform_legacy legacy;
    u64 hpet; // physical address of HPET_REGISTER_BYTES; 0: none
};

// Before the tables have been read: a PC/AT. Defined in arch/x86/platform.c.
extern struct platform platform;
