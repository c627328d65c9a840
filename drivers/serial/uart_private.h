// drivers/serial/uart_private.h - struct uart_port, shared by this folder
// SPDX-License-Identifier: MIT
//
// All of it belongs to whoever has interrupts off, and, once, to the polled
// output of a panic, which asks nobody.
#pragma once

#include <base/types.h>
#include <drivers/tty.h>
#include <kernel/time.h>

#include "uart16550_regs.h"
#include "uart_access.h"

#define UART_COMS     4u                  // COM1 to COM4: ttyS0 to ttyS3
#define UART_NUMBERED TTY_PORTS           // ttyS0 and so on
#define UART_PORTS    (UART_NUMBERED + 1) // and one for the log alone
#define UART_OTHER    UART_NUMBERED       // its place

enum uart_mode {
    UART_ABSENT,
    UART_POLLED,    // output only, waiting for each FIFO
    UART_INTERRUPT, // a terminal
    UART_TIMER,     // a terminal whose interrupts do not work
};

enum uart_type {
    UART_8250,   // no scratch register
    UART_16450,  // no FIFO
    UART_16550,  // one that loses bytes, and is not used
    UART_16550A, // one of 16 bytes
    UART_16750,  // one of 64 bytes
};

// How its interrupt comes: a line of the 8259 or IO-APIC (its number), or
// messages of a PCI function (UART_LINE_MESSAGE and some number of ours). Ports
// of the same line are served together.
#define UART_LINE_NONE    0u // irq 0 is the timer's
#define UART_LINE_MESSAGE 0x100u

struct pci_function;

struct uart_port {
    char name[8];
    struct uart_access access;
    u64 address;                    // of register 0: a port, or physical
    u32 line;                       // see above
    const struct pci_function *pci; // NULL: it is on none
    enum uart_mode mode;
    enum uart_type type;
    u32 fifo_bytes;    // of the transmitter; 1: none
    u32 clock_baud;    // speed of divisor 1; 0: not known, the divisor is kept
    bool keep_divisor; // as the firmware has set it: tells the speed
    u32 baud;
    struct tty_line start; // what the terminal begins with, at port->baud
    u8 ier, lcr, mcr;      // as last written
    u8 errors;             // LSR bits read, for the next character
    bool stuck;            // polled output waited in vain
    u32 fifo_room;         // polled output: bytes until the next wait

    struct tty *tty;
    bool open;
    bool hung_up;           // by speed 0
    bool flow;              // RTS/CTS
    bool watch_carrier;     // its loss hangs up
    bool cts_late;          // polled output has waited for CTS in vain
    bool carrier_changed;   // MSR was read, and said so
    bool cts_changed;       // the same
    bool is_console;        // console= names it
    u64 sysrq_until_ns;     // a BREAK came: the next key is a SysRq; 0: none
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
    bool trace_in_line; // part of a line of the trace's
};

extern struct uart_port uart_ports[UART_PORTS];

static inline u8 uart_read(const struct uart_port *port, enum uart_reg reg)
{
    return uart_access_read(&port->access, reg);
}

static inline void uart_write(const struct uart_port *port, enum uart_reg reg,
                              u8 value)
{
    uart_access_write(&port->access, reg, value);
}

static inline bool uart_is_present(const struct uart_port *port)
{
    return port->mode != UART_ABSENT;
}

// ---- uart16550.c: the hardware ---------------------------------------------

// uart_probe - find out what is at port->access and set it up as port->start
// says (at port->baud), without interrupts; port->mode says what was found.
void uart_probe(struct uart_port *port);

// What its data sheet calls it, for the log.
const char *uart_type_name(enum uart_type type);

// uart_line_control - LCR for these bits, parity and stop bits.
u8 uart_line_control(const struct tty_line *line);

// uart_divisor - for @baud; 0: the clock cannot make it.
u32 uart_divisor(const struct uart_port *port, u32 baud);

// uart_modem_status - MSR; what changed is kept, as reading clears that.
u8 uart_modem_status(struct uart_port *port);

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

// ---- uart_table.c: which ports there are -----------------------------------

// uart_find - the port of that name ("ttyS4"), present or not; *@out_rest: what
// is behind the name. NULL: no such name.
struct uart_port *uart_find(const char *text, const char **out_rest);

// uart_find_address - the port there, present or not. NULL: none.
struct uart_port *uart_find_address(enum uart_space space, u64 address);

// uart_add - the next free name behind COM4, nothing known of it. NULL: none is
// left.
struct uart_port *uart_add(void);

// uart_map - reach port->address, in memory. Return: false: it cannot be, which
// is logged. Context: boot, may sleep.
__must_check bool uart_map(struct uart_port *port);

// ---- uart_pci.c: cards -----------------------------------------------------

// uart_pci_init - give each UART on PCI its port, and probe those that are
// reached through I/O ports. Behind pci_init; needs no memory.
void uart_pci_init(void);

// uart_pci_map - map and probe those in memory. Context: boot, may sleep.
void uart_pci_map(void);

// ---- uart_firmware.c: the firmware's console -------------------------------

// uart_firmware_init - the port that the table SPCR names, present, as far as
// it can be reached. NULL: none. Context: boot, may sleep.
struct uart_port *uart_firmware_init(void);

// ---- uart_sysrq.c ----------------------------------------------------------

// uart_sysrq - look at a byte that came. Return: true: it was a BREAK before a
// SysRq or its key, and is nobody else's. The key does at once what it does.
// Interrupts off.
bool uart_sysrq(struct uart_port *port, u8 c, enum tty_input kind);

// ---- uart_port.c: interrupts -----------------------------------------------

// uart_kick - there is something to send, or the port was opened. Interrupts
// off.
void uart_kick(struct uart_port *port);

// uart_handle_irq - serve all ports whose line is @arg. For irq_request.
bool uart_handle_irq(u32 irq, void *arg);

// ---- uart_tty.c: terminals -------------------------------------------------

extern const struct tty_port_ops uart_tty_ops;

// ---- uart_log.c: the log ---------------------------------------------------

extern struct uart_port *uart_log_port; // NULL: none

// uart_log_choose - if the log has no port yet, and the one that it is to have
// is there now, it goes there from now on. Context: boot.
void uart_log_choose(void);

// uart_log_choose_last - the same when all ports are known. If the command line
// names none that is there, and nothing else shows the log: COM1, or @firmware,
// the firmware's console (NULL: there is none).
void uart_log_choose_last(struct uart_port *firmware);

bool uart_log_waits(void);
// uart_log_next - take the next byte. There is one.
u8 uart_log_next(void);
// For how long a line has been waiting.
u64 uart_log_waited_ns(void);

// uart_log_pump - if the log was turned away and there is room again, ask for
// more of it. Not from within uart_log_write.
void uart_log_pump(void);

// ---- uart_trace.c ----------------------------------------------------------

// The port that the trace has, or NULL.
extern struct uart_port *uart_trace_port;

// uart_trace_shares - @port has the trace, as lines, between others.
bool uart_trace_shares(const struct uart_port *port);

bool uart_trace_waits(void);
// uart_trace_next - take the next byte. There is one.
u8 uart_trace_next(void);
// uart_trace_cut_line - forget the rest of a line of which a part is out.
void uart_trace_cut_line(void);

// ---- uart_mux.c: who is next -----------------------------------------------

// uart_next_byte - what is to be sent next. Return: false: nothing.
bool uart_next_byte(struct uart_port *port, u8 *out);
// Something waits to be sent.
bool uart_has_output(const struct uart_port *port);
