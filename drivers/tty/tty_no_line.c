// drivers/tty/tty_no_line.c - for ports that are no line: the screen, a pty
// SPDX-License-Identifier: MIT

#include <drivers/tty.h>

void tty_no_line_close(void *port __unused, bool hang_up __unused) {}

void tty_no_line_set(void *port __unused, struct tty_line *line)
{
    line->data_bits = 8;
    line->parity = TTY_PARITY_NONE;
}

void tty_no_line_break(void *port __unused, bool on __unused) {}

bool tty_no_line_is(const void *port __unused)
{
    return false;
}

void tty_no_line_counts(const void *port __unused, struct tty_counts *out)
{
    *out = (struct tty_counts){0};
}
