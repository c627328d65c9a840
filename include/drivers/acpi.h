// include/drivers/acpi.h - the firmware's tables, and power off
// SPDX-License-Identifier: MIT
//
// Source: ACPI 6.4, sections 5.2.5 to 5.2.9, 4.8.3.2 and 7.4.2.
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <mm/addr.h>

#define ACPI_SIGNATURE_BYTES 4u
#define ACPI_HEADER_BYTES    36u // of every table

// acpi_init - find the tables from the root pointer at @loaders_rsdp
// (boot_info.rsdp; 0: the machine has none) or where the command line says,
// fill platform (arch/platform.h) from them, and learn how to power off. What
// is wrong is logged; the machine goes on without. Context: boot, before
// arch_init_irq; does not sleep. Needs memremap.
void acpi_init(phys_addr_t loaders_rsdp);

// acpi_find_table - the first table with this signature ("FACP", "APIC", ...),
// length and checksum checked, @*out_bytes of it with the header. Fields may be
// unaligned. To be given back by acpi_put_table. NULL: none that is intact.
// Context: task; may sleep.
const u8 *acpi_find_table(const char *signature, u32 *out_bytes);
void acpi_put_table(const u8 *table);

// dmar_init - turn off the remapping and blocking of DMA that the firmware may
// have left on. What does not work is logged. Context: boot; may sleep; before
// the first driver that uses DMA.
void dmar_init(void);

// dmar_next_unit [P] - the DMA remapping unit behind *@offset (0: the first) of
// the table DMAR; *@offset moves behind it. Return: 0 and the address of its
// registers; -ENOENT: no more; -EINVAL: the table is damaged from here on.
__must_check int dmar_next_unit(const u8 *table, u32 bytes, u32 *offset,
                                u64 *out_base);

// acpi_power_off - turn the machine off. Returns when that did not work.
// Context: any; interrupts are off afterwards.
void acpi_power_off(void);

// acpi_reset - start the machine again by the FADT's reset register. Returns
// when there is none (acpi_can_reset: false) or when that did not work.
// Context: any.
void acpi_reset(void);
bool acpi_can_reset(void);

// The firmware's console: a UART (table SPCR).
struct acpi_console {
    bool in_memory; // else in I/O ports
    u64 address;
    u8 shift, width; // registers are 1 << shift bytes apart; bytes of an access
    u8 irq;          // a line of the 8259; 0: none
    u32 baud;        // 0: as the firmware has set it
    u32 clock_hz;    // 0: not said, which is 1.8432 MHz in I/O ports
    bool flow;       // RTS/CTS
};

// acpi_find_console - Return: 0; -ENOENT: there is no such table; -EINVAL: it
// is damaged; -ENODEV: another kind of device. Context: task; may sleep.
__must_check int acpi_find_console(struct acpi_console *out);

// acpi_parse_spcr [P] - the same, from the table of @bytes with its header.
__must_check int acpi_parse_spcr(const u8 *table, u32 bytes,
                                 struct acpi_console *out);

// acpi_parse_s5 [P] - the values to write for state S5 from the package \_S5 in
// AML code. Return: 0; -ENOENT: no such package; -EINVAL: one that is damaged.
__must_check int acpi_parse_s5(const u8 *aml, u32 bytes, u8 *out_type_a,
                               u8 *out_type_b);
