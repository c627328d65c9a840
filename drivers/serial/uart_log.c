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

#include "uart_options.h"
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
    if (port->trace_in_line) {
        // It waits, and what is left of it is of no use then.
        uart_put(port, '\r');
        uart_put(port, '\n');
        uart_trace_cut_line();
        port->trace_in_line = false;
    }
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

// The port of a name (ttyS0) or I/O address; *@out_rest: behind it.
// Return: NULL: neither.
static struct uart_port *parse_port(const char *text, const char **out_rest)
{
    struct uart_port *port = uart_find(text, out_rest);
    struct uart_port *other = &uart_ports[UART_OTHER];
    u64 base;

    if (port)
        return port;
    // Registers 0 to 7 lie at a multiple of 8 below 64 KiB.
    if (str_to_u64(text, 0, &base, out_rest) || !base || base > 0xfff8 ||
        base % UART_REGISTERS)
        return NULL;
    port = uart_find_address(UART_SPACE_PORT, base);
    if (port)
        return port;
    other->address = base;
    other->access.space = UART_SPACE_PORT;
    other->access.port = (u16)base;
    return other;
}

// The port that the text of a word names, set to the options that it says.
// NULL: nothing of that kind.
static struct uart_port *parse_word(const char *word)
{
    const char *rest;
    struct uart_port *port = parse_port(word, &rest);

    if (!port || (*rest && *rest != ','))
        return NULL;
    if (*rest) {
        // What cannot be: the port keeps its own.
        port->start.baud = port->baud;
        (void)uart_parse_options(rest + 1, &port->start);
        if (port->start.baud)
            port->baud = port->start.baud;
    }
    return port;
}

// The last port that a word `console=` names; all of them get their speeds.
static struct uart_port *parse_consoles(void)
{
    struct uart_port *port, *last = NULL;
    char word[32];

    for (u32 i = 0; cmdline_get_nth("console", i, word, sizeof(word)); i++) {
        port = parse_word(word);
        if (!port)
            continue;
        port->is_console = true;
        last = port;
    }
    return last;
}

static struct log_console console = {
    .write = uart_log_write,
    .write_sync = uart_log_write_sync,
};

// Where the command line wants the log to go; NULL: nothing is said.
static struct uart_port *wanted;
static bool log_is_off;
static bool any_will_do; // no console is named, or none that is there

static void read_command_line(void)
{
    struct uart_port *named = parse_consoles();
    char word[32];

    // After the consoles, since of the speed for one port the log's decides.
    if (cmdline_get("serial", word, sizeof(word))) {
        log_is_off = strcmp(word, "none") == 0;
        wanted = log_is_off ? NULL : parse_word(word);
    }
    if (!wanted)
        wanted = named;
    any_will_do = !console_any_named();
}

static void log_goes_to(struct uart_port *port)
{
    if (uart_log_port || log_is_off || !uart_is_present(port))
        return;
    uart_log_port = port;
    console.name = port->name;
    if (port < &uart_ports[UART_NUMBERED]) {
        console.major = TTY_MAJOR;
        console.minor = TTY_MINOR + (u32)(port - uart_ports);
    }
    log_console_register(&console);
}

void uart_log_choose(void)
{
    if (wanted)
        log_goes_to(wanted);
    else if (any_will_do)
        log_goes_to(&uart_ports[0]);
}

void uart_log_anyway(void)
{
    any_will_do = true;
    uart_log_choose();
}

void uart_log_choose_last(struct uart_port *firmware)
{
    uart_log_choose();
    if (!any_will_do)
        return;
    // What is wanted is not there.
    log_goes_to(&uart_ports[0]);
    if (firmware)
        log_goes_to(firmware);
}

void uart_early_init(void)
{
    read_command_line();
    for (u32 i = 0; i < UART_COMS; i++)
        uart_probe(&uart_ports[i]);
    if (uart_ports[UART_OTHER].access.space != UART_SPACE_NONE)
        uart_probe(&uart_ports[UART_OTHER]);
    uart_log_choose();
}

void uart_init_pci(void)
{
    uart_pci_init();
    uart_log_choose();
}
