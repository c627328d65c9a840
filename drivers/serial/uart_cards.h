// drivers/serial/uart_cards.h - where the UARTs of a PCI function are
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <drivers/pci.h>

#define UART_CARD_BARS 6u

struct uart_card_bars {
    bool present[UART_CARD_BARS]; // those that the firmware gave an address
    struct pci_bar bar[UART_CARD_BARS];
};

// UARTs of one kind: port n is at @first + n * @step behind the start of base
// address register @bar, or, with @bar_each, at the start of @bar + n.
struct uart_card {
    u32 bar;
    bool bar_each;
    u32 ports; // at most: those that are not there are found out by probing
    u32 first, step; // bytes
    u8 shift, width; // as struct uart_access has them
    u32 clock_baud;  // speed of divisor 1; 0: not known
};

// uart_card_is_serial [P] - by its class: 8250 to 16950.
bool uart_card_is_serial(const struct pci_function *function);

// uart_card_find [P] - where they are, by vendor and device if those are known,
// else by what the base address registers look like; all of it lies in them.
// Return: 0; -ENODEV: no idea.
__must_check int uart_card_find(const struct pci_function *function,
                                const struct uart_card_bars *bars,
                                struct uart_card *out);
