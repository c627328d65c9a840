// drivers/serial/uart_trace.c - the trace on a serial port
// SPDX-License-Identifier: MIT
//
// `trace_port=ttyS2` gives the trace a port of its own: frames go into a ring
// here, from where uart_mux.c takes them, and nothing else goes out there. The
// terminal stays, for input.

#include <drivers/serial.h>

#include <base/bits.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <kernel/trace_sink.h>
#include <lib/string.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

#define RING_BYTES 8192u

static u8 ring[RING_BYTES]; // positions run freely
static u32 ring_head, ring_tail;

struct uart_port *uart_trace_port;

static u32 ring_used(void)
{
    return ring_head - ring_tail;
}

bool uart_trace_waits(void)
{
    return ring_head != ring_tail;
}

u8 uart_trace_next(void)
{
    u8 c = ring[ring_tail++ % RING_BYTES];

    if (ring_used() == RING_BYTES / 2)
        trace_sink_ready();
    return c;
}

static u32 room(void)
{
    u32 flags = irq_save();
    u32 bytes = RING_BYTES - ring_used();

    irq_restore(flags);
    return bytes;
}

static void put(const u8 *bytes, u32 count)
{
    u32 flags = irq_save();

    for (u32 i = 0; i < count && ring_used() < RING_BYTES; i++)
        ring[ring_head++ % RING_BYTES] = bytes[i];
    uart_kick(uart_trace_port);
    irq_restore(flags);
}

static struct trace_sink sink = {.room = room, .put = put};

void uart_trace_init(void)
{
    char name[8];

    if (!cmdline_get("trace_port", name, sizeof(name)))
        return;
    for (u32 i = 0; i < UART_PORTS; i++)
        if (uart_is_present(&uart_ports[i]) &&
            strcmp(uart_ports[i].name, name) == 0)
            uart_trace_port = &uart_ports[i];
    if (!uart_trace_port || uart_trace_port == uart_log_port ||
        uart_trace_port->mode == UART_POLLED) {
        log_err("trace_port=%s: %s", name,
                uart_trace_port ? "has no interrupts, or the log"
                                : "there is none");
        uart_trace_port = NULL;
        return;
    }
    sink.name = uart_trace_port->name;
    trace_sink_register(&sink);
}
