// drivers/acpi/gas.c - reading generic address structures [P]
// SPDX-License-Identifier: MIT
//
// Bit width, offset and access size are kept and not judged: firmware gets them
// wrong, and other systems do not look at them where the register's size is
// known.
//
// Source: ACPI 6.4 section 5.2.3.2.

#include "gas.h"

#include "acpi_private.h"

#define PORT_END        0x10000u
#define PCI_DEVICES     32u
#define PCI_FUNCTIONS   8u
#define PCI_CONFIG_SIZE 256u // reached through ports

static bool is_pci_offset(const struct acpi_gas *gas, u32 bytes)
{
    return gas->address >> 48 == 0 && (u16)(gas->address >> 32) < PCI_DEVICES &&
           (u16)(gas->address >> 16) < PCI_FUNCTIONS &&
           acpi_gas_pci_offset(gas) + bytes <= PCI_CONFIG_SIZE;
}

struct acpi_gas acpi_parse_gas(const u8 *at, u32 bytes)
{
    struct acpi_gas gas = {
        .space = at[GAS_SPACE],
        .bit_width = at[GAS_BIT_WIDTH],
        .bit_offset = at[GAS_BIT_OFFSET],
        .access_size = at[GAS_ACCESS_SIZE],
        .address = get_le64(at + GAS_ADDRESS),
    };

    if (!gas.address)
        return ACPI_NO_GAS;
    switch (gas.space) {
    case ACPI_SPACE_MEMORY:
        return gas.address + bytes > gas.address ? gas : ACPI_NO_GAS;
    case ACPI_SPACE_IO:
        return gas.address <= PORT_END - bytes ? gas : ACPI_NO_GAS;
    case ACPI_SPACE_PCI: return is_pci_offset(&gas, bytes) ? gas : ACPI_NO_GAS;
    default: return ACPI_NO_GAS;
    }
}
