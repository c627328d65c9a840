// tests/unit/test_uart_options.c - drivers/serial/uart_options.c: 115200n8r
// sources: drivers/serial/uart_options.c lib/string.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include "../../drivers/serial/uart_options.h"

static struct tty_line line;

static bool parse(const char *text)
{
    line = (struct tty_line){.baud = 7, .data_bits = 8, .stop_bits = 1};
    return uart_parse_options(text, &line);
}

TEST(good)
{
    CHECK(parse("9600"));
    CHECK(line.baud == 9600 && line.data_bits == 8 && !line.flow);
    CHECK(parse("115200n8"));
    CHECK(line.baud == 115200 && line.parity == TTY_PARITY_NONE);
    CHECK(parse("38400e7"));
    CHECK(line.parity == TTY_PARITY_EVEN && line.data_bits == 7);
    CHECK(parse("38400o"));
    CHECK(line.parity == TTY_PARITY_ODD && line.data_bits == 8);
    CHECK(parse("115200n8r"));
    CHECK(line.flow);
    CHECK(parse("4000000"));
}

TEST(bad_speeds_change_nothing)
{
    static const char *const texts[] = {
        "", "n8", "49", "4000001", "-9600", "99999999999999999999", "x"};

    for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
        CHECK(!parse(texts[i]));
        CHECK_EQ(line.baud, 7);
    }
}

TEST(what_is_understood_counts)
{
    CHECK(!parse("9600x"));
    CHECK(line.baud == 9600 && line.data_bits == 8);
    CHECK(!parse("9600e9"));
    CHECK(line.parity == TTY_PARITY_EVEN && line.data_bits == 8);
    CHECK(!parse("9600n7x"));
    CHECK(line.data_bits == 7 && !line.flow);
    CHECK(!parse("9600n8rr"));
    CHECK(line.flow);
}

TEST(random_text)
{
    static const char letters[] = "0123456789noer8 ,";

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        char text[12];
        u32 bytes = test_random_below(sizeof(text));

        for (u32 j = 0; j < bytes; j++)
            text[j] = letters[test_random_below(sizeof(letters) - 1)];
        text[bytes] = '\0';
        (void)parse(text);
        CHECK(line.baud == 7 ||
              (line.baud >= UART_BAUD_MIN && line.baud <= UART_BAUD_MAX));
        CHECK(line.data_bits >= 5 && line.data_bits <= 8);
    }
}
