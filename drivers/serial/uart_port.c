// drivers/serial/uart_port.c - interrupts: bytes in and out
// SPDX-License-Identifier: MIT
//
// uart_service does all there is to do at a port, by its status, not by what
// the interrupt identification says. The interrupt handler runs it for each
// port of the line until none has anything left: a COM port's is edge-triggered
// and shared (COM1 and COM3), so it must be seen low before the next edge can
// come. For the level of a PCI pin the same does no harm.
//
// While a port is open or has something to send, a timer runs uart_service ten
// times a second, too. It finds what a lost interrupt left behind, gives up
// ports that accept nothing, and carries ports whose interrupts do not work.
//
// Bounds: PASSES per interrupt (then the line is made to rise again, so that
// others get their turn); IDLE_INTERRUPTS in a row without any work turn the
// port's interrupts off for good; so do MISSED_MAX watches with work for them
// and no interrupt between.
//
// Input is taken only while the terminal has room. Else it stays in the FIFO,
// without interrupts, until uart_resume_input: a virtual machine holds the
// sender back then, and a real line overruns, which is counted.
//
// Source: PC16550D data sheet, sections 8.4 to 8.9.

#include <base/bits.h>
#include <kernel/irq.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

#define PASSES          32u
#define IDLE_INTERRUPTS 10000u
#define MISSED_MAX      4u
#define WATCH_NS        (100u * NSEC_PER_MSEC)
#define WATCH_POLL_NS   (10u * NSEC_PER_MSEC) // without interrupts
#define GIVE_UP_SECONDS 30u

// ---- receiving -------------------------------------------------------------

static enum tty_input take_errors(struct uart_port *port)
{
    u8 errors = port->errors;

    port->errors = 0;
    port->counts.overrun += !!(errors & UART_LSR_OE);
    // A break looks like a framing error, too.
    if (errors & UART_LSR_BI) {
        port->counts.breaks++;
        return TTY_BREAK;
    }
    port->counts.parity += !!(errors & UART_LSR_PE);
    port->counts.frame += !!(errors & UART_LSR_FE);
    return errors & (UART_LSR_PE | UART_LSR_FE) ? TTY_ERROR : TTY_CHAR;
}

static void throttle(struct uart_port *port)
{
    port->throttled = true;
    if (port->flow) {
        port->mcr &= (u8)~UART_MCR_RTS;
        uart_write(port, UART_MCR, port->mcr);
    }
    uart_set_ier(port, port->ier & ~(UART_IER_RDA | UART_IER_RLS));
}

// Return: whether there was any. At most a FIFO: echo has its turn between.
static bool receive(struct uart_port *port)
{
    u32 count;

    for (count = 0; count < UART_FIFO_BYTES; count++) {
        enum tty_input kind;
        u8 c;

        if (!(uart_status(port) & UART_LSR_DR))
            break;
        if (port->open && tty_input_is_full(port->tty)) {
            if (!port->throttled)
                throttle(port);
            break;
        }
        c = uart_read(port, UART_RBR);
        kind = take_errors(port);
        port->counts.received++;
        if (!uart_sysrq(port, c, kind) && port->open)
            tty_input(port->tty, c, kind);
    }
    return count;
}

// ---- sending ---------------------------------------------------------------

static void revive(struct uart_port *port)
{
    port->dead = false;
    log_warn("%s: accepts output again", port->name);
}

// Whether the other side lets nothing through. It has not died by that.
static bool is_held(struct uart_port *port)
{
    if (!port->flow || uart_modem_status(port) & UART_MSR_CTS)
        return false;
    port->accepted_ns = time_ns();
    return true;
}

// Fill the FIFO if it is empty. Return: whether that changed anything.
static bool transmit(struct uart_port *port)
{
    u8 before = port->ier;
    u32 count;
    u8 c;

    if (!(uart_status(port) & UART_LSR_THRE))
        return false;
    if (is_held(port)) {
        // Modem status will tell when it goes on.
        uart_set_ier(port, port->ier & ~UART_IER_THRE);
        return port->ier != before;
    }
    port->accepted_ns = time_ns();
    for (count = 0; count < port->fifo_bytes; count++) {
        if (!uart_next_byte(port, &c))
            break;
        uart_write(port, UART_THR, c);
    }
    port->counts.sent += count;
    // Another interrupt when these are out, even if they are the last: those
    // who wait for that are woken by it.
    if (port->mode == UART_INTERRUPT)
        uart_set_ier(port, count ? port->ier | UART_IER_THRE
                                 : port->ier & ~UART_IER_THRE);
    if (port->dead)
        revive(port);
    return count || port->ier != before;
}

// Return: whether a line of the modem's has changed that matters.
static bool check_modem(struct uart_port *port)
{
    bool carrier, cts;
    u8 status;

    if (!(port->ier & UART_IER_MS))
        return false;
    status = uart_modem_status(port);
    carrier = port->carrier_changed && port->watch_carrier;
    cts = port->cts_changed;
    port->carrier_changed = port->cts_changed = false;
    if (carrier && port->open && !(status & UART_MSR_DCD))
        tty_carrier_lost(port->tty);
    return carrier || cts;
}

// ---- interrupt and timer ---------------------------------------------------

// Return: whether there was anything to do.
static bool uart_service(struct uart_port *port)
{
    bool worked = receive(port);

    worked |= check_modem(port);
    worked |= transmit(port);
    return worked;
}

// After service: those who waited go on.
static void notify(struct uart_port *port)
{
    if (port->tty)
        tty_wake(port->tty);
    if (port == uart_log_port)
        uart_log_pump();
}

static void watch(struct timer *timer);

static void start_watch(struct uart_port *port)
{
    u32 period = port->mode == UART_TIMER ? WATCH_POLL_NS : WATCH_NS;

    if (!port->watch.pending)
        timer_start(&port->watch, time_ns() + period, watch);
}

static void give_up(struct uart_port *port)
{
    port->dead = true;
    log_err("%s: accepted nothing for %u s, given up", port->name,
            GIVE_UP_SECONDS);
}

static void stop_interrupts(struct uart_port *port, const char *why)
{
    port->mode = UART_TIMER;
    uart_set_ier(port, 0);
    log_err("%s: irq=%u %s, polled from now on", port->name, port->line, why);
    start_watch(port);
}

// A watch found something to do. With interrupts that work this may happen,
// but not several times without any coming in between.
static void note_missed(struct uart_port *port)
{
    bool came = port->interrupts != port->watched_interrupts;

    port->watched_interrupts = port->interrupts;
    port->missed = came ? 0 : port->missed + 1;
    if (port->mode == UART_INTERRUPT && port->missed >= MISSED_MAX)
        stop_interrupts(port, "does not come");
}

static void watch(struct timer *timer)
{
    struct uart_port *port = container_of(timer, struct uart_port, watch);
    u32 pass = 0;

    while (pass < PASSES && uart_service(port))
        pass++;
    if (pass)
        note_missed(port);
    if (!uart_has_output(port))
        port->accepted_ns = time_ns();
    else if (!port->dead && time_ns() - port->accepted_ns >=
                                (u64)GIVE_UP_SECONDS * NSEC_PER_SEC)
        give_up(port);
    notify(port);
    if (port->open || uart_has_output(port))
        start_watch(port);
}

void uart_kick(struct uart_port *port)
{
    transmit(port);
    // What has come since the last look is not lost: it is data.
    if (uart_has_output(port) && port->mode == UART_INTERRUPT && !is_held(port))
        uart_set_ier(port, port->ier | UART_IER_THRE);
    if (!port->watch.pending && (port->open || uart_has_output(port))) {
        port->accepted_ns = time_ns();
        start_watch(port);
    }
}

static bool is_on_line(const struct uart_port *port, u32 line)
{
    return port->mode == UART_INTERRUPT && port->line == line;
}

// Serve each port of the line once. Return: whether any called.
static bool serve_line(u32 line)
{
    bool any = false;

    for (u32 i = 0; i < UART_NUMBERED; i++) {
        struct uart_port *port = &uart_ports[i];
        u8 iir;

        if (!is_on_line(port, line))
            continue;
        iir = uart_read(port, UART_IIR);
        if (iir & UART_IIR_NONE)
            continue;
        any = true;
        port->interrupts++;
        if (uart_service(port)) {
            port->idle_interrupts = 0;
            continue;
        }
        // Some UARTs report bytes that wait when there are none, until read.
        if ((iir & UART_IIR_ID) == UART_IIR_TIMEOUT && !port->throttled)
            (void)uart_read(port, UART_RBR);
        if (++port->idle_interrupts >= IDLE_INTERRUPTS)
            stop_interrupts(port, "comes without reason");
    }
    return any;
}

// Let the line fall and rise: an edge, if anything is left to do.
static void raise_again(u32 line)
{
    for (u32 i = 0; i < UART_NUMBERED; i++) {
        struct uart_port *port = &uart_ports[i];

        if (!is_on_line(port, line))
            continue;
        uart_write(port, UART_IER, 0);
        uart_write(port, UART_IER, port->ier);
    }
}

bool uart_handle_irq(u32 irq __unused, void *arg)
{
    u32 line = (u32)(uintptr_t)arg;
    bool mine = serve_line(line);
    u32 pass = 1;

    while (mine && pass < PASSES && serve_line(line))
        pass++;
    if (pass == PASSES)
        raise_again(line);
    for (u32 i = 0; i < UART_NUMBERED && mine; i++)
        if (is_on_line(&uart_ports[i], line))
            notify(&uart_ports[i]);
    return mine;
}
