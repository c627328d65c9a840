// drivers/acpi/fadt.c - which parts of a PC/AT the board has
// SPDX-License-Identifier: MIT
//
// The table has grown with ACPI: the boot-architecture word came with revision
// 2 (ACPI 1.0 has reserved bytes there), its bits for VGA and MSI with 4, those
// for RTC and hardware-reduced with 5. A bit that the revision does not know is
// not believed. Power off is power.c's.
//
// Source: ACPI 6.4, section 5.2.9, tables 5.9 (fields), 5.10 (flags), 5.11
// (IA-PC boot architecture); 4.8.3.3 (PM timer).

#include "tables.h"

#include <base/errno.h>

#include "acpi_private.h"
#include "gas.h"

enum {
    FADT_REVISION = 8,
    FADT_PM_TMR_BLK = 76,
    FADT_PM_TMR_LEN = 91,
    FADT_IAPC_BOOT_ARCH = 109,
    FADT_FLAGS = 112,
    FADT_BYTES_1 = 116,
    FADT_X_PM_TMR_BLK = 208,

    BOOT_8042 = 1 << 1,
    BOOT_NO_VGA = 1 << 2,
    BOOT_NO_MSI = 1 << 3,
    BOOT_NO_RTC = 1 << 5,

    PM_TIMER_BYTES = 4,
    PORT_LAST = 0xffff,
};
enum {
    FLAG_TMR_VAL_EXT = 1 << 8,
    FLAG_HW_REDUCED = 1 << 20,
};
enum { // the revision with which a bit came
    REVISION_BOOT_ARCH = 2,
    REVISION_NO_VGA = 4,
    REVISION_NO_MSI = 4,
    REVISION_NO_RTC = 5,
    REVISION_HW_REDUCED = 5,
};

// The old field, or the extended one where that is empty; 0: none, or one that
// is no port.
static u16 pm_timer_port(const u8 *table, u32 bytes)
{
    u32 port = get_le32(table + FADT_PM_TMR_BLK);
    struct acpi_gas gas;

    if (port && table[FADT_PM_TMR_LEN] == PM_TIMER_BYTES)
        return port <= PORT_LAST - (PM_TIMER_BYTES - 1) ? (u16)port : 0;
    if (bytes < FADT_X_PM_TMR_BLK + GAS_BYTES)
        return 0;
    gas = acpi_parse_gas(table + FADT_X_PM_TMR_BLK, PM_TIMER_BYTES);
    return gas.space == ACPI_SPACE_IO ? (u16)gas.address : 0;
}

int fadt_parse(const u8 *table, u32 bytes, struct platform_legacy *out)
{
    u8 revision;
    u16 boot;
    u32 flags;

    *out = (struct platform_legacy){.has_8042 = true,
                                    .has_vga = true,
                                    .has_rtc = true,
                                    .msi_allowed = true};
    if (bytes < FADT_BYTES_1)
        return -EINVAL;
    revision = table[FADT_REVISION];
    boot = get_le16(table + FADT_IAPC_BOOT_ARCH);
    flags = get_le32(table + FADT_FLAGS);
    out->known = true;
    if (revision >= REVISION_BOOT_ARCH)
        out->has_8042 = boot & BOOT_8042;
    if (revision >= REVISION_NO_VGA)
        out->has_vga = !(boot & BOOT_NO_VGA);
    if (revision >= REVISION_NO_MSI)
        out->msi_allowed = !(boot & BOOT_NO_MSI);
    if (revision >= REVISION_NO_RTC)
        out->has_rtc = !(boot & BOOT_NO_RTC);
    if (revision >= REVISION_HW_REDUCED)
        out->hardware_reduced = flags & FLAG_HW_REDUCED;
    if (!out->hardware_reduced)
        out->pm_timer_port = pm_timer_port(table, bytes);
    out->pm_timer_32 = flags & FLAG_TMR_VAL_EXT;
    return 0;
}
