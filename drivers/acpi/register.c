// drivers/acpi/register.c - access to registers that tables name
// SPDX-License-Identifier: MIT

#include "gas.h"

#include <arch/io.h>
#include <base/assert.h>
#include <drivers/pci.h>
#include <mm/vmalloc.h>

#define LOG_NAME "acpi"
#include <kernel/log.h>

void acpi_register_map(struct acpi_register *reg, const struct acpi_gas *gas,
                       u32 bytes)
{
    *reg = (struct acpi_register){.gas = *gas};
    if (gas->space != ACPI_SPACE_MEMORY)
        return;
    reg->mapped = ioremap(phys_addr(gas->address), bytes);
    if (!reg->mapped) {
        log_warn("register at %llx cannot be mapped", gas->address);
        reg->gas = ACPI_NO_GAS;
    }
}

u16 acpi_register_read16(const struct acpi_register *reg)
{
    if (reg->gas.space == ACPI_SPACE_MEMORY)
        return mmio_read16(reg->mapped, 0);
    ASSERT(reg->gas.space == ACPI_SPACE_IO);
    return inw((u16)reg->gas.address);
}

void acpi_register_write16(const struct acpi_register *reg, u16 value)
{
    if (reg->gas.space == ACPI_SPACE_MEMORY) {
        mmio_write16(reg->mapped, 0, value);
        return;
    }
    ASSERT(reg->gas.space == ACPI_SPACE_IO);
    outw((u16)reg->gas.address, value);
}

static void pci_config_write8(const struct acpi_gas *gas, u8 value)
{
    struct pci_function function = {
        .device = acpi_gas_pci_device(gas),
        .function = acpi_gas_pci_function(gas),
    };

    pci_write8(&function, acpi_gas_pci_offset(gas), value);
}

void acpi_register_write8(const struct acpi_register *reg, u8 value)
{
    switch ((enum acpi_space)reg->gas.space) {
    case ACPI_SPACE_MEMORY: mmio_write8(reg->mapped, 0, value); return;
    case ACPI_SPACE_IO: outb((u16)reg->gas.address, value); return;
    case ACPI_SPACE_PCI: pci_config_write8(&reg->gas, value); return;
    case ACPI_SPACE_NONE: break;
    }
    ASSERT(!"a register that exists");
}
