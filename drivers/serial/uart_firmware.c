// drivers/serial/uart_firmware.c - the firmware's console as a port
// SPDX-License-Identifier: MIT
//
// The table SPCR names a UART by its address. That may be a COM port's or one
// on PCI, which have been found, or one that nothing else knows of: then it
// gets the next name.

#include <base/errno.h>
#include <drivers/acpi.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

#define CLOCKS_PER_BIT 16u

static void take_speed(struct uart_port *port,
                       const struct acpi_console *console)
{
    if (console->clock_hz >= CLOCKS_PER_BIT)
        port->clock_baud = console->clock_hz / CLOCKS_PER_BIT;
    else if (!console->in_memory)
        port->clock_baud = UART_CLOCK_BAUD;
    // A speed of 0 is the firmware's own: its divisor tells, if the clock is
    // known, and is kept, if it is not.
    if (console->baud)
        port->baud = console->baud;
}

static struct uart_port *add_port(const struct acpi_console *console)
{
    struct uart_port *port = uart_add();

    if (!port)
        return NULL;
    port->address = console->address;
    port->line = console->irq;
    port->access.shift = console->shift;
    port->access.width = console->width;
    port->keep_divisor = !console->baud;
    take_speed(port, console);
    if (console->flow)
        port->start.flow = true;
    if (console->in_memory) {
        if (!uart_map(port))
            return NULL;
    } else {
        port->access.space = UART_SPACE_PORT;
        port->access.port = (u16)console->address;
    }
    if (!uart_access_is_sane(&port->access))
        return NULL;
    uart_probe(port);
    return port;
}

struct uart_port *uart_firmware_init(void)
{
    struct acpi_console console;
    struct uart_port *port;
    int err = acpi_find_console(&console);

    if (err) {
        if (err != -ENOENT)
            log_warn("the firmware's console: error=%d", err);
        return NULL;
    }
    port = uart_find_address(console.in_memory ? UART_SPACE_MEMORY
                                               : UART_SPACE_PORT,
                             console.address);
    if (!port)
        port = add_port(&console);
    log_info("the firmware's console is %s at %llx",
             port ? port->name : "unknown", console.address);
    return port && uart_is_present(port) ? port : NULL;
}
