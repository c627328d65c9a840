// drivers/serial/uart_port.c - interrupts: bytes in and out
// SPDX-License-Identifier: MIT
//
// uart_service does all there is to do at a port, by its status, not by what
// the interrupt identification says. The interrupt handler runs it for each
// port of the line until none has anything left: the line is edge-triggered and
// shared (COM1 and COM3), so it must be seen low before the next edge can come.
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
#include <drivers/serial.h>
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

struct uart_port uart_ports[UART_PORTS] = {
    {.name = "ttyS0", .base = 0x3f8, .irq = 4, .baud = UART_CLOCK_BAUD},
    {.name = "ttyS1", .base = 0x2f8, .irq = 3, .baud = UART_CLOCK_BAUD},
    {.name = "ttyS2", .base = 0x3e8, .irq = 4, .baud = UART_CLOCK_BAUD},
    {.name = "ttyS3", .base = 0x2e8, .irq = 3, .baud = UART_CLOCK_BAUD},
    {.name = "uart", .baud = UART_CLOCK_BAUD}, // no interrupt: always polled
};

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
        if (port->open)
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

// Fill the FIFO if it is empty. Return: whether that changed anything.
static bool transmit(struct uart_port *port)
{
    u8 before = port->ier;
    u32 count;
    u8 c;

    if (!(uart_status(port) & UART_LSR_THRE))
        return false;
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

static bool check_carrier(struct uart_port *port)
{
    u8 status;

    if (!(port->ier & UART_IER_MS))
        return false;
    status = uart_read(port, UART_MSR);
    if (!(status & UART_MSR_DDCD))
        return false;
    if (port->open && !(status & UART_MSR_DCD))
        tty_carrier_lost(port->tty);
    return true;
}

// ---- interrupt and timer ---------------------------------------------------

// Return: whether there was anything to do.
static bool uart_service(struct uart_port *port)
{
    bool worked = receive(port);

    worked |= check_carrier(port);
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
    log_err("%s: irq=%u %s, polled from now on", port->name, port->irq, why);
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
    if (uart_has_output(port) && port->mode == UART_INTERRUPT)
        uart_set_ier(port, port->ier | UART_IER_THRE);
    if (!port->watch.pending && (port->open || uart_has_output(port))) {
        port->accepted_ns = time_ns();
        start_watch(port);
    }
}

static bool is_on_line(const struct uart_port *port, u32 irq)
{
    return port->mode == UART_INTERRUPT && port->irq == irq;
}

// Serve each port of the line once. Return: whether any called.
static bool serve_line(u32 irq)
{
    bool any = false;

    for (u32 i = 0; i < UART_COMS; i++) {
        struct uart_port *port = &uart_ports[i];
        u8 iir;

        if (!is_on_line(port, irq))
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
static void raise_again(u32 irq)
{
    for (u32 i = 0; i < UART_COMS; i++) {
        struct uart_port *port = &uart_ports[i];

        if (!is_on_line(port, irq))
            continue;
        uart_write(port, UART_IER, 0);
        uart_write(port, UART_IER, port->ier);
    }
}

static bool handle_irq(u32 irq, void *arg __unused)
{
    bool mine = serve_line(irq);
    u32 pass = 1;

    while (mine && pass < PASSES && serve_line(irq))
        pass++;
    if (pass == PASSES)
        raise_again(irq);
    for (u32 i = 0; i < UART_COMS && mine; i++)
        if (is_on_line(&uart_ports[i], irq))
            notify(&uart_ports[i]);
    return mine;
}

// ---- start -----------------------------------------------------------------

static void start_port(struct uart_port *port, u32 index, enum uart_mode mode)
{
    u32 flags;
    struct tty *tty =
        tty_register(port->name, index, &uart_tty_ops, port, port->baud);

    if (!tty) {
        log_err("%s: no memory, no terminal", port->name);
        return;
    }
    flags = irq_save();
    port->tty = tty;
    port->mode = mode;
    port->mcr |= UART_MCR_OUT2;
    uart_write(port, UART_MCR, port->mcr);
    irq_restore(flags);
    log_info("%s: port=0x%x irq=%u fifo=%u baud=%u%s%s", port->name, port->base,
             port->irq, port->fifo_bytes, port->baud,
             port == uart_log_port ? " log" : "",
             port->stuck ? " (accepts no output)" : "");
}

static void start_line(u32 irq)
{
    enum uart_mode mode = UART_INTERRUPT;
    u32 ports = 0;
    int result;

    for (u32 i = 0; i < UART_COMS; i++)
        ports += uart_ports[i].mode == UART_POLLED && uart_ports[i].irq == irq;
    if (!ports)
        return;
    result = irq_request(irq, handle_irq, NULL, "serial");
    if (result) {
        log_err("irq %u: error=%d, ports are polled", irq, result);
        mode = UART_TIMER;
    }
    for (u32 i = 0; i < UART_COMS; i++)
        if (uart_ports[i].mode == UART_POLLED && uart_ports[i].irq == irq)
            start_port(&uart_ports[i], i, mode);
}

void uart_init(void)
{
    start_line(4);
    start_line(3);
    if (!uart_log_port)
        log_warn("no port for the log");
}
