// drivers/serial/uart_tty.c - what terminals ask of their port
// SPDX-License-Identifier: MIT
//
// The line that carries the log keeps DTR and RTS up when the last terminal
// file is closed.

#include <base/bits.h>
#include <kernel/irq.h>

#include "uart_private.h"

#define FLUSH_SECONDS 2u
#define DIVISOR_MAX   0xffffu

static void uart_open(void *arg)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();

    // Bytes that came while nobody listened are nobody's.
    for (u32 i = 0; i < UART_FIFO_BYTES; i++)
        if (uart_status(port) & UART_LSR_DR)
            (void)uart_read(port, UART_RBR);
    port->errors = 0;
    port->open = true;
    port->throttled = false;
    port->mcr |= UART_MCR_DTR | UART_MCR_RTS;
    uart_write(port, UART_MCR, port->mcr);
    if (port->mode == UART_INTERRUPT)
        uart_set_ier(port, port->ier | UART_IER_RDA | UART_IER_RLS);
    uart_kick(port); // and the watch
    irq_restore(flags);
}

static void uart_close(void *arg, bool hang_up)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();

    port->open = false;
    uart_set_ier(port,
                 port->ier & ~(UART_IER_RDA | UART_IER_RLS | UART_IER_MS));
    if (hang_up && port != uart_log_port) {
        port->mcr &= ~(UART_MCR_DTR | UART_MCR_RTS);
        uart_write(port, UART_MCR, port->mcr);
    }
    irq_restore(flags);
}

static u8 line_control(const struct tty_line *line)
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

// Speed 0 hangs up. A speed that the clock cannot make leaves it as it was.
static void set_speed(struct uart_port *port, struct tty_line *line, u8 lcr)
{
    u32 divisor;

    if (line->baud > UART_CLOCK_BAUD)
        line->baud = port->baud;
    divisor = line->baud ? (UART_CLOCK_BAUD + line->baud / 2) / line->baud : 0;
    divisor = min(divisor, DIVISOR_MAX);
    if (!divisor) {
        port->mcr &= ~(UART_MCR_DTR | UART_MCR_RTS);
        uart_write(port, UART_MCR, port->mcr);
        return;
    }
    port->mcr |= UART_MCR_DTR | UART_MCR_RTS;
    uart_write(port, UART_MCR, port->mcr);
    if (lcr == port->lcr && line->baud == port->baud)
        return;
    // What is in the FIFO goes out as it was meant.
    uart_wait_idle(port);
    port->lcr = lcr;
    port->baud = line->baud;
    uart_set_divisor(port, divisor);
}

static void uart_set_line(void *arg, struct tty_line *line)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();
    u8 ier = port->ier & ~UART_IER_MS;

    set_speed(port, line, line_control(line));
    // Open inputs make modem status interrupts by themselves: only who asks
    // for the carrier gets them.
    if (!line->local && port->open && port->mode == UART_INTERRUPT)
        ier |= UART_IER_MS;
    uart_set_ier(port, ier);
    irq_restore(flags);
}

static void uart_set_break(void *arg, bool on)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();

    if (on)
        port->lcr |= UART_LCR_SET_BREAK;
    else
        port->lcr &= ~UART_LCR_SET_BREAK;
    uart_write(port, UART_LCR, port->lcr);
    irq_restore(flags);
}

static void uart_start(void *arg)
{
    u32 flags = irq_save();

    uart_kick(arg);
    irq_restore(flags);
}

static void uart_resume_input(void *arg)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();

    if (port->throttled && !tty_input_is_full(port->tty)) {
        port->throttled = false;
        // Raises an interrupt for what waits.
        if (port->mode == UART_INTERRUPT)
            uart_set_ier(port, port->ier | UART_IER_RDA | UART_IER_RLS);
    }
    irq_restore(flags);
}

static bool uart_is_sending(const void *arg)
{
    const struct uart_port *port = arg;

    return !(uart_read(port, UART_LSR) & UART_LSR_TEMT);
}

static bool uart_is_dead(const void *arg)
{
    const struct uart_port *port = arg;

    return port->dead;
}

// Send both queues and what the log held back.
static void uart_flush(void *arg)
{
    struct uart_port *port = arg;
    u64 deadline = time_ns() + (u64)FLUSH_SECONDS * NSEC_PER_SEC;
    u32 flags = irq_save();
    bool accepts = true;
    u8 c;

    while (accepts && time_ns() < deadline) {
        if (port == uart_log_port)
            uart_log_pump();
        uart_put_begin(port); // the log may have filled the FIFO
        if (!uart_next_byte(port, &c))
            break;
        accepts = uart_put(port, c);
    }
    if (accepts)
        uart_wait_idle(port);
    irq_restore(flags);
}

static void uart_counts(const void *arg, struct tty_counts *out)
{
    const struct uart_port *port = arg;

    *out = port->counts;
}

const struct tty_port_ops uart_tty_ops = {
    .open = uart_open,
    .close = uart_close,
    .set_line = uart_set_line,
    .set_break = uart_set_break,
    .start = uart_start,
    .resume_input = uart_resume_input,
    .is_sending = uart_is_sending,
    .is_dead = uart_is_dead,
    .flush = uart_flush,
    .counts = uart_counts,
};
