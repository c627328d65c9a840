// drivers/serial/uart_tty.c - what terminals ask of their port
// SPDX-License-Identifier: MIT
//
// The line that carries the log keeps DTR and RTS up when the last terminal
// file is closed.

#include <base/bits.h>
#include <kernel/irq.h>

#include "uart_private.h"

#define FLUSH_SECONDS 2u

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
    port->hung_up = false;
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
    uart_set_ier(port, port->ier & ~(UART_IER_RDA | UART_IER_MS));
    // On the log's line a BREAK may come at any time.
    if (port != uart_log_port || port->mode != UART_INTERRUPT)
        uart_set_ier(port, port->ier & ~UART_IER_RLS);
    if (hang_up && port != uart_log_port) {
        port->mcr &= ~(UART_MCR_DTR | UART_MCR_RTS);
        uart_write(port, UART_MCR, port->mcr);
    }
    irq_restore(flags);
}

static void hang_up(struct uart_port *port, bool on)
{
    port->hung_up = on;
    if (on)
        port->mcr &= (u8) ~(UART_MCR_DTR | UART_MCR_RTS);
    else
        port->mcr |= UART_MCR_DTR | UART_MCR_RTS;
    uart_write(port, UART_MCR, port->mcr);
}

// Speed 0 hangs up, and any other ends that. A speed that the clock cannot make
// leaves it as it was.
static void set_speed(struct uart_port *port, struct tty_line *line, u8 lcr)
{
    u32 divisor;

    if (!line->baud || port->hung_up)
        hang_up(port, !line->baud);
    if (!line->baud)
        return;
    divisor = uart_divisor(port, line->baud);
    if (!divisor)
        line->baud = port->baud;
    if (lcr == port->lcr && line->baud == port->baud)
        return;
    // What is in the FIFO goes out as it was meant.
    uart_wait_idle(port);
    port->lcr = lcr;
    port->baud = line->baud;
    if (divisor)
        uart_set_divisor(port, divisor);
    else
        uart_write(port, UART_LCR, lcr);
}

static void uart_set_line(void *arg, struct tty_line *line)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();
    u8 ier = port->ier & ~UART_IER_MS;

    // Nobody else would raise what was dropped to hold the other side, or drop
    // it for input that is full already.
    if (port->flow != line->flow && port->throttled && !port->hung_up) {
        if (line->flow)
            port->mcr &= (u8)~UART_MCR_RTS;
        else
            port->mcr |= UART_MCR_RTS;
        uart_write(port, UART_MCR, port->mcr);
    }
    port->flow = line->flow;
    set_speed(port, line, uart_line_control(line));
    // Open inputs make modem status interrupts by themselves: only who asks
    // for the carrier, or sends by the other side's leave, gets them.
    if ((!line->local || line->flow) && port->open &&
        port->mode == UART_INTERRUPT)
        ier |= UART_IER_MS;
    port->watch_carrier = !line->local;
    uart_set_ier(port, ier);
    irq_restore(flags);
}

static const struct {
    u8 bit; // of MCR or MSR
    u16 line;
} driven[] =
    {
        {UART_MCR_DTR, TTY_MODEM_DTR},   {UART_MCR_RTS, TTY_MODEM_RTS},
        {UART_MCR_OUT1, TTY_MODEM_OUT1}, {UART_MCR_OUT2, TTY_MODEM_OUT2},
        {UART_MCR_LOOP, TTY_MODEM_LOOP},
},
  seen[] = {
      {UART_MSR_CTS, TTY_MODEM_CTS},
      {UART_MSR_DSR, TTY_MODEM_DSR},
      {UART_MSR_RI, TTY_MODEM_RING},
      {UART_MSR_DCD, TTY_MODEM_CARRIER},
};

static u32 uart_modem_get(void *arg)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();
    u8 status = uart_modem_status(port);
    u32 lines = 0;

    for (u32 i = 0; i < ARRAY_SIZE(driven); i++)
        if (port->mcr & driven[i].bit)
            lines |= driven[i].line;
    for (u32 i = 0; i < ARRAY_SIZE(seen); i++)
        if (status & seen[i].bit)
            lines |= seen[i].line;
    irq_restore(flags);
    return lines;
}

// OUT2 stays: it carries the interrupt.
static void uart_modem_set(void *arg, u32 set, u32 clear)
{
    struct uart_port *port = arg;
    u32 flags = irq_save();

    for (u32 i = 0; i < ARRAY_SIZE(driven); i++) {
        if (driven[i].bit == UART_MCR_OUT2)
            continue;
        if (clear & driven[i].line)
            port->mcr &= (u8)~driven[i].bit;
        if (set & driven[i].line)
            port->mcr |= driven[i].bit;
    }
    uart_write(port, UART_MCR, port->mcr);
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
        if (port->flow) {
            port->mcr |= UART_MCR_RTS;
            uart_write(port, UART_MCR, port->mcr);
        }
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
    .modem_get = uart_modem_get,
    .modem_set = uart_modem_set,
    .start = uart_start,
    .resume_input = uart_resume_input,
    .is_sending = uart_is_sending,
    .is_dead = uart_is_dead,
    .flush = uart_flush,
    .counts = uart_counts,
};
