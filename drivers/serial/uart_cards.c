// drivers/serial/uart_cards.c - where the UARTs of a PCI function are [P]
// SPDX-License-Identifier: MIT
//
// A function of the class "serial, 8250-compatible" says so much about its
// registers, and neither how many ports it has, nor where in its base address
// registers they are, nor what their clock is. Of most cards it can be guessed:
//
//   one range of ports      as many UARTs as there are groups of 8 in it
//   several of 8 each       a UART in each
//   none, one of memory     one UART; Intel's have 4 bytes for each register
//
// with the PC's clock. Those of which it is known that this is wrong are in a
// table. It does not try to be complete.
//
// Sources of the table: the vendors' data sheets (OXPCIe95x, XR17C15x,
// XR17V35x, CH382L/CH384L, Quark X1000), as far as they are public, and the
// facts that Linux's 8250_pci and FreeBSD's puc driver agree on. Only the guess
// has been tried (QEMU's cards).

#include "uart_cards.h"

#include <base/errno.h>

#include "uart16550_regs.h"
#include "uart_access.h"

#define CLASS_COMMUNICATION 0x07u
#define SUBCLASS_SERIAL     0x00u
#define SUBCLASS_MULTIPORT  0x02u
#define PROG_IF_16950       0x06u
#define VENDOR_INTEL        0x8086u

// clang-format off
static const struct known_card {
    u16 vendor, device;
    u16 device_mask;
    struct uart_card card;
} known[] = {
    // Oxford (PLX, Broadcom) OXPCIe952 to 958: memory only, 62.5 MHz; they
    // differ in how many there are.
    {0x1415, 0xc000, 0xf000,
     {.ports = 8, .first = 0x1000, .step = 0x200, .width = 1,
      .clock_baud = 3906250}},
    // Exar XR17C152, 154, 158 (PCI): 14.7456 MHz.
    {0x13a8, 0x0152, 0xffff,
     {.ports = 2, .step = 0x200, .width = 1, .clock_baud = 921600}},
    {0x13a8, 0x0154, 0xffff,
     {.ports = 4, .step = 0x200, .width = 1, .clock_baud = 921600}},
    {0x13a8, 0x0158, 0xffff,
     {.ports = 8, .step = 0x200, .width = 1, .clock_baud = 921600}},
    // Exar XR17V352, 354, 358 (PCIe): 125 MHz.
    {0x13a8, 0x0352, 0xffff,
     {.ports = 2, .step = 0x400, .width = 1, .clock_baud = 7812500}},
    {0x13a8, 0x0354, 0xffff,
     {.ports = 4, .step = 0x400, .width = 1, .clock_baud = 7812500}},
    {0x13a8, 0x0358, 0xffff,
     {.ports = 8, .step = 0x400, .width = 1, .clock_baud = 7812500}},
    // WCH CH382 with two, CH384 with four (PCIe): behind other registers.
    {0x1c00, 0x3253, 0xffff,
     {.ports = 2, .first = 0xc0, .step = 8, .clock_baud = 115200}},
    {0x1c00, 0x3250, 0xffff,
     {.ports = 2, .first = 0xc0, .step = 8, .clock_baud = 115200}},
    {0x1c00, 0x3470, 0xffff,
     {.ports = 4, .first = 0xc0, .step = 8, .clock_baud = 115200}},
    // Moxa CP-102E, CP-102EL, CP-104EL-A, CP-118EL-A (PCIe): 14.7456 MHz.
    {0x1393, 0x1024, 0xffff,
     {.bar = 1, .ports = 2, .step = 0x200, .width = 1, .clock_baud = 921600}},
    {0x1393, 0x1025, 0xffff,
     {.bar = 1, .ports = 2, .step = 0x200, .width = 1, .clock_baud = 921600}},
    {0x1393, 0x1045, 0xffff,
     {.bar = 1, .ports = 4, .step = 0x200, .width = 1, .clock_baud = 921600}},
    {0x1393, 0x1182, 0xffff,
     {.bar = 1, .ports = 8, .step = 0x200, .width = 1, .clock_baud = 921600}},
    // Intel Quark X1000: 44.2368 MHz.
    {VENDOR_INTEL, 0x0936, 0xffff,
     {.ports = 1, .shift = 2, .width = 4, .clock_baud = 2764800}},
};
// clang-format on

bool uart_card_is_serial(const struct pci_function *function)
{
    return function->class_code == CLASS_COMMUNICATION &&
           (function->subclass == SUBCLASS_SERIAL ||
            function->subclass == SUBCLASS_MULTIPORT) &&
           function->prog_if <= PROG_IF_16950;
}

static bool is_ports(const struct uart_card_bars *bars, u32 index)
{
    return bars->present[index] && bars->bar[index].kind == PCI_BAR_IO &&
           bars->bar[index].bytes >= UART_REGISTERS;
}

static bool is_memory(const struct uart_card_bars *bars, u32 index)
{
    return bars->present[index] && bars->bar[index].kind == PCI_BAR_MEMORY;
}

static u32 count(const struct uart_card_bars *bars,
                 bool (*is)(const struct uart_card_bars *, u32), u32 *out_first)
{
    u32 found = 0;

    for (u32 i = UART_CARD_BARS; i-- > 0;) {
        if (!is(bars, i))
            continue;
        found++;
        *out_first = i;
    }
    return found;
}

// How many base address registers from @first on are 8 ports each.
static u32 count_eights(const struct uart_card_bars *bars, u32 first)
{
    u32 found = 0;

    while (first + found < UART_CARD_BARS && is_ports(bars, first + found) &&
           bars->bar[first + found].bytes == UART_REGISTERS)
        found++;
    return found;
}

static int guess(const struct pci_function *function,
                 const struct uart_card_bars *bars, struct uart_card *out)
{
    u32 first = 0, memory_first = 0;
    u32 ports = count(bars, is_ports, &first);
    u32 memories = count(bars, is_memory, &memory_first);

    *out = (struct uart_card){
        .step = UART_REGISTERS, .width = 1, .clock_baud = UART_CLOCK_BAUD};
    if (ports) {
        u32 eights = count_eights(bars, first);

        out->bar = first;
        out->bar_each = ports > 1;
        out->ports =
            ports > 1 ? eights : (u32)bars->bar[first].bytes / UART_REGISTERS;
        return out->ports ? 0 : -ENODEV;
    }
    if (memories != 1)
        return -ENODEV;
    out->bar = memory_first;
    out->ports = 1;
    out->clock_baud = 0;
    if (function->vendor_id == VENDOR_INTEL) {
        out->shift = 2;
        out->width = 4;
    }
    return 0;
}

static const struct uart_card *find_known(const struct pci_function *function)
{
    for (u32 i = 0; i < ARRAY_SIZE(known); i++)
        if (function->vendor_id == known[i].vendor &&
            (function->device_id & known[i].device_mask) == known[i].device)
            return &known[i].card;
    return NULL;
}

// Leave away the ports that would not lie in the base address register.
static int fit(const struct uart_card_bars *bars, struct uart_card *card)
{
    u64 bytes, one = UART_REGISTERS << card->shift;

    if (!bars->present[card->bar])
        return -ENODEV;
    if (card->bar_each)
        return 0; // each was looked at
    bytes = bars->bar[card->bar].bytes;
    while (card->ports &&
           card->first + (u64)(card->ports - 1) * card->step + one > bytes)
        card->ports--;
    return card->ports ? 0 : -ENODEV;
}

int uart_card_find(const struct pci_function *function,
                   const struct uart_card_bars *bars, struct uart_card *out)
{
    const struct uart_card *card = find_known(function);

    if (card && bars->present[card->bar]) {
        *out = *card;
        // Some of these come with ports as well; the table knows one kind.
        if (bars->bar[card->bar].kind == PCI_BAR_MEMORY || !card->width)
            return fit(bars, out);
    }
    if (guess(function, bars, out))
        return -ENODEV;
    return fit(bars, out);
}
