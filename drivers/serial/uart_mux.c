// drivers/serial/uart_mux.c - who sends next: the log or the terminal
// SPDX-License-Identifier: MIT
//
// The log and a terminal may share a port. Both have a queue of their own, and
// the choice is made here, a byte at a time, so that lines stay whole:
//
// - a line of the log that has begun is finished;
// - the log begins a line when the terminal is at the start of one;
// - when the terminal rests in the middle of a line (a prompt), a line end is
//   put in first;
// - a program that is writing is given the time to finish its line, but not
//   for ever: not beyond LINE_BYTES or WAIT_NS.
//
// The log goes first otherwise: it is short, and says why things are slow.

#include "uart_private.h"

#define LINE_BYTES 4096u
#define WAIT_NS    (50u * NSEC_PER_MSEC)

// The terminal has nothing to send and nobody is about to add to it.
static bool tty_rests(const struct uart_port *port)
{
    return !tty_output_waits(port->tty) && !tty_is_writing(port->tty);
}

static bool log_may_go(const struct uart_port *port)
{
    if (port != uart_log_port || !uart_log_waits())
        return false;
    if (port->log_in_line || port->break_line || !port->tty_in_line)
        return true;
    return tty_rests(port) || port->tty_line_bytes >= LINE_BYTES ||
           uart_log_waited_ns() >= WAIT_NS;
}

static u8 next_of_log(struct uart_port *port)
{
    u8 c;

    if (port->tty_in_line) {
        // End the terminal's line, in two steps.
        port->tty_in_line = !port->break_line;
        port->break_line = !port->break_line;
        return port->break_line ? '\r' : '\n';
    }
    c = uart_log_next();
    port->log_in_line = c != '\n';
    return c;
}

static void note_tty_byte(struct uart_port *port, u8 c)
{
    port->tty_in_line = c != '\n';
    port->tty_line_bytes = port->tty_in_line ? port->tty_line_bytes + 1 : 0;
}

bool uart_next_byte(struct uart_port *port, u8 *out)
{
    if (port == uart_trace_port) {
        if (!uart_trace_waits())
            return false;
        *out = uart_trace_next();
        return true;
    }
    if (port->tty && tty_output_urgent(port->tty, out))
        return true;
    if (log_may_go(port)) {
        *out = next_of_log(port);
        return true;
    }
    if (!port->tty || !tty_output_next(port->tty, out))
        return false;
    note_tty_byte(port, *out);
    return true;
}

bool uart_has_output(const struct uart_port *port)
{
    if (port == uart_trace_port)
        return uart_trace_waits();
    return (port == uart_log_port && uart_log_waits()) ||
           (port->tty && tty_output_waits(port->tty));
}
