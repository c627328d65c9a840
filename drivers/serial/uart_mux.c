// drivers/serial/uart_mux.c - who sends next: the log, the terminal, the trace
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
//
// The trace may share the port, too (uart_trace.c). Its lines are whole as
// well, and begin only when neither of the others has anything to send; a
// prompt gets a line end before them, as before the log's.

#include "uart_private.h"

#define LINE_BYTES 4096u
#define WAIT_NS    (50u * NSEC_PER_MSEC)

// The terminal has nothing to send and nobody is about to add to it.
static bool tty_rests(const struct uart_port *port)
{
    return !port->tty ||
           (!tty_output_waits(port->tty) && !tty_is_writing(port->tty));
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

// End the terminal's line, in two steps.
static u8 next_of_break(struct uart_port *port)
{
    port->tty_in_line = !port->break_line;
    port->break_line = !port->break_line;
    return port->break_line ? '\r' : '\n';
}

static u8 next_of_log(struct uart_port *port)
{
    u8 c;

    if (port->tty_in_line)
        return next_of_break(port);
    c = uart_log_next();
    port->log_in_line = c != '\n';
    return c;
}

// Whether the trace begins a line, or goes on with what has to be finished.
static bool trace_may_go(const struct uart_port *port)
{
    if (!uart_trace_shares(port) || !uart_trace_waits())
        return false;
    if (port->trace_in_line || port->break_line)
        return true;
    return !port->log_in_line && tty_rests(port);
}

static u8 next_of_trace(struct uart_port *port)
{
    u8 c;

    if (port->tty_in_line)
        return next_of_break(port);
    c = uart_trace_next();
    port->trace_in_line = c != '\n';
    return c;
}

static void note_tty_byte(struct uart_port *port, u8 c)
{
    port->tty_in_line = c != '\n';
    port->tty_line_bytes = port->tty_in_line ? port->tty_line_bytes + 1 : 0;
}

// The trace's own port.
static bool next_of_own(u8 *out)
{
    if (!uart_trace_waits())
        return false;
    *out = uart_trace_next();
    return true;
}

static bool is_own(const struct uart_port *port)
{
    return port == uart_trace_port && !uart_trace_shares(port);
}

bool uart_next_byte(struct uart_port *port, u8 *out)
{
    if (is_own(port))
        return next_of_own(out);
    if (port->tty && tty_output_urgent(port->tty, out))
        return true;
    if (!port->trace_in_line && log_may_go(port)) {
        *out = next_of_log(port);
        return true;
    }
    if (trace_may_go(port)) {
        *out = next_of_trace(port);
        return true;
    }
    if (!port->tty || !tty_output_next(port->tty, out))
        return false;
    note_tty_byte(port, *out);
    return true;
}

bool uart_has_output(const struct uart_port *port)
{
    if (port == uart_trace_port && uart_trace_waits())
        return true;
    if (is_own(port))
        return false;
    return (port == uart_log_port && uart_log_waits()) ||
           (port->tty && tty_output_waits(port->tty));
}
