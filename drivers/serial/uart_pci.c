// drivers/serial/uart_pci.c - UARTs on PCI
// SPDX-License-Identifier: MIT
//
// Two steps, as there is no memory to map registers with at first, but a log
// that wants to be seen early: uart_pci_init gives every UART its name, in the
// order in which PCI was walked, and uses those that are reached through I/O
// ports; uart_pci_map does the rest.
//
// A UART does no DMA, so it does not become bus master.

#include <base/errno.h>
#include <drivers/pci.h>
#include <mm/vmalloc.h>

#include "uart_cards.h"
#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

static void read_bars(const struct pci_function *pci,
                      struct uart_card_bars *bars)
{
    for (u32 i = 0; i < UART_CARD_BARS; i++)
        bars->present[i] = pci_bar_read(pci, i, &bars->bar[i]) == 0;
}

static void add_port(const struct pci_function *pci,
                     const struct uart_card *card, const struct pci_bar *bar,
                     u32 offset)
{
    struct uart_port *port = uart_add();

    if (!port) {
        log_warn("%02x:%02x.%x: no name left for a port", pci->bus, pci->device,
                 pci->function);
        return;
    }
    port->pci = pci;
    port->address = bar->start.v + offset;
    port->clock_baud = card->clock_baud;
    port->access.shift = card->shift;
    port->access.width = card->width;
    if (bar->kind != PCI_BAR_IO)
        return; // uart_pci_map
    port->access.space = UART_SPACE_PORT;
    port->access.port = (u16)port->address;
    if (uart_access_is_sane(&port->access))
        uart_probe(port);
}

static void add_card(const struct pci_function *pci)
{
    struct uart_card_bars bars;
    struct uart_card card;

    read_bars(pci, &bars);
    if (uart_card_find(pci, &bars, &card)) {
        log_warn("%02x:%02x.%x: a serial card, and no idea where its ports are",
                 pci->bus, pci->device, pci->function);
        return;
    }
    if (bars.bar[card.bar].kind == PCI_BAR_IO)
        pci_enable_io(pci);
    else
        pci_enable_memory(pci);
    for (u32 n = 0; n < card.ports; n++) {
        u32 bar = card.bar_each ? card.bar + n : card.bar;

        add_port(pci, &card, &bars.bar[bar],
                 card.bar_each ? 0 : card.first + n * card.step);
    }
}

void uart_pci_init(void)
{
    const struct pci_function *pci = NULL;

    while ((pci = pci_next(pci)))
        if (uart_card_is_serial(pci))
            add_card(pci);
}

void uart_pci_map(void)
{
    for (u32 i = UART_COMS; i < UART_NUMBERED; i++) {
        struct uart_port *port = &uart_ports[i];

        if (port->pci && port->access.space == UART_SPACE_NONE &&
            uart_map(port) && uart_access_is_sane(&port->access))
            uart_probe(port);
    }
}
