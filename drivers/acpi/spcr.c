// drivers/acpi/spcr.c - the Serial Port Console Redirection table [P]
// SPDX-License-Identifier: MIT
//
// How far registers are apart, and how wide an access has to be, are both in
// the address structure, as "bit width" and "access size"; firmware has one or
// the other right. The larger counts: 32-bit accesses to registers that are
// bytes apart would overlap. I/O ports are always bytes.
//
// Source: Microsoft's "Serial Port Console Redirection Table", version 1.08
// (revisions 1 to 4 of the table), and ACPI 6.4 section 5.2.3.2.

#include <drivers/acpi.h>

#include <base/errno.h>

#include "acpi_private.h"
#include "gas.h"

enum {
    SPCR_INTERFACE = 36,
    SPCR_BASE = 40, // generic address structure
    SPCR_INTERRUPT_TYPE = 52,
    SPCR_IRQ = 53,
    SPCR_BAUD = 58, // a code
    SPCR_FLOW = 61,
    SPCR_BYTES = 80,
    SPCR_CLOCK = 76,      // revision 3 and later, before that 0
    SPCR_BAUD_EXACT = 80, // revision 4
    SPCR_BYTES_4 = 84,
};
enum {
    TABLE_REVISION = 8,
    INTERFACE_16550 = 0,
    INTERFACE_16450 = 1,
    INTERFACE_16550_GAS = 0x12, // registers as the address structure says
    INTERRUPT_8259 = 1u << 0,
    FLOW_RTS_CTS = 1u << 1,
    IRQ_MAX = 15,
};
#define REGISTERS 8u

static u32 parse_baud(const u8 *table, u32 bytes)
{
    if (table[TABLE_REVISION] >= 4 && bytes >= SPCR_BYTES_4 &&
        get_le32(table + SPCR_BAUD_EXACT))
        return get_le32(table + SPCR_BAUD_EXACT);
    switch (table[SPCR_BAUD]) {
    case 3: return 9600;
    case 4: return 19200;
    case 6: return 57600;
    case 7: return 115200;
    default: return 0;
    }
}

// log2 of the bytes in @bits; what cannot be is one byte.
static u8 shift_of_bits(u8 bits)
{
    switch (bits) {
    case 16: return 1;
    case 32: return 2;
    case 64: return 3;
    default: return 0;
    }
}

static void parse_layout(const struct acpi_gas *gas, struct acpi_console *out)
{
    u8 width_shift;

    out->shift = 0;
    out->width = 1;
    if (!out->in_memory)
        return;
    width_shift = gas->access_size == 2 ? 1 : gas->access_size == 3 ? 2 : 0;
    out->width = (u8)(1u << width_shift);
    out->shift = shift_of_bits(gas->bit_width);
    if (out->shift < width_shift)
        out->shift = width_shift;
}

int acpi_parse_spcr(const u8 *table, u32 bytes, struct acpi_console *out)
{
    struct acpi_gas gas;
    u8 kind;

    if (bytes < SPCR_BYTES)
        return -EINVAL;
    kind = table[SPCR_INTERFACE];
    if (kind != INTERFACE_16550 && kind != INTERFACE_16450 &&
        kind != INTERFACE_16550_GAS)
        return -ENODEV;
    gas = acpi_parse_gas(table + SPCR_BASE, REGISTERS);
    if (gas.space != ACPI_SPACE_IO && gas.space != ACPI_SPACE_MEMORY)
        return -ENODEV;
    *out = (struct acpi_console){
        .in_memory = gas.space == ACPI_SPACE_MEMORY,
        .address = gas.address,
        .baud = parse_baud(table, bytes),
        .flow = table[SPCR_FLOW] & FLOW_RTS_CTS,
    };
    parse_layout(&gas, out);
    if (table[SPCR_INTERRUPT_TYPE] & INTERRUPT_8259 &&
        table[SPCR_IRQ] <= IRQ_MAX)
        out->irq = table[SPCR_IRQ];
    if (table[TABLE_REVISION] >= 3)
        out->clock_hz = get_le32(table + SPCR_CLOCK);
    return 0;
}
