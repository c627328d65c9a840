// drivers/acpi/gas.h - generic address structures: registers that tables name
// SPDX-License-Identifier: MIT
//
// A register lies in a space: memory, I/O ports, or the configuration space of
// a PCI function on bus 0. Reading the structure is pure (gas.c, for
// all tables); reaching the register is register.c's, by mappings made at boot,
// so that it works in any context afterwards.
//
// Source: ACPI 6.4 section 5.2.3.2.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum {
    GAS_SPACE = 0,
    GAS_BIT_WIDTH = 1,
    GAS_BIT_OFFSET = 2,
    GAS_ACCESS_SIZE = 3,
    GAS_ADDRESS = 4,
    GAS_BYTES = 12,
};

enum acpi_space {
    ACPI_SPACE_MEMORY = 0,
    ACPI_SPACE_IO = 1,
    ACPI_SPACE_PCI = 2,
    ACPI_SPACE_NONE = 0xff, // ours: there is no such register
};

struct acpi_gas {
    u8 space; // enum acpi_space
    u8 bit_width, bit_offset;
    u8 access_size; // 1 to 4: 8 to 64 bits; 0: not said
    u64 address;
};

#define ACPI_NO_GAS ((struct acpi_gas){.space = ACPI_SPACE_NONE})

// Where in configuration space ACPI_SPACE_PCI's address is.
static inline u8 acpi_gas_pci_device(const struct acpi_gas *gas)
{
    return (u8)(gas->address >> 32);
}
static inline u8 acpi_gas_pci_function(const struct acpi_gas *gas)
{
    return (u8)(gas->address >> 16);
}
static inline u16 acpi_gas_pci_offset(const struct acpi_gas *gas)
{
    return (u16)gas->address;
}

// acpi_parse_gas [P] - the structure in the GAS_BYTES at @at, if @bytes can be
// accessed there: a space that we reach, an address that is not 0, a port or a
// configuration offset that exists. Else ACPI_NO_GAS.
struct acpi_gas acpi_parse_gas(const u8 *at, u32 bytes);

// A register that can be reached.
struct acpi_register {
    struct acpi_gas gas;
    volatile void __iomem *mapped; // ACPI_SPACE_MEMORY
};

// acpi_register_map - prepare access to @bytes (1 or 2). On failure, which is
// logged, the register becomes one that does not exist. Context: boot, may
// sleep.
void acpi_register_map(struct acpi_register *reg, const struct acpi_gas *gas,
                       u32 bytes);

static inline bool acpi_register_exists(const struct acpi_register *reg)
{
    return reg->gas.space != ACPI_SPACE_NONE;
}

// Context: any. The register exists; 16 bits: not ACPI_SPACE_PCI.
u16 acpi_register_read16(const struct acpi_register *reg);
void acpi_register_write16(const struct acpi_register *reg, u16 value);
void acpi_register_write8(const struct acpi_register *reg, u8 value);
