// drivers/serial/uart_options.c - reading `115200n8r` [P]
// SPDX-License-Identifier: MIT

#include "uart_options.h"

#include <lib/string.h>

static bool parse_parity(char c, enum tty_parity *out)
{
    switch (c) {
    case 'n': *out = TTY_PARITY_NONE; return true;
    case 'o': *out = TTY_PARITY_ODD; return true;
    case 'e': *out = TTY_PARITY_EVEN; return true;
    default: return false;
    }
}

bool uart_parse_options(const char *text, struct tty_line *line)
{
    const char *at;
    u64 baud;

    if (str_to_u64(text, 10, &baud, &at) || baud < UART_BAUD_MIN ||
        baud > UART_BAUD_MAX)
        return false;
    line->baud = (u32)baud;
    if (!*at)
        return true;
    if (!parse_parity(*at, &line->parity))
        return false;
    at++;
    if (!*at)
        return true;
    if (*at < '5' || *at > '8')
        return false;
    line->data_bits = (u32)(*at - '0');
    at++;
    if (!*at)
        return true;
    if (*at != 'r')
        return false;
    line->flow = true;
    return !at[1];
}
