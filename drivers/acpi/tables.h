// drivers/acpi/tables.h - the tables that say what a board has, parsed
// SPDX-License-Identifier: MIT
//
// All [P]: the caller has the whole table, header included, in @table; what is
// read lies inside @bytes, whatever the table's own lengths say. The header's
// checksum is the caller's to have checked; nothing else is trusted.
#pragma once

#include <arch/platform.h>
#include <base/compiler.h>
#include <base/types.h>

// madt_parse - interrupt controllers. @out is written in any case: with what is
// sound. Return: 0; -EINVAL: too short for a MADT.
// Source: ACPI 6.4, section 5.2.12.
__must_check int madt_parse(const u8 *table, u32 bytes,
                            struct platform_interrupts *out);

// fadt_parse - what of a PC/AT there is, and the PM timer. Return: 0; -EINVAL:
// too short for a FADT.
// Source: ACPI 6.4, section 5.2.9, tables 5.9 to 5.11.
__must_check int fadt_parse(const u8 *table, u32 bytes,
                            struct platform_legacy *out);

// hpet_parse - where the HPET's registers are. Return: 0; -EINVAL: too short;
// -ENODEV: not in memory, or nowhere.
// Source: IA-PC HPET 1.0a, section 3.2.4.
__must_check int hpet_parse(const u8 *table, u32 bytes, u64 *out_address);

// mcfg_parse - the first @max windows onto configuration space; *@out_count is
// how many there are in all. Return: 0; -EINVAL: too short, or a window with
// its buses the wrong way round.
// Source: PCI Firmware 3.0, section 4.1.2.
struct mcfg_window {
    u64 address; // of bus 0, even if first_bus is not
    u16 segment;
    u8 first_bus, last_bus;
};
__must_check int mcfg_parse(const u8 *table, u32 bytes, struct mcfg_window *out,
                            u32 max, u32 *out_count);
