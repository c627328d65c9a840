// drivers/acpi/console.c - the firmware's console
// SPDX-License-Identifier: MIT

#include <drivers/acpi.h>

#include <base/errno.h>

int acpi_find_console(struct acpi_console *out)
{
    u32 bytes;
    const u8 *table = acpi_find_table("SPCR", &bytes);
    int err;

    if (!table)
        return -ENOENT;
    err = acpi_parse_spcr(table, bytes, out);
    acpi_put_table(table);
    return err;
}
