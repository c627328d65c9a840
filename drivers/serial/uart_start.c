// drivers/serial/uart_start.c - a terminal for each port, and its interrupt
// SPDX-License-Identifier: MIT
//
// Until here ports are polled. Those of one interrupt line, or of one PCI
// function that sends messages, are served together (uart_port.c) and share one
// handler. A port without an interrupt is served by its timer.

#include <drivers/pci.h>
#include <drivers/serial.h>
#include <kernel/irq.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

// Ports that are found on PCI have the pin's line, until they send messages.
static u32 choose_line(const struct uart_port *port, u32 index)
{
    static const u32 lines = 16; // of the 8259 pair; PCI's firmware knows those
    u32 address, data;
    u32 line = UART_LINE_MESSAGE + index;

    if (!port->pci)
        return port->line;
    if (pci_has_msi(port->pci) &&
        irq_request_msi(uart_handle_irq, (void *)(uintptr_t)line, "serial",
                        &address, &data) == 0 &&
        pci_enable_msi(port->pci, address, data) == 0)
        return line;
    pci_enable_pin(port->pci);
    return port->pci->irq_pin && port->pci->irq_line < lines
               ? port->pci->irq_line
               : UART_LINE_NONE;
}

// Return: how the port is to be served: it has its line, or none.
static enum uart_mode request_line(struct uart_port *port, u32 index)
{
    int result;

    for (u32 i = 0; i < index; i++) {
        struct uart_port *other = &uart_ports[i];
        bool same =
            port->pci ? other->pci == port->pci : other->line == port->line;

        if (same && other->tty) {
            port->line = other->line;
            return other->mode;
        }
    }
    port->line = choose_line(port, index);
    if (port->line >= UART_LINE_MESSAGE)
        return UART_INTERRUPT;
    for (u32 i = 0; i < index; i++)
        if (uart_ports[i].mode == UART_INTERRUPT &&
            uart_ports[i].line == port->line)
            return UART_INTERRUPT;
    if (port->line == UART_LINE_NONE)
        return UART_TIMER;
    result = irq_request(port->line, uart_handle_irq,
                         (void *)(uintptr_t)port->line, "serial");
    if (!result)
        return UART_INTERRUPT;
    log_err("irq %u: error=%d, ports are polled", port->line, result);
    return UART_TIMER;
}

static void log_port(const struct uart_port *port)
{
    log_info("%s: %s=0x%llx irq=%u type=%s fifo=%u baud=%u%s%s%s", port->name,
             port->access.space == UART_SPACE_PORT ? "port" : "memory",
             port->address, port->line < UART_LINE_MESSAGE ? port->line : 0,
             uart_type_name(port->type), port->fifo_bytes, port->baud,
             port->line >= UART_LINE_MESSAGE ? " msi" : "",
             port == uart_log_port ? " log" : "",
             port->stuck ? " (accepts no output)" : "");
}

static void start_port(struct uart_port *port, u32 index)
{
    enum uart_mode mode;
    u32 flags;
    struct tty *tty;

    port->start.baud = port->baud;
    tty = tty_register(port->name, index, &uart_tty_ops, port, &port->start);
    if (!tty) {
        log_err("%s: no memory, no terminal", port->name);
        return;
    }
    mode = request_line(port, index);
    flags = irq_save();
    port->tty = tty;
    port->mode = mode;
    port->mcr |= UART_MCR_OUT2;
    uart_write(port, UART_MCR, port->mcr);
    if (port == uart_log_port && mode == UART_INTERRUPT)
        uart_set_ier(port, port->ier | UART_IER_RLS); // a BREAK
    irq_restore(flags);
    log_port(port);
}

void uart_init(void)
{
    uart_pci_map();
    uart_log_choose_last(uart_firmware_init());
    for (u32 i = 0; i < UART_NUMBERED; i++)
        if (uart_ports[i].mode == UART_POLLED)
            start_port(&uart_ports[i], i);
    if (!uart_log_port)
        log_warn("no port for the log");
}
