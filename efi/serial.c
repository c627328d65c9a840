// efi/serial.c - polled output on COM1, if there is one
// SPDX-License-Identifier: MIT
//
// Most PCs have no COM1 any more: reads from the empty port give 0xff, so the
// scratch register tells. Every wait is bounded, and a UART that times out is
// not asked again.
//
// Source: PC16550D data sheet, section 8 (registers).

#include "stub.h"

#include "io.h"

enum {
    COM1 = 0x3f8,

    UART_DATA = 0,             // transmit; divisor low while DLAB is set
    UART_INTERRUPT_ENABLE = 1, // divisor high while DLAB is set
    UART_FIFO_CONTROL = 2,
    UART_LINE_CONTROL = 3,
    UART_MODEM_CONTROL = 4,
    UART_LINE_STATUS = 5,
    UART_SCRATCH = 7,

    UART_FIFO_ENABLE_CLEAR = 0x07,
    UART_LINE_8N1 = 0x03,
    UART_LINE_DLAB = 0x80,
    UART_MODEM_DTR_RTS = 0x03,
    UART_STATUS_THR_EMPTY = 0x20,

    UART_DIVISOR_115200 = 1,
    // A read takes about 1 us; a character at 115200 takes 87 us. Behind a
    // FIFO of 16 a ready UART answers within 1.4 ms.
    UART_POLLS_MAX = 50000,
};

static enum {
    UART_ABSENT,
    UART_PRESENT
} uart;

static void uart_write(u16 reg, u8 value)
{
    io_write8(COM1 + reg, value);
}

static u8 uart_read(u16 reg)
{
    return io_read8(COM1 + reg);
}

void serial_init(void)
{
    static const u8 patterns[] = {0x5a, 0xa5};

    for (u32 i = 0; i < ARRAY_SIZE(patterns); i++) {
        uart_write(UART_SCRATCH, patterns[i]);
        if (uart_read(UART_SCRATCH) != patterns[i])
            return;
    }
    uart_write(UART_INTERRUPT_ENABLE, 0);
    uart_write(UART_LINE_CONTROL, UART_LINE_DLAB | UART_LINE_8N1);
    uart_write(UART_DATA, UART_DIVISOR_115200);
    uart_write(UART_INTERRUPT_ENABLE, 0);
    uart_write(UART_LINE_CONTROL, UART_LINE_8N1);
    uart_write(UART_FIFO_CONTROL, UART_FIFO_ENABLE_CLEAR);
    uart_write(UART_MODEM_CONTROL, UART_MODEM_DTR_RTS);
    uart = UART_PRESENT;
}

static void serial_write_char(char c)
{
    for (u32 polls = 0; polls < UART_POLLS_MAX; polls++) {
        if (uart_read(UART_LINE_STATUS) & UART_STATUS_THR_EMPTY) {
            uart_write(UART_DATA, (u8)c);
            return;
        }
    }
    uart = UART_ABSENT;
}

void serial_write(const char *text)
{
    while (*text && uart == UART_PRESENT)
        serial_write_char(*text++);
}
