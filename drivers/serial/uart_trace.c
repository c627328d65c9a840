// drivers/serial/uart_trace.c - the trace on a serial port
// SPDX-License-Identifier: MIT
//
// `trace_port=ttyS2` gives the trace a port: frames go into a ring here, from
// where uart_mux.c takes them. If it is the port that the log has
// (`trace_port=console` is it by that name), they are lines of text, between
// those of the log and of programs; on any other nothing else goes out there,
// and they are as they are. The terminal of such a port stays, for input.
//
// The ring holds half a second of the line and no more, so that a slow line has
// little to send at the end, and what is dropped is dropped where it is
// counted.

#include <drivers/serial.h>

#include <base/bits.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <kernel/trace_frame.h>
#include <kernel/trace_sink.h>
#include <lib/string.h>
#include <lib/trace_line.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

#define RING_BYTES 8192u
#define LINE_BYTES (TRACE_LINE_BYTES + 1u) // with its CR
#define BYTE_BITS  10u                     // on the line

// At the end seconds count: a record takes some ten bytes.
#define END_RECORDS(bytes_per_second)                                          \
    ((bytes_per_second) / 10 * (TRACE_END_MS / 1000))

static u8 ring[RING_BYTES]; // positions run freely
static u32 ring_head, ring_tail;
static u32 ring_most; // that it is to hold
static bool as_lines;

struct uart_port *uart_trace_port;

static u32 ring_used(void)
{
    return ring_head - ring_tail;
}

bool uart_trace_waits(void)
{
    return ring_head != ring_tail;
}

bool uart_trace_shares(const struct uart_port *port)
{
    return as_lines && port == uart_trace_port;
}

u8 uart_trace_next(void)
{
    u8 c = ring[ring_tail++ % RING_BYTES];

    if (ring_used() == ring_most / 2)
        trace_sink_ready();
    return c;
}

void uart_trace_cut_line(void)
{
    while (uart_trace_waits() && ring[ring_tail++ % RING_BYTES] != '\n')
        ;
}

// ---- the sink --------------------------------------------------------------

static u32 frame_bytes(void)
{
    return as_lines ? LINE_BYTES : TRACE_FRAME_BYTES;
}

static bool has_room(void)
{
    u32 flags = irq_save();
    // An empty ring takes one in any case.
    bool room = !uart_trace_waits() || ring_used() + frame_bytes() <= ring_most;

    irq_restore(flags);
    return room;
}

static void ring_put(u8 c)
{
    ring[ring_head++ % RING_BYTES] = c;
}

static void put_line(const u8 *frame)
{
    char text[TRACE_LINE_BYTES];

    trace_line(frame, text);
    for (u32 i = 0; i + 1 < TRACE_LINE_BYTES; i++)
        ring_put((u8)text[i]);
    ring_put('\r');
    ring_put('\n');
}

static void put(const u8 *frame)
{
    u32 flags = irq_save();

    if (as_lines)
        put_line(frame);
    for (u32 i = 0; i < TRACE_FRAME_BYTES && !as_lines; i++)
        ring_put(frame[i]);
    uart_kick(uart_trace_port);
    irq_restore(flags);
}

// Before a line of ours: what others have begun ends.
static bool end_lines(struct uart_port *port)
{
    bool in_line =
        !port->trace_in_line && (port->log_in_line || port->tty_in_line);

    if (!as_lines || !in_line)
        return true;
    port->log_in_line = port->tty_in_line = port->break_line = false;
    return uart_put(port, '\r') && uart_put(port, '\n');
}

// Return: false: the port takes nothing, or it is too late.
static bool send_ring(struct uart_port *port, u64 deadline_ns)
{
    while (uart_trace_waits()) {
        u8 c = ring[ring_tail++ % RING_BYTES];

        port->trace_in_line = c != '\n';
        if (!uart_put(port, c) || time_ns() >= deadline_ns)
            return false;
    }
    return true;
}

// The ring may be full of what is to go first: it is empty when it is filled.
static bool put_sync(const u8 *frame, u64 deadline_ns)
{
    struct uart_port *port = uart_trace_port;

    uart_put_begin(port);
    if (!end_lines(port) || !send_ring(port, deadline_ns))
        return false;
    if (!frame) {
        uart_wait_idle(port);
        return true;
    }
    if (as_lines)
        put_line(frame);
    for (u32 i = 0; i < TRACE_FRAME_BYTES && !as_lines; i++)
        ring_put(frame[i]);
    return send_ring(port, deadline_ns);
}

static struct trace_sink sink = {
    .has_room = has_room,
    .put = put,
    .put_sync = put_sync,
};

// ---- which port ------------------------------------------------------------

static struct uart_port *find_port(const char *name)
{
    const char *rest;
    struct uart_port *port;

    if (strcmp(name, "console") == 0)
        return uart_log_port;
    port = uart_find(name, &rest);
    return port && !*rest && uart_is_present(port) ? port : NULL;
}

void uart_trace_init(void)
{
    char name[16];
    struct uart_port *port;

    if (!cmdline_get("trace_port", name, sizeof(name)))
        return;
    port = find_port(name);
    if (!port || port->mode == UART_POLLED) {
        log_err("trace_port=%s: %s", name,
                port ? "it has no interrupts" : "there is none");
        return;
    }
    as_lines = port == uart_log_port;
    ring_most = min(port->baud / BYTE_BITS / 2, RING_BYTES);
    sink.name = port->name;
    sink.records_at_end = END_RECORDS(port->baud / BYTE_BITS);
    uart_trace_port = port;
    log_info("%s: the trace%s", port->name, as_lines ? ", as lines" : "");
    trace_sink_register(&sink);
}
