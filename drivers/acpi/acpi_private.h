// drivers/acpi/acpi_private.h - between the files of drivers/acpi
// SPDX-License-Identifier: MIT
#pragma once

#include <base/le.h>
#include <drivers/acpi.h>

// acpi_map_table - the table at @phys, checked. Return: NULL: not intact.
const u8 *acpi_map_table(phys_addr_t phys, u32 *out_bytes);

// acpi_find_table_nth - as acpi_find_table, the one behind @n others.
const u8 *acpi_find_table_nth(const char *signature, u32 n, u32 *out_bytes);

struct acpi_fadt_power;

// acpi_reset_init - for acpi_reset. Context: boot; may sleep.
void acpi_reset_init(const struct acpi_fadt_power *fadt);

// acpi_power_init - read what acpi_power_off needs. Context: boot; may sleep.
void acpi_power_init(void);

// acpi_platform_init - what the board has, from the tables into platform
// (include/arch/platform.h). Context: boot, before arch_init_irq.
void acpi_platform_init(void);
