// drivers/serial/uart_access.h - where the registers of a UART are
// SPDX-License-Identifier: MIT
//
// Eight registers of 8 bits each, in I/O ports or in memory. They may lie 2, 4
// or 8 bytes apart (the shift), and in memory some buses let only 16 or 32 bits
// through at a time (the width); the register is in the low byte then.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum uart_space {
    UART_SPACE_NONE, // not known, or not mapped yet
    UART_SPACE_PORT,
    UART_SPACE_MEMORY,
};

struct uart_access {
    enum uart_space space;
    u16 port;                    // of register 0
    volatile void __iomem *base; // of register 0
    u8 shift;                    // registers are 1 << shift apart
    u8 width;                    // bytes of an access to memory: 1, 2, 4
};

#define UART_REGISTERS 8u

// Bytes from register 0 to the end of the last.
static inline u32 uart_access_bytes(const struct uart_access *access)
{
    return UART_REGISTERS << access->shift;
}

// uart_access_is_sane [P] - shift and width can be, and accesses of that width
// do not overlap.
bool uart_access_is_sane(const struct uart_access *access);

// Context: any. The space is not UART_SPACE_NONE.
u8 uart_access_read(const struct uart_access *access, u32 reg);
void uart_access_write(const struct uart_access *access, u32 reg, u8 value);
