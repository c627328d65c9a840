// drivers/serial/uart_access.c - one register of a UART, wherever it is
// SPDX-License-Identifier: MIT

#include "uart_access.h"

#include <arch/io.h>

#define SHIFT_MAX 3u

bool uart_access_is_sane(const struct uart_access *access)
{
    if (access->shift > SHIFT_MAX)
        return false;
    if (access->space == UART_SPACE_PORT)
        return access->port + uart_access_bytes(access) <= 0x10000;
    if (access->width != 1 && access->width != 2 && access->width != 4)
        return false;
    return access->width <= 1u << access->shift;
}

u8 uart_access_read(const struct uart_access *access, u32 reg)
{
    u32 offset = reg << access->shift;

    if (access->space == UART_SPACE_PORT)
        return inb((u16)(access->port + offset));
    switch (access->width) {
    case 2: return (u8)mmio_read16(access->base, offset);
    case 4: return (u8)mmio_read32(access->base, offset);
    default: return mmio_read8(access->base, offset);
    }
}

void uart_access_write(const struct uart_access *access, u32 reg, u8 value)
{
    u32 offset = reg << access->shift;

    if (access->space == UART_SPACE_PORT) {
        outb((u16)(access->port + offset), value);
        return;
    }
    switch (access->width) {
    case 2: mmio_write16(access->base, offset, value); return;
    case 4: mmio_write32(access->base, offset, value); return;
    default: mmio_write8(access->base, offset, value); return;
    }
}
