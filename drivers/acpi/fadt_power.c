// drivers/acpi/fadt_power.c - what the FADT says about power [P]
// SPDX-License-Identifier: MIT
//
// The table has grown with every edition, and old fields have wider twins. A
// twin counts when it lies within the table and can be accessed; else the old
// field does. Lengths of the PM1 blocks are not looked at: the control register
// is 16 bits wide by definition, and firmware has them wrong.
//
// The reset register: its flag must be set. Width and offset are not looked at,
// as by other systems: firmware is tested with those, and it is one byte.
//
// Source: ACPI 6.4 sections 5.2.9, 4.8.3.6 (reset register), 4.8.3.7 (sleep
// control and status).

#include "fadt_power.h"

#include <base/errno.h>

#include "acpi_private.h"

enum {
    FADT_DSDT = 40,
    FADT_SMI_CMD = 48,
    FADT_ACPI_ENABLE = 52,
    FADT_PM1A_CNT = 64,
    FADT_PM1B_CNT = 68,
    FADT_FLAGS = 112,
    FADT_BYTES_1 = 116, // ACPI 1.0; more since
    FADT_RESET_REG = 116,
    FADT_RESET_VALUE = 128,
    FADT_X_DSDT = 140,
    FADT_X_PM1A_CNT = 172,
    FADT_X_PM1B_CNT = 184,
    FADT_SLEEP_CONTROL = 244, // ACPI 5.0
    FADT_SLEEP_STATUS = 256,
};
enum {
    FADT_RESET_REG_SUP = 1u << 10,
    FADT_HW_REDUCED = 1u << 20,
};
#define PORT_MAX    0xffffu
#define PM1_BYTES   2u
#define SLEEP_BYTES 1u
#define RESET_BYTES 1u

struct fadt {
    const u8 *at;
    u32 bytes;
};

// A structure of at least @bytes that can be reached.
static struct acpi_gas gas_at(const struct fadt *fadt, u32 offset, u32 bytes)
{
    if (fadt->bytes < offset + GAS_BYTES)
        return ACPI_NO_GAS;
    return acpi_parse_gas(fadt->at + offset, bytes);
}

// A PM1 control block: @extended, or the port in @offset.
static struct acpi_gas control_at(const struct fadt *fadt, u32 offset,
                                  u32 extended)
{
    struct acpi_gas gas = gas_at(fadt, extended, PM1_BYTES);
    u32 port = get_le32(fadt->at + offset);

    if (gas.space == ACPI_SPACE_MEMORY || gas.space == ACPI_SPACE_IO)
        return gas;
    if (!port || port > PORT_MAX - 1)
        return ACPI_NO_GAS;
    return (struct acpi_gas){
        .space = ACPI_SPACE_IO, .bit_width = 16, .address = port};
}

static void read_dsdt(const struct fadt *fadt, struct acpi_fadt_power *out)
{
    out->dsdt = 0;
    if (fadt->bytes >= FADT_X_DSDT + 8)
        out->dsdt = get_le64(fadt->at + FADT_X_DSDT);
    out->dsdt_other = get_le32(fadt->at + FADT_DSDT);
}

static void read_pm1(const struct fadt *fadt, struct acpi_fadt_power *out)
{
    u32 smi = get_le32(fadt->at + FADT_SMI_CMD);

    out->control_a = control_at(fadt, FADT_PM1A_CNT, FADT_X_PM1A_CNT);
    out->control_b = control_at(fadt, FADT_PM1B_CNT, FADT_X_PM1B_CNT);
    out->smi_command = smi <= PORT_MAX ? (u16)smi : 0;
    out->smi_enable = fadt->at[FADT_ACPI_ENABLE];
}

int acpi_parse_fadt_power(const u8 *at, u32 bytes, struct acpi_fadt_power *out)
{
    struct fadt fadt = {at, bytes};
    u32 flags;

    if (bytes < FADT_BYTES_1)
        return -EINVAL;
    flags = get_le32(at + FADT_FLAGS);
    *out = (struct acpi_fadt_power){.reset = ACPI_NO_GAS};
    // A table that ends here is of an older edition, where the bit is reserved.
    out->reduced = flags & FADT_HW_REDUCED && bytes > FADT_SLEEP_CONTROL;
    read_dsdt(&fadt, out);
    read_pm1(&fadt, out);
    out->sleep_control = gas_at(&fadt, FADT_SLEEP_CONTROL, SLEEP_BYTES);
    out->sleep_status = gas_at(&fadt, FADT_SLEEP_STATUS, SLEEP_BYTES);
    if (flags & FADT_RESET_REG_SUP && bytes > FADT_RESET_VALUE) {
        out->reset = gas_at(&fadt, FADT_RESET_REG, RESET_BYTES);
        out->reset_value = at[FADT_RESET_VALUE];
    }
    return 0;
}
