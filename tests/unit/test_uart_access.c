// tests/unit/test_uart_access.c - drivers/serial/uart_access.c: memory
// sources: drivers/serial/uart_access.c
// SPDX-License-Identifier: MIT
//
// Registers in memory are an array here; ports cannot be had on a host.

#include "harness.h"

#include <string.h>

#include "../../drivers/serial/uart_access.h"

static u8 memory[64] __attribute__((aligned(8)));

static struct uart_access access_of(u8 shift, u8 width)
{
    return (struct uart_access){.space = UART_SPACE_MEMORY,
                                .base = memory,
                                .shift = shift,
                                .width = width};
}

TEST(each_shift_and_width)
{
    static const struct {
        u8 shift, width;
    } layouts[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1},
                   {1, 2}, {2, 2}, {2, 4}, {3, 4}};

    for (u32 i = 0; i < ARRAY_SIZE(layouts); i++) {
        struct uart_access access =
            access_of(layouts[i].shift, layouts[i].width);

        CHECK(uart_access_is_sane(&access));
        CHECK(uart_access_bytes(&access) <= sizeof(memory));
        for (u32 reg = 0; reg < UART_REGISTERS; reg++) {
            u32 at = reg << access.shift;

            memset(memory, 0xee, sizeof(memory));
            uart_access_write(&access, reg, (u8)(0x10 + reg));
            CHECK_EQ(memory[at], 0x10 + reg);
            // The rest of the access is 0, all else as it was.
            for (u32 j = 0; j < sizeof(memory); j++)
                if (j != at)
                    CHECK_EQ(memory[j],
                             j > at && j < at + access.width ? 0 : 0xee);
            memory[at] = 0xa5;
            CHECK_EQ(uart_access_read(&access, reg), 0xa5);
        }
    }
}

TEST(what_cannot_be)
{
    struct uart_access access = access_of(0, 4); // accesses would overlap

    CHECK(!uart_access_is_sane(&access));
    access = access_of(1, 4);
    CHECK(!uart_access_is_sane(&access));
    access = access_of(2, 3);
    CHECK(!uart_access_is_sane(&access));
    access = access_of(2, 0);
    CHECK(!uart_access_is_sane(&access));
    access = access_of(4, 1);
    CHECK(!uart_access_is_sane(&access));
    access = (struct uart_access){.space = UART_SPACE_PORT, .port = 0xfff8};
    CHECK(uart_access_is_sane(&access));
    access.port = 0xfff9;
    CHECK(!uart_access_is_sane(&access));
    access.port = 0xfff0;
    access.shift = 2;
    CHECK(!uart_access_is_sane(&access));
}
