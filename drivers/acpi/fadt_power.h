// drivers/acpi/fadt_power.h - what the FADT says about power
// SPDX-License-Identifier: MIT
//
// Source: ACPI 6.4 section 5.2.9.
#pragma once

#include "gas.h"

struct acpi_fadt_power {
    bool reduced; // hardware-reduced: the PM1 registers do not exist
    struct acpi_gas control_a, control_b;        // PM1_CNT blocks, 16 bits
    u16 smi_command;                             // port; 0: none
    u8 smi_enable;                               // what to write there
    struct acpi_gas sleep_control, sleep_status; // 8 bits
    struct acpi_gas reset; // exists only if the firmware says that it works
    u8 reset_value;
    u64 dsdt, dsdt_other; // to be tried in this order; 0: none
};

// acpi_parse_fadt_power [P] - @bytes: of the table with its header; fields
// behind its end are taken as absent.
// Return: 0; -EINVAL: shorter than any FADT.
__must_check int acpi_parse_fadt_power(const u8 *fadt, u32 bytes,
                                       struct acpi_fadt_power *out);
