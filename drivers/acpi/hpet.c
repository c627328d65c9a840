// drivers/acpi/hpet.c - where the high precision event timer is
// SPDX-License-Identifier: MIT
//
// Source: IA-PC HPET 1.0a, section 3.2.4.

#include "tables.h"

#include <base/errno.h>

#include "acpi_private.h"

enum {
    HPET_GAS = 40,
    HPET_BYTES = 56,
    GAS_SPACE = 0,
    GAS_ADDRESS = 4,
    GAS_SPACE_MEMORY = 0,
};

int hpet_parse(const u8 *table, u32 bytes, u64 *out_address)
{
    const u8 *gas = table + HPET_GAS;

    *out_address = 0;
    if (bytes < HPET_BYTES)
        return -EINVAL;
    if (gas[GAS_SPACE] != GAS_SPACE_MEMORY || !acpi_get64(gas + GAS_ADDRESS))
        return -ENODEV;
    *out_address = acpi_get64(gas + GAS_ADDRESS);
    return 0;
}
