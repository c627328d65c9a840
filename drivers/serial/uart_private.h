// drivers/serial/uart_private.h - struct uart_port, shared by this folder
// SPDX-License-Identifier: MIT
//
// All of it belongs to whoever has interrupts off, and, once, to the polled
// output of a panic, which asks nobody.
#pragma once

#include <arch/io.h>
#include <base/types.h>
#include <drivers/tty.h>
#include <kernel/time.h>

#include "uart16550_regs.h"

#define UART_COMS  4u              // COM1 to COM4
#define UART_PORTS (UART_COMS + 1) // and one elsewhere, for the log

enum uart_mode {
    UART_ABSENT,
    UART_POLLED,    // output only, waiting for each FIFO
    UART_INTERRUPT, // a terminal
    UART_TIMER,     // a terminal whose interrupts do not work
};

struct uart_port {
    const char *name;
    u16 base;
    u8 irq;
    enum uart_mode mode;
    u32 fifo_bytes; // of the transmitter; 1: none
    u32 baud;
    u8 ier, lcr, mcr; // as last written
    u8 errors;        // LSR bits read, for the next character
    bool stuck;       // polled output waited in vain
    u32 fifo_room;    // polled output: bytes until the next wait

    struct tty *tty;
    bool open;
    bool throttled;         // the terminal has no room for input
    bool dead;              // accepts nothing, given up
    u64 accepted_ns;        // when it last was ready to accept bytes
    u32 interrupts;         // in which this port called
    u32 idle_interrupts;    // in a row, that found nothing to do
    u32 watched_interrupts; // interrupts, at the last watch
    u32 missed;             // watches in a row that found work undone
    struct tty_counts counts;
    struct timer watch;

    // What went out last (uart_mux.c).
    bool log_in_line; // part of a line of the log
    bool tty_in_line; // part of a line of the terminal's
    bool break_line;  // CR went out, LF follows, then the log
    u32 tty_line_bytes;
};

extern struct uart_port uart_ports[UART_PORTS];

static inline u8 uart_read(const struct uart_port *port, enum uart_reg reg)
{
    return inb((u16)(port->base + reg));
}

static inline void uart_write(const struct uart_port *port, enum uart_reg reg,
                              u8 value)
{
    outb((u16)(port->base + reg), value);
}

// ---- uart16550.c: the hardware ---------------------------------------------

// uart_probe - find out what is at port->base and set it up for port->baud,
// 8N1, without interrupts; port->mode says what was found.
void uart_probe(struct uart_port *port);

// uart_status - LSR; error bits are kept in port->errors, as reading clears
// them.
u8 uart_status(struct uart_port *port);

void uart_set_ier(struct uart_port *port, u8 ier);
void uart_set_divisor(struct uart_port *port, u32 divisor);

// uart_put - send a byte, polled: waits at most about as long as a full FIFO
// takes, and then not again until the UART accepts. Return: false: lost.
bool uart_put(struct uart_port *port, u8 c);

// uart_put_begin - others have been sending: know nothing of the FIFO.
void uart_put_begin(struct uart_port *port);

// uart_wait_idle - until the last bit is out, or it takes too long.
void uart_wait_idle(struct uart_port *port);

// ---- uart_port.c: interrupts -----------------------------------------------

// uart_kick - there is something to send, or the port was opened. Interrupts
// off.
void uart_kick(struct uart_port *port);

// ---- uart_tty.c: terminals -------------------------------------------------

extern const struct tty_port_ops uart_tty_ops;

// ---- uart_log.c: the log ---------------------------------------------------

extern struct uart_port *uart_log_port; // NULL: none

bool uart_log_waits(void);
// uart_log_next - take the next byte. There is one.
u8 uart_log_next(void);
// For how long a line has been waiting.
u64 uart_log_waited_ns(void);
// uart_log_pump - if the log was turned away and there is room again, ask for
// more of it. Not from within uart_log_write.
void uart_log_pump(void);

// ---- uart_mux.c: who is next -----------------------------------------------

// uart_next_byte - what is to be sent next. Return: false: nothing.
bool uart_next_byte(struct uart_port *port, u8 *out);
// Something waits to be sent.
bool uart_has_output(const struct uart_port *port);
