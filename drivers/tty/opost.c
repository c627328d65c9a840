// drivers/tty/opost.c - line discipline: output and echo [P]
// SPDX-License-Identifier: MIT
//
// Everything that goes to the terminal passes ldisc_output, so that the column
// of the cursor is known: tabs are expanded and erased by it.
//
// Sources: POSIX.1-2017 11.2.3 (output modes); termios(3), stty(1).

#include "ldisc.h"

#define TAB_COLUMNS 8u

static u32 output_newline(struct ldisc *ld, u8 *out)
{
    u32 flags = ld->termios.c_oflag;

    if (flags & ONLRET)
        ld->column = 0;
    if (!(flags & ONLCR)) {
        ld->line_column = ld->column;
        out[0] = '\n';
        return 1;
    }
    ld->column = 0;
    ld->line_column = 0;
    out[0] = '\r';
    out[1] = '\n';
    return 2;
}

static u32 output_return(struct ldisc *ld, u8 *out)
{
    u32 flags = ld->termios.c_oflag;

    if ((flags & ONOCR) && ld->column == 0)
        return 0;
    out[0] = '\r';
    if (flags & OCRNL) {
        out[0] = '\n';
        if (!(flags & ONLRET))
            return 1;
    }
    ld->column = 0;
    ld->line_column = 0;
    return 1;
}

static u32 output_tab(struct ldisc *ld, u8 *out)
{
    u32 spaces = TAB_COLUMNS - ld->column % TAB_COLUMNS;

    ld->column += spaces;
    if ((ld->termios.c_oflag & TABDLY) != XTABS) {
        out[0] = '\t';
        return 1;
    }
    for (u32 i = 0; i < spaces; i++)
        out[i] = ' ';
    return spaces;
}

u32 ldisc_output(struct ldisc *ld, u8 c, u8 out[LDISC_OUTPUT_MAX])
{
    out[0] = c;
    if (!(ld->termios.c_oflag & OPOST))
        return 1;
    switch (c) {
    case '\n': return output_newline(ld, out);
    case '\r': return output_return(ld, out);
    case '\t': return output_tab(ld, out);
    case '\b':
        if (ld->column)
            ld->column--;
        return 1;
    default:
        if (!ldisc_is_control(c) && !ldisc_is_continuation(ld, c))
            ld->column++;
        return 1;
    }
}

void ldisc_echo_raw(struct ldisc *ld, u8 c)
{
    u8 out[LDISC_OUTPUT_MAX];
    u32 count = ldisc_output(ld, c, out);

    for (u32 i = 0; i < count; i++)
        ld->ops->echo(ld->arg, out[i]);
}

void ldisc_echo_char(struct ldisc *ld, u8 c)
{
    if ((ld->termios.c_lflag & ECHOCTL) && ldisc_is_control(c) && c != '\t') {
        ldisc_echo_raw(ld, '^');
        c ^= 0x40;
    }
    ldisc_echo_raw(ld, c);
}

// Columns that @c takes when it is echoed. Not for tabs.
static u32 echo_columns(const struct ldisc *ld, u8 c)
{
    if (ldisc_is_control(c))
        return ld->termios.c_lflag & ECHOCTL ? 2 : 0;
    return !ldisc_is_continuation(ld, c);
}

// Columns that the tab at position @at took: by the column it began in, which
// only what lies between it and the tab before it (or the start of the line)
// tells. So erasing a line of tabs looks at each byte once.
static u32 tab_columns(const struct ldisc *ld, u32 at)
{
    u32 column = ld->line_column;

    while (at != ld->lines_end) {
        u8 c = ld->data[--at % LDISC_BYTES];

        if (c == '\t') {
            column -= ld->line_column; // a tab ends at a multiple
            break;
        }
        column += echo_columns(ld, c);
    }
    return TAB_COLUMNS - column % TAB_COLUMNS;
}

void ldisc_echo_erase(struct ldisc *ld, u8 c, u32 at)
{
    if (c == '\t') {
        for (u32 n = tab_columns(ld, at); n; n--)
            ldisc_echo_raw(ld, '\b');
        return;
    }
    for (u32 n = echo_columns(ld, c); n; n--) {
        ldisc_echo_raw(ld, '\b');
        ldisc_echo_raw(ld, ' ');
        ldisc_echo_raw(ld, '\b');
    }
}
