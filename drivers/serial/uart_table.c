// drivers/serial/uart_table.c - which ports there are, and their names
// SPDX-License-Identifier: MIT
//
// COM1 to COM4 have the first four names whether they are there or not, as on
// Linux, so cards begin with ttyS4. Names are given at boot and stay.

#include <base/bits.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#include "uart_private.h"

#define LOG_NAME "serial"
#include <kernel/log.h>

#define START_8N1                                                              \
    {                                                                          \
        .data_bits = 8, .stop_bits = 1, .parity = TTY_PARITY_NONE,             \
        .local = true                                                          \
    }
#define COM(number, base, irq)                                                 \
    {                                                                          \
        .name = "ttyS" #number, .line = (irq), .address = (base),              \
        .access = {.space = UART_SPACE_PORT, .port = (base)},                  \
        .clock_baud = UART_CLOCK_BAUD, .baud = UART_CLOCK_BAUD,                \
        .start = START_8N1                                                     \
    }

struct uart_port uart_ports[UART_PORTS] = {
    COM(0, 0x3f8, 4),
    COM(1, 0x2f8, 3),
    COM(2, 0x3e8, 4),
    COM(3, 0x2e8, 3),
    // The command line may say what they are to begin with before they are
    // known.
    [UART_COMS... UART_NUMBERED - 1] = {.baud = UART_CLOCK_BAUD,
                                        .start = START_8N1},
    // serial=ADDRESS: no interrupt, no terminal.
    [UART_OTHER] = {.name = "uart",
                    .clock_baud = UART_CLOCK_BAUD,
                    .baud = UART_CLOCK_BAUD,
                    .start = START_8N1},
};

static u32 used = UART_COMS;

struct uart_port *uart_find(const char *text, const char **out_rest)
{
    const char *digits = str_starts(text, "ttyS");
    u64 number;

    if (!digits || str_to_u64(digits, 10, &number, out_rest) ||
        number >= UART_NUMBERED)
        return NULL;
    return &uart_ports[number];
}

struct uart_port *uart_find_address(enum uart_space space, u64 address)
{
    for (u32 i = 0; i < used; i++) {
        struct uart_port *port = &uart_ports[i];
        // Not mapped yet: it is in memory.
        enum uart_space its = port->access.space == UART_SPACE_NONE
                                  ? UART_SPACE_MEMORY
                                  : port->access.space;

        if (its == space && port->address == address)
            return port;
    }
    return NULL;
}

struct uart_port *uart_add(void)
{
    struct uart_port *port = &uart_ports[used]; // or the one behind them

    if (used == UART_NUMBERED)
        return NULL;
    (void)fmt_print(port->name, sizeof(port->name), "ttyS%u", used);
    used++;
    return port;
}

bool uart_map(struct uart_port *port)
{
    port->access.base =
        ioremap(phys_addr(port->address), uart_access_bytes(&port->access));
    if (!port->access.base) {
        log_warn("%s: registers at %llx cannot be mapped", port->name,
                 port->address);
        return false;
    }
    port->access.space = UART_SPACE_MEMORY;
    return true;
}
