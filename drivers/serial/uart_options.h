// drivers/serial/uart_options.h - `115200n8r`
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <drivers/tty.h>

#define UART_BAUD_MIN 50u
#define UART_BAUD_MAX 4000000u

// uart_parse_options [P] - the options of console= and serial=, as Linux's: a
// speed, then if it goes on a parity (n, o, e), then the bits of a character (5
// to 8), then r for RTS/CTS flow control. From the first that cannot be on, all
// of *@line stays as it was. A speed that cannot be leaves all as it was.
// Return: whether everything was understood.
bool uart_parse_options(const char *text, struct tty_line *line);
