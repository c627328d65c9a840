// drivers/serial/uart16550.c - the 16550A: finding, setting up, polled output
// SPDX-License-Identifier: MIT
//
// Most PCs have no COM1 any more: the empty port reads 0xff, so nothing is
// believed until the scratch register holds what was written to it, or, since
// the 8250 proper has none, until the loop from modem control to modem status
// is there.
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

#define CHAR_BITS_MAX 12u // with start, parity and stop bits
#define POLLS_MIN     200000u
#define POLLS_STUCK   16u
// Until the other side says that it is clear to send: about a second.
#define POLLS_CTS 1000000u

// Polls until a full FIFO must be out, at four a microsecond.
static u32 polls_max(const struct uart_port *port)
{
    u32 bit_us = 1000000u / port->baud;

    return max(CHAR_BITS_MAX * max(port->fifo_bytes, 16u) * 4 * bit_us,
               POLLS_MIN);
}

const char *uart_type_name(enum uart_type type)
{
    static const char *const names[] = {
        [UART_8250] = "8250",   [UART_16450] = "16450",
        [UART_16550] = "16550", [UART_16550A] = "16550A",
        [UART_16750] = "16750",
    };

    return names[type];
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

u8 uart_modem_status(struct uart_port *port)
{
    u8 status = uart_read(port, UART_MSR);

    port->carrier_changed |= !!(status & UART_MSR_DDCD);
    port->cts_changed |= !!(status & UART_MSR_DCTS);
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

u8 uart_line_control(const struct tty_line *line)
{
    u8 lcr = (u8)(UART_LCR_WORD_5 + line->data_bits - 5);

    if (line->stop_bits == 2)
        lcr |= UART_LCR_STOP_2;
    if (line->parity != TTY_PARITY_NONE)
        lcr |= UART_LCR_PARITY;
    if (line->parity == TTY_PARITY_EVEN)
        lcr |= UART_LCR_EVEN;
    return lcr;
}

u32 uart_divisor(const struct uart_port *port, u32 baud)
{
    if (!baud || baud > port->clock_baud)
        return 0;
    return min((port->clock_baud + baud / 2) / baud, UART_DIVISOR_MAX);
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

// Wait until the other side is ready, a second at most and then not again until
// it has been: the byte is sent in any case, as this may be a panic.
static void wait_clear_to_send(struct uart_port *port)
{
    u32 polls = port->cts_late ? 1 : POLLS_CTS;

    for (; polls; polls--) {
        if (uart_modem_status(port) & UART_MSR_CTS) {
            port->cts_late = false;
            return;
        }
        cpu_relax();
    }
    port->cts_late = true;
}

bool uart_put(struct uart_port *port, u8 c)
{
    if (port->flow)
        wait_clear_to_send(port);
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

// The bus may keep what was written last: no test is believed alone.
static bool has_scratch(const struct uart_port *port)
{
    static const u8 patterns[] = {0x5a, 0xa5};

    for (u32 i = 0; i < ARRAY_SIZE(patterns); i++) {
        uart_write(port, UART_SCR, patterns[i]);
        if (uart_read(port, UART_SCR) != patterns[i])
            return false;
    }
    return true;
}

// What is written to modem control comes back in modem status.
static bool has_loop(const struct uart_port *port)
{
    u8 mcr = uart_read(port, UART_MCR);
    u8 status;

    uart_write(port, UART_MCR, UART_MCR_LOOP | UART_MCR_RTS | UART_MCR_OUT2);
    status = uart_read(port, UART_MSR) &
             (UART_MSR_CTS | UART_MSR_DSR | UART_MSR_RI | UART_MSR_DCD);
    uart_write(port, UART_MCR, mcr);
    return status == (UART_MSR_CTS | UART_MSR_DCD);
}

static bool is_there(struct uart_port *port)
{
    if (uart_read(port, UART_LSR) == 0xff || uart_read(port, UART_IIR) == 0xff)
        return false;
    if (has_scratch(port)) {
        port->type = UART_16450; // or better
        return uart_read(port, UART_LSR) != 0xff &&
               uart_read(port, UART_IIR) != 0xff;
    }
    port->type = UART_8250;
    return has_loop(port);
}

// A 16750 has 64 bytes if it is told so while LCR has DLAB; for others the bit
// is reserved, and does not come back.
static void try_fifo_64(struct uart_port *port, u8 fcr)
{
    uart_write(port, UART_LCR, port->lcr | UART_LCR_DLAB);
    uart_write(port, UART_FCR, fcr | UART_FCR_64);
    uart_write(port, UART_LCR, port->lcr);
    if (!(uart_read(port, UART_IIR) & UART_IIR_FIFO_64))
        return;
    port->type = UART_16750;
    port->fifo_bytes = UART_FIFO_64;
}

// Turn the FIFOs on and see what they are.
static void probe_fifo(struct uart_port *port)
{
    u8 fcr = UART_FCR_ENABLE | UART_FCR_CLEAR_RX | UART_FCR_CLEAR_TX |
             UART_FCR_TRIGGER_8;
    u8 fifo;

    port->fifo_bytes = 1;
    uart_write(port, UART_FCR, fcr);
    fifo = uart_read(port, UART_IIR) & UART_IIR_FIFO;
    if (fifo == UART_IIR_FIFO) {
        port->type = UART_16550A;
        port->fifo_bytes = UART_FIFO_BYTES;
        try_fifo_64(port, fcr);
        return;
    }
    if (fifo == UART_IIR_FIFO_BAD)
        port->type = UART_16550;
    uart_write(port, UART_FCR, 0);
}

static u32 read_divisor(const struct uart_port *port)
{
    u32 divisor;

    uart_write(port, UART_LCR, port->lcr | UART_LCR_DLAB);
    divisor = uart_read(port, UART_DLL) | (u32)uart_read(port, UART_DLM) << 8;
    uart_write(port, UART_LCR, port->lcr);
    return divisor;
}

// With a clock that nobody knows, the firmware's divisor is the best guess.
static void start_speed(struct uart_port *port)
{
    u32 divisor;

    if (!port->clock_baud)
        return;
    divisor = port->keep_divisor ? read_divisor(port) : 0;
    if (divisor) {
        port->baud = max(port->clock_baud / divisor, 1u);
        return;
    }
    port->baud = min(port->baud, port->clock_baud);
    uart_set_divisor(port, uart_divisor(port, port->baud));
}

void uart_probe(struct uart_port *port)
{
    port->mode = UART_ABSENT;
    if (!is_there(port))
        return;
    port->mode = UART_POLLED;
    port->lcr = uart_line_control(&port->start);
    uart_write(port, UART_LCR, port->lcr); // DLAB may be set
    port->ier = 0;
    uart_write(port, UART_IER, 0);
    // What the firmware has sent goes out at its own speed.
    uart_wait_idle(port);
    start_speed(port);
    if (port->type != UART_8250)
        probe_fifo(port);
    else
        port->fifo_bytes = 1;
    port->fifo_room = 0;
    port->flow = port->start.flow;
    port->mcr = UART_MCR_DTR | UART_MCR_RTS;
    uart_write(port, UART_MCR, port->mcr);
    // The transmitter is empty now, or this is no UART.
    port->stuck = false;
    if (!wait_status(port, UART_LSR_THRE))
        port->mode = UART_ABSENT;
}
