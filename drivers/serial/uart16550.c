// drivers/serial/uart16550.c - the 16550A: finding, setting up, polled output
// SPDX-License-Identifier: MIT
//
// Most PCs have no COM1 any more: the empty port reads 0xff, so nothing is
// believed until the scratch register holds what was written to it. The 8250
// proper, which has none, counts as absent.
//
// Every wait is bounded by a number of polls, as this has to work before time
// is known. A read of an ISA port takes about a microsecond, and less in a
// virtual machine; the bound is generous because it is reached once only: a
// port that has been waited for in vain is `stuck`, and then looked at briefly.
//
// Source: PC16550D data sheet, section 8.

#include <base/bits.h>
#include <kernel/irq.h>

#include "uart_private.h"

// A character is at most 12 bits, and 16 of them are in the FIFO.
#define FIFO_BITS   192u
#define POLLS_MIN   200000u
#define POLLS_STUCK 16u

// Polls until a full FIFO must be out, at four a microsecond.
static u32 polls_max(const struct uart_port *port)
{
    u32 bit_us = 1000000u / port->baud;

    return max(FIFO_BITS * 4 * bit_us, POLLS_MIN);
}

u8 uart_status(struct uart_port *port)
{
    u8 status = uart_read(port, UART_LSR);

    // No UART sets all bits: it has gone (hot-unplugged, powered down).
    if (status == 0xff)
        return 0;
    port->errors |= status & UART_LSR_ERRORS;
    return status;
}

void uart_set_ier(struct uart_port *port, u8 ier)
{
    if (port->ier == ier)
        return;
    port->ier = ier;
    uart_write(port, UART_IER, ier);
}

void uart_set_divisor(struct uart_port *port, u32 divisor)
{
    uart_write(port, UART_LCR, port->lcr | UART_LCR_DLAB);
    uart_write(port, UART_DLL, divisor & 0xff);
    uart_write(port, UART_DLM, (u8)(divisor >> 8));
    uart_write(port, UART_LCR, port->lcr);
}

// ---- polled output ---------------------------------------------------------

// Wait for status bits. Return: false, and stuck: they did not come.
static bool wait_status(struct uart_port *port, u8 bits)
{
    u32 polls = port->stuck ? POLLS_STUCK : polls_max(port);

    for (; polls; polls--) {
        if ((uart_status(port) & bits) == bits) {
            port->stuck = false;
            return true;
        }
        cpu_relax();
    }
    port->stuck = true;
    return false;
}

void uart_put_begin(struct uart_port *port)
{
    port->fifo_room = 0;
}

bool uart_put(struct uart_port *port, u8 c)
{
    if (!port->fifo_room) {
        if (!wait_status(port, UART_LSR_THRE))
            return false;
        port->fifo_room = port->fifo_bytes;
    }
    port->fifo_room--;
    port->counts.sent++;
    uart_write(port, UART_THR, c);
    return true;
}

void uart_wait_idle(struct uart_port *port)
{
    // A UART that does not get there is remembered as stuck.
    (void)wait_status(port, UART_LSR_TEMT);
}

// ---- finding ---------------------------------------------------------------

static bool is_there(const struct uart_port *port)
{
    static const u8 patterns[] = {0x5a, 0xa5};

    for (u32 i = 0; i < ARRAY_SIZE(patterns); i++) {
        uart_write(port, UART_SCR, patterns[i]);
        if (uart_read(port, UART_SCR) != patterns[i])
            return false;
    }
    // The bus may have kept the pattern: other registers differ.
    return uart_read(port, UART_LSR) != 0xff &&
           uart_read(port, UART_IIR) != 0xff;
}

// Turn the FIFOs on and see whether they are: 16550A, not 8250 to 16550.
static u32 probe_fifo(const struct uart_port *port)
{
    uart_write(port, UART_FCR,
               UART_FCR_ENABLE | UART_FCR_CLEAR_RX | UART_FCR_CLEAR_TX |
                   UART_FCR_TRIGGER_8);
    if ((uart_read(port, UART_IIR) & UART_IIR_FIFO) == UART_IIR_FIFO)
        return UART_FIFO_BYTES;
    uart_write(port, UART_FCR, 0);
    return 1;
}

void uart_probe(struct uart_port *port)
{
    port->mode = UART_ABSENT;
    if (!is_there(port))
        return;
    port->mode = UART_POLLED;
    port->lcr = UART_LCR_WORD_5 + 3;
    uart_write(port, UART_LCR, port->lcr); // DLAB may be set
    port->ier = 0;
    uart_write(port, UART_IER, 0);
    // What the firmware has sent goes out at its own speed.
    uart_wait_idle(port);
    uart_set_divisor(port, DIV_ROUND_UP(UART_CLOCK_BAUD, port->baud));
    port->fifo_bytes = probe_fifo(port);
    port->fifo_room = 0;
    port->mcr = UART_MCR_DTR | UART_MCR_RTS;
    uart_write(port, UART_MCR, port->mcr);
    // The transmitter is empty now, or this is no UART.
    port->stuck = false;
    if (!wait_status(port, UART_LSR_THRE))
        port->mode = UART_ABSENT;
}
