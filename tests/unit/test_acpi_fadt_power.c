// tests/unit/test_acpi_fadt_power.c - power and reset in the FADT
// sources: drivers/acpi/fadt_power.c drivers/acpi/gas.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../drivers/acpi/fadt_power.h"

// As large as that of ACPI 6.4.
#define FADT_BYTES 276u

static u8 table[FADT_BYTES];

static void put(u32 offset, u32 bytes, u64 value)
{
    for (u32 i = 0; i < bytes; i++)
        table[offset + i] = (u8)(value >> (8 * i));
}

static void put_gas(u32 offset, u8 space, u64 address)
{
    table[offset] = space;
    table[offset + 1] = 8;
    table[offset + 2] = 0;
    table[offset + 3] = 1;
    put(offset + 4, 8, address);
}

// In an exact allocation, so that a read beyond it is found.
static struct acpi_fadt_power parse(u32 bytes)
{
    struct acpi_fadt_power out;
    u8 *copy = malloc(bytes);

    memcpy(copy, table, bytes);
    CHECK_EQ(acpi_parse_fadt_power(copy, bytes, &out), 0);
    free(copy);
    return out;
}

// What every test begins with: one of 1996.
static void begin(void)
{
    memset(table, 0, sizeof(table));
    put(40, 4, 0x1ffe0000); // DSDT
    put(48, 4, 0xb2);       // SMI_CMD
    put(52, 1, 0xf1);       // ACPI_ENABLE
    put(64, 4, 0x604);      // PM1a_CNT
}

TEST(old_table)
{
    struct acpi_fadt_power fadt;

    begin();
    put(112, 4, 1u << 10 | 1u << 20); // flags that this edition does not have
    fadt = parse(116);
    CHECK(!fadt.reduced);
    CHECK_EQ(fadt.control_a.space, ACPI_SPACE_IO);
    CHECK_EQ(fadt.control_a.address, 0x604);
    CHECK_EQ(fadt.control_b.space, ACPI_SPACE_NONE);
    CHECK_EQ(fadt.reset.space, ACPI_SPACE_NONE);
    CHECK_EQ(fadt.sleep_control.space, ACPI_SPACE_NONE);
    CHECK_EQ(fadt.smi_command, 0xb2);
    CHECK_EQ(fadt.smi_enable, 0xf1);
    CHECK_EQ(fadt.dsdt, 0);
    CHECK_EQ(fadt.dsdt_other, 0x1ffe0000);
    CHECK_EQ(acpi_parse_fadt_power(table, 115, &fadt), -EINVAL);
}

TEST(extended_control_blocks)
{
    begin();
    put_gas(172, ACPI_SPACE_IO, 0x1804);
    put_gas(184, ACPI_SPACE_MEMORY, 0x1fed80000ull);
    CHECK_EQ(parse(244).control_a.address, 0x1804);
    CHECK_EQ(parse(244).control_b.space, ACPI_SPACE_MEMORY);
    CHECK_EQ(parse(244).control_b.address, 0x1fed80000ull);
    // Cut off in the middle: the old fields.
    CHECK_EQ(parse(172 + 11).control_a.address, 0x604);
    CHECK_EQ(parse(184 + 11).control_b.space, ACPI_SPACE_NONE);
    // Nonsense: the old fields.
    put_gas(172, ACPI_SPACE_IO, 0xffff); // 16 bits do not fit there
    CHECK_EQ(parse(244).control_a.address, 0x604);
    put_gas(172, ACPI_SPACE_PCI, 0x40);
    CHECK_EQ(parse(244).control_a.address, 0x604);
    put_gas(172, 0x7f, 0x1804); // functional fixed hardware
    CHECK_EQ(parse(244).control_a.address, 0x604);
    put(64, 4, 0x10604);
    CHECK_EQ(parse(244).control_a.space, ACPI_SPACE_NONE);
}

TEST(reset_register)
{
    begin();
    put_gas(116, ACPI_SPACE_IO, 0xcf9);
    put(128, 1, 6);
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE); // flag not set
    put(112, 4, 1u << 10);
    CHECK_EQ(parse(244).reset.address, 0xcf9);
    CHECK_EQ(parse(244).reset_value, 6);
    CHECK_EQ(parse(129).reset.address, 0xcf9);
    CHECK_EQ(parse(128).reset.space, ACPI_SPACE_NONE); // no value
    put_gas(116, ACPI_SPACE_IO, 0x10000);
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
    put_gas(116, ACPI_SPACE_MEMORY, 0xfee00000);
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_MEMORY);
    put_gas(116, ACPI_SPACE_MEMORY, 0);
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
    put_gas(116, ACPI_SPACE_MEMORY, ~0ull);
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
}

TEST(reset_register_in_configuration_space)
{
    struct acpi_gas gas;

    begin();
    put(112, 4, 1u << 10);
    put_gas(116, ACPI_SPACE_PCI, 0x0000001f000200acull);
    gas = parse(244).reset;
    CHECK_EQ(gas.space, ACPI_SPACE_PCI);
    CHECK_EQ(acpi_gas_pci_device(&gas), 31);
    CHECK_EQ(acpi_gas_pci_function(&gas), 2);
    CHECK_EQ(acpi_gas_pci_offset(&gas), 0xac);
    put_gas(116, ACPI_SPACE_PCI, 0x00000020000200acull); // device 32
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
    put_gas(116, ACPI_SPACE_PCI, 0x0000001f000800acull); // function 8
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
    put_gas(116, ACPI_SPACE_PCI, 0x0000001f00020100ull); // beyond 256 bytes
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
    put_gas(116, ACPI_SPACE_PCI, 0x0001001f000200acull); // reserved bits
    CHECK_EQ(parse(244).reset.space, ACPI_SPACE_NONE);
}

TEST(hardware_reduced)
{
    begin();
    put(112, 4, 1u << 20);
    put_gas(244, ACPI_SPACE_IO, 0x404);
    put_gas(256, ACPI_SPACE_MEMORY, 0xfed01000);
    CHECK(parse(268).reduced);
    CHECK_EQ(parse(268).sleep_control.address, 0x404);
    CHECK_EQ(parse(268).sleep_status.address, 0xfed01000);
    CHECK_EQ(parse(267).sleep_status.space, ACPI_SPACE_NONE);
    CHECK(parse(255).reduced);
    CHECK(!parse(244).reduced); // ACPI 2.0 to 4.0
    CHECK_EQ(parse(255).sleep_control.space, ACPI_SPACE_NONE);
}

TEST(random_tables)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 bytes = 116 + test_random_below(FADT_BYTES - 115);
        struct acpi_fadt_power fadt;
        const struct acpi_gas *all[] = {
            &fadt.control_a,     &fadt.control_b,    &fadt.reset,
            &fadt.sleep_control, &fadt.sleep_status,
        };

        for (u32 j = 0; j < FADT_BYTES; j++)
            table[j] = (u8)test_random_below(test_random_below(2) ? 3 : 256);
        fadt = parse(bytes);
        for (u32 j = 0; j < ARRAY_SIZE(all); j++) {
            CHECK(all[j]->space <= ACPI_SPACE_PCI ||
                  all[j]->space == ACPI_SPACE_NONE);
            if (all[j]->space == ACPI_SPACE_IO)
                CHECK(all[j]->address <= 0xffff);
        }
    }
}
