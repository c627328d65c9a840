// drivers/acpi/mcfg.c - windows onto PCI configuration space
// SPDX-License-Identifier: MIT
//
// Only looked at: what the log says of them helps with a board where something
// is not found. Access goes through ports (drivers/pci/pci.c says why).
//
// Source: PCI Firmware 3.0, section 4.1.2.

#include "tables.h"

#include <base/bits.h>
#include <base/errno.h>

#include "acpi_private.h"

enum {
    MCFG_WINDOWS = 44,
    WINDOW_BYTES = 16,
};

int mcfg_parse(const u8 *table, u32 bytes, struct mcfg_window *out, u32 max,
               u32 *out_count)
{
    *out_count = 0;
    if (bytes < MCFG_WINDOWS)
        return -EINVAL;
    *out_count = (bytes - MCFG_WINDOWS) / WINDOW_BYTES;
    for (u32 i = 0; i < min(*out_count, max); i++) {
        const u8 *at = table + MCFG_WINDOWS + i * WINDOW_BYTES;

        out[i] = (struct mcfg_window){
            .address = get_le64(at),
            .segment = get_le16(at + 8),
            .first_bus = at[10],
            .last_bus = at[11],
        };
        if (out[i].first_bus > out[i].last_bus)
            return -EINVAL;
    }
    return 0;
}
