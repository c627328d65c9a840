// tests/unit/test_uart_cards.c - drivers/serial/uart_cards.c: UARTs on PCI
// sources: drivers/serial/uart_cards.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>

#include "../../drivers/serial/uart_cards.h"

static struct uart_card card;
static struct uart_card_bars bars;

static void begin(void)
{
    bars = (struct uart_card_bars){0};
}

static void bar(u32 index, enum pci_bar_kind kind, u64 bytes)
{
    bars.present[index] = true;
    bars.bar[index] = (struct pci_bar){
        .kind = kind, .start = phys_addr(0xc000), .bytes = bytes};
}

static int find(u16 vendor, u16 device)
{
    struct pci_function function = {
        .vendor_id = vendor, .device_id = device, .class_code = 7};

    return uart_card_find(&function, &bars, &card);
}

TEST(classes)
{
    struct pci_function function = {
        .class_code = 7, .subclass = 0, .prog_if = 2};

    CHECK(uart_card_is_serial(&function));
    function.prog_if = 6;
    CHECK(uart_card_is_serial(&function));
    function.prog_if = 7;
    CHECK(!uart_card_is_serial(&function));
    function.prog_if = 0;
    function.subclass = 2;
    CHECK(uart_card_is_serial(&function));
    function.subclass = 1; // parallel
    CHECK(!uart_card_is_serial(&function));
    function.subclass = 0;
    function.class_code = 12;
    CHECK(!uart_card_is_serial(&function));
}

TEST(one_range_of_ports) // QEMU's, and most
{
    for (u32 ports = 1; ports <= 8; ports *= 2) {
        begin();
        bar(0, PCI_BAR_IO, 8 * ports);
        CHECK_EQ(find(0x1b36, 2), 0);
        CHECK(card.bar == 0 && !card.bar_each && card.ports == ports);
        CHECK(card.first == 0 && card.step == 8 && card.shift == 0);
        CHECK_EQ(card.clock_baud, 115200);
    }
    // With registers of its own besides: Intel's serial over LAN.
    begin();
    bar(0, PCI_BAR_IO, 8);
    bar(1, PCI_BAR_MEMORY, 4096);
    CHECK_EQ(find(0x8086, 0x1c3d), 0);
    CHECK(card.bar == 0 && card.ports == 1);
    begin();
    bar(2, PCI_BAR_IO, 16);
    CHECK_EQ(find(1, 1), 0);
    CHECK(card.bar == 2 && card.ports == 2);
}

TEST(several_ranges_of_ports)
{
    begin();
    for (u32 i = 1; i < 5; i++)
        bar(i, PCI_BAR_IO, 8);
    bar(5, PCI_BAR_IO, 16);
    CHECK_EQ(find(0x9710, 0x9845), 0);
    CHECK(card.bar == 1 && card.bar_each && card.ports == 4);
    // The first is something else: no guess.
    begin();
    bar(0, PCI_BAR_IO, 64);
    bar(1, PCI_BAR_IO, 8);
    CHECK_EQ(find(1, 1), -ENODEV);
}

TEST(memory)
{
    begin();
    bar(0, PCI_BAR_MEMORY, 4096);
    CHECK_EQ(find(1, 1), 0);
    CHECK(card.ports == 1 && card.shift == 0 && card.width == 1);
    CHECK_EQ(card.clock_baud, 0); // nobody knows
    CHECK_EQ(find(0x8086, 0x1234), 0);
    CHECK(card.shift == 2 && card.width == 4);
    bar(2, PCI_BAR_MEMORY, 4096);
    CHECK_EQ(find(1, 1), -ENODEV);
    begin();
    bar(0, PCI_BAR_MEMORY, 16); // too small for 32 bytes of registers
    CHECK_EQ(find(0x8086, 0x1234), -ENODEV);
    begin();
    CHECK_EQ(find(1, 1), -ENODEV);
}

TEST(known_cards)
{
    begin();
    bar(0, PCI_BAR_MEMORY, 0x4000); // OXPCIe952
    CHECK_EQ(find(0x1415, 0xc158), 0);
    CHECK(card.first == 0x1000 && card.step == 0x200 && card.ports == 8);
    CHECK_EQ(card.clock_baud, 3906250);
    begin();
    bar(0, PCI_BAR_MEMORY, 0x1400); // a smaller window has fewer
    CHECK_EQ(find(0x1415, 0xc158), 0);
    CHECK_EQ(card.ports, 2);
    begin();
    bar(0, PCI_BAR_MEMORY, 0x1000);
    CHECK_EQ(find(0x1415, 0xc158), -ENODEV);
    begin();
    bar(0, PCI_BAR_IO, 256); // CH384
    CHECK_EQ(find(0x1c00, 0x3470), 0);
    CHECK(card.first == 0xc0 && card.ports == 4 && card.step == 8);
    begin();
    bar(0, PCI_BAR_IO, 64);
    bar(1, PCI_BAR_MEMORY, 0x1000); // Moxa
    CHECK_EQ(find(0x1393, 0x1045), 0);
    CHECK(card.bar == 1 && card.ports == 4);
}

TEST(random_base_addresses)
{
    static const u16 vendors[] = {1, 0x1415, 0x13a8, 0x1c00, 0x1393, 0x8086};
    static const u16 devices[] = {1, 0xc105, 0x0354, 0x3470, 0x1045, 0x0936};

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        begin();
        for (u32 j = 0; j < UART_CARD_BARS; j++)
            if (test_random_below(2))
                bar(j, test_random_below(2) ? PCI_BAR_IO : PCI_BAR_MEMORY,
                    4ull << test_random_below(14));
        if (find(vendors[test_random_below(ARRAY_SIZE(vendors))],
                 devices[test_random_below(ARRAY_SIZE(devices))]))
            continue;
        CHECK(card.ports > 0);
        for (u32 n = 0; n < card.ports; n++) {
            u32 index = card.bar_each ? card.bar + n : card.bar;
            u64 first = card.bar_each ? 0 : card.first + n * card.step;

            CHECK(index < UART_CARD_BARS && bars.present[index]);
            CHECK(first + (8u << card.shift) <= bars.bar[index].bytes);
        }
    }
}
