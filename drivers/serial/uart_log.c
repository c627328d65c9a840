// drivers/serial/uart_log.c - the kernel log on a serial port
// SPDX-License-Identifier: MIT
//
// At first lines are sent polled; once the port has interrupts they go to a
// ring here, from where uart_mux.c takes them. When the ring is full the log is
// turned away: it keeps its lines and is asked for more when half of the ring
// is out. So the kernel waits for the port never, and a log that outruns the
// port loses its oldest lines, in the log's own ring, not here.
//
// write_sync (panic) empties the ring and then sends, polled, whatever else
// this port was doing, interrupted in the middle or not: all it relies on is
// indices that are taken modulo, and bounded waits.

#include <drivers/serial.h>

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/console.h>
#include <kernel/irq.h>
#include <lib/string.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

#define RING_BYTES 4096u

#define TTY_MAJOR 4u
#define TTY_MINOR 64u // of ttyS0

static u8 ring[RING_BYTES]; // positions run freely
static u32 ring_head, ring_tail;
static u64 waiting_since_ns;
static bool turned_away;

struct uart_port *uart_log_port;

static u32 ring_used(void)
{
    return ring_head - ring_tail;
}

bool uart_log_waits(void)
{
    return ring_head != ring_tail;
}

u8 uart_log_next(void)
{
    return ring[ring_tail++ % RING_BYTES];
}

u64 uart_log_waited_ns(void)
{
    return time_ns() - waiting_since_ns;
}

static void ring_put(u8 c)
{
    ring[ring_head++ % RING_BYTES] = c;
}

// How many bytes @text is with a CR for each line.
static u32 bytes_with_returns(const char *text, u32 bytes)
{
    u32 count = bytes;

    for (u32 i = 0; i < bytes; i++)
        count += text[i] == '\n';
    return count;
}

// All or nothing; what would not fit into an empty ring is cut.
static bool write_ring(const char *text, u32 bytes)
{
    if (bytes_with_returns(text, bytes) > RING_BYTES - ring_used() &&
        uart_log_waits()) {
        turned_away = true;
        return false;
    }
    if (!uart_log_waits())
        waiting_since_ns = time_ns();
    for (u32 i = 0; i < bytes && ring_used() < RING_BYTES - 1; i++) {
        if (text[i] == '\n')
            ring_put('\r');
        ring_put((u8)text[i]);
    }
    uart_kick(uart_log_port);
    return true;
}

// Return: false: the port is stuck. A part may have been sent.
static bool write_polled(const char *text, u32 bytes)
{
    struct uart_port *port = uart_log_port;

    for (u32 i = 0; i < bytes; i++) {
        if (text[i] == '\n' && !uart_put(port, '\r'))
            return false;
        if (!uart_put(port, (u8)text[i]))
            return false;
        port->log_in_line = text[i] != '\n';
    }
    return true;
}

static bool uart_log_write(const char *text, u32 bytes)
{
    u32 flags = irq_save();
    bool taken = uart_log_port->mode == UART_POLLED ? write_polled(text, bytes)
                                                    : write_ring(text, bytes);

    irq_restore(flags);
    return taken;
}

static void uart_log_write_sync(const char *text, u32 bytes)
{
    struct uart_port *port = uart_log_port;
    u32 flags = irq_save();

    uart_put_begin(port);
    while (uart_log_waits()) {
        u8 c = uart_log_next();

        port->log_in_line = c != '\n';
        if (!uart_put(port, c))
            break;
    }
    if (port->tty_in_line && !port->log_in_line) {
        uart_put(port, '\r');
        uart_put(port, '\n');
        port->tty_in_line = false;
        port->break_line = false;
    }
    // What a stuck port does not take is lost: there is no later.
    (void)write_polled(text, bytes);
    irq_restore(flags);
}

void uart_log_pump(void)
{
    if (!turned_away || ring_used() > RING_BYTES / 2)
        return;
    turned_away = false;
    log_console_pump();
}

// ---- the command line ------------------------------------------------------

// A baud rate at the start of @text, which may go on (115200n8).
// Return: false: none that can be.
static bool parse_baud(const char *text, u32 *out_baud)
{
    u64 baud;

    if (str_to_u64(text, 10, &baud, NULL) || baud < 50 ||
        baud > UART_CLOCK_BAUD)
        return false;
    *out_baud = (u32)baud;
    return true;
}

// The port of a name (ttyS0) or I/O address; *@out_rest: behind it.
// Return: NULL: neither.
static struct uart_port *parse_port(const char *text, const char **out_rest)
{
    struct uart_port *other = &uart_ports[UART_COMS];
    u64 base;

    for (u32 i = 0; i < UART_COMS; i++) {
        *out_rest = str_starts(text, uart_ports[i].name);
        if (*out_rest)
            return &uart_ports[i];
    }
    // Registers 0 to 7 lie at a multiple of 8 below 64 KiB.
    if (str_to_u64(text, 0, &base, out_rest) || !base || base > 0xfff8 ||
        base % 8)
        return NULL;
    for (u32 i = 0; i < UART_COMS; i++)
        if (uart_ports[i].base == base)
            return &uart_ports[i];
    other->base = (u16)base;
    return other;
}

// The port that the text of a word names, set to the speed that it says. NULL:
// nothing of that kind.
static struct uart_port *parse_word(const char *word)
{
    const char *rest;
    struct uart_port *port = parse_port(word, &rest);

    if (!port || (*rest && *rest != ','))
        return NULL;
    if (*rest)
        // A speed that cannot be: the port keeps its own.
        (void)parse_baud(rest + 1, &port->baud);
    return port;
}

// The last port that a word `console=` names; all of them get their speeds.
static struct uart_port *parse_consoles(void)
{
    struct uart_port *port, *last = NULL;
    char word[32];

    for (u32 i = 0; cmdline_get_nth("console", i, word, sizeof(word)); i++) {
        port = parse_word(word);
        if (port)
            last = port;
    }
    return last;
}

static struct log_console console = {
    .write = uart_log_write,
    .write_sync = uart_log_write_sync,
};

// Where the log goes. @any: also to a port that is not named. NULL: nowhere, by
// the command line.
static struct uart_port *choose_port(bool any)
{
    struct uart_port *named = parse_consoles();
    struct uart_port *port = NULL;
    char word[32];

    if (cmdline_get("serial", word, sizeof(word))) {
        if (strcmp(word, "none") == 0)
            return NULL;
        port = parse_word(word);
    }
    if (port || named)
        return port ? port : named;
    return any || !console_any_named() ? &uart_ports[0] : NULL;
}

static void start_log(struct uart_port *port)
{
    if (!port || port->mode == UART_ABSENT)
        return;
    uart_log_port = port;
    console.name = port->name;
    if (port < &uart_ports[UART_COMS]) {
        console.major = TTY_MAJOR;
        console.minor = TTY_MINOR + (u32)(port - uart_ports);
    }
    log_console_register(&console);
}

void uart_early_init(void)
{
    // Before the probe, which sets the speeds.
    struct uart_port *port = choose_port(false);

    for (u32 i = 0; i < UART_PORTS; i++)
        if (uart_ports[i].base)
            uart_probe(&uart_ports[i]);
    start_log(port);
}

void uart_log_anyway(void)
{
    start_log(choose_port(true));
}
