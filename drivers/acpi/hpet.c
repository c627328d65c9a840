// drivers/acpi/hpet.c - where the high precision event timer is
// SPDX-License-Identifier: MIT
//
// Source: IA-PC HPET 1.0a, section 3.2.4.

#include "tables.h"

#include <base/errno.h>

#include "gas.h"

enum {
    HPET_GAS = 40,
    HPET_TABLE_BYTES = 56,
};

int hpet_parse(const u8 *table, u32 bytes, u64 *out_address)
{
    struct acpi_gas gas;

    *out_address = 0;
    if (bytes < HPET_TABLE_BYTES)
        return -EINVAL;
    gas = acpi_parse_gas(table + HPET_GAS, HPET_REGISTER_BYTES);
    if (gas.space != ACPI_SPACE_MEMORY)
        return -ENODEV;
    *out_address = gas.address;
    return 0;
}
