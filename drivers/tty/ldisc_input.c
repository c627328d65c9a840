// drivers/tty/ldisc_input.c - line discipline: what a byte that came does [P]
// SPDX-License-Identifier: MIT
//
// In order: errors and breaks; VLNEXT's literal byte; flow control; signals;
// CR and NL; with ICANON, editing and line ends; else it is data.
//
// Sources: as drivers/tty/ldisc.c.

#include "ldisc.h"

#include <base/bits.h>

#include "ldisc_private.h"

// @c is the character that c_cc[@which] names. Zero disables one.
static bool is_special(const struct ldisc *ld, u8 c, u32 which)
{
    return c && ld->termios.c_cc[which] == c;
}

static bool is_extended(const struct ldisc *ld, u8 c, u32 which)
{
    return ldisc_has(ld->termios.c_lflag, IEXTEN) && is_special(ld, c, which);
}

// ---- editing ---------------------------------------------------------------

static bool is_word_char(u8 c)
{
    u8 letter = c | 0x20;

    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c >= 0x80;
}

static void erase_char(struct ldisc *ld)
{
    u8 c;

    if (ld->head == ld->lines_end)
        return;
    c = ldisc_unstore(ld);
    if (!ldisc_has(ld->termios.c_lflag, ECHO))
        return;
    if (ldisc_has(ld->termios.c_lflag, ECHOE))
        ldisc_echo_erase(ld, c, ld->head);
    else
        ldisc_echo_char(ld, ld->termios.c_cc[VERASE]);
}

// Back over what is not a word, then over the word.
static void erase_word(struct ldisc *ld)
{
    bool in_word = false;

    while (ld->head != ld->lines_end) {
        u32 before = ld->head;
        u8 c = ldisc_unstore(ld);

        if (in_word && !is_word_char(c)) {
            ld->head = before;
            return;
        }
        in_word = is_word_char(c);
        if (ldisc_has(ld->termios.c_lflag, ECHO))
            ldisc_echo_erase(ld, c, ld->head);
    }
}

static void erase_line(struct ldisc *ld)
{
    u32 flags = ld->termios.c_lflag;

    if (!ldisc_has(flags, ECHO)) {
        ld->head = ld->lines_end;
        return;
    }
    if (ldisc_has(flags, ECHOK) && ldisc_has(flags, ECHOKE) &&
        ldisc_has(flags, ECHOE)) {
        while (ld->head != ld->lines_end) {
            u8 c = ldisc_unstore(ld);

            ldisc_echo_erase(ld, c, ld->head);
        }
        return;
    }
    ld->head = ld->lines_end;
    ldisc_echo_char(ld, ld->termios.c_cc[VKILL]);
    if (ldisc_has(flags, ECHOK))
        ldisc_echo_raw(ld, '\n');
}

// Show the line again, below.
static void reprint(struct ldisc *ld)
{
    ldisc_echo_char(ld, ld->termios.c_cc[VREPRINT]);
    ldisc_echo_raw(ld, '\n');
    for (u32 at = ld->lines_end; at != ld->head; at++)
        ldisc_echo_char(ld, ld->data[at % LDISC_BYTES]);
}

// ---- receiving -------------------------------------------------------------

static void store_typed(struct ldisc *ld, u8 c)
{
    // So that it is not taken for the start of a PARMRK sequence.
    if (c == 0xff && ldisc_has(ld->termios.c_iflag, PARMRK) &&
        !ldisc_has(ld->termios.c_iflag, ISTRIP))
        ldisc_store(ld, c);
    ldisc_store(ld, c);
}

static void echo_typed(struct ldisc *ld, u8 c)
{
    if (!ldisc_has(ld->termios.c_lflag, ECHO))
        return;
    if (ld->head == ld->lines_end)
        ld->line_column = ld->column;
    if (c == '\n')
        ldisc_echo_raw(ld, c);
    else
        ldisc_echo_char(ld, c);
}

static void receive_data(struct ldisc *ld, u8 c)
{
    echo_typed(ld, c);
    store_typed(ld, c);
}

static bool receive_flow(struct ldisc *ld, u8 c)
{
    if (!ldisc_has(ld->termios.c_iflag, IXON))
        return false;
    if (is_special(ld, c, VSTART)) {
        // The same character for both: it takes turns.
        ldisc_set_flow(ld, is_special(ld, c, VSTOP) && !ld->stopped);
        return true;
    }
    if (is_special(ld, c, VSTOP)) {
        ldisc_set_flow(ld, true);
        return true;
    }
    return false;
}

static void raise_signal(struct ldisc *ld, enum ldisc_signal signal)
{
    bool flush = !ldisc_has(ld->termios.c_lflag, NOFLSH);

    if (flush)
        ldisc_flush_input(ld);
    ld->ops->signal(ld->arg, signal, flush);
}

static bool receive_signal(struct ldisc *ld, u8 c)
{
    enum ldisc_signal signal;

    if (!ldisc_has(ld->termios.c_lflag, ISIG))
        return false;
    if (is_special(ld, c, VINTR))
        signal = LDISC_INTERRUPT;
    else if (is_special(ld, c, VQUIT))
        signal = LDISC_QUIT;
    else if (is_special(ld, c, VSUSP))
        signal = LDISC_SUSPEND;
    else
        return false;
    raise_signal(ld, signal);
    if (ldisc_has(ld->termios.c_iflag, IXON))
        ldisc_set_flow(ld, false);
    if (ldisc_has(ld->termios.c_lflag, ECHO))
        ldisc_echo_char(ld, c);
    return true;
}

// Characters that edit the line.
static bool receive_edit(struct ldisc *ld, u8 c)
{
    if (is_special(ld, c, VERASE)) {
        erase_char(ld);
    } else if (is_special(ld, c, VKILL)) {
        erase_line(ld);
    } else if (is_extended(ld, c, VWERASE)) {
        erase_word(ld);
    } else if (is_extended(ld, c, VLNEXT)) {
        ld->literal = true;
        if (ldisc_has(ld->termios.c_lflag, ECHO) &&
            ldisc_has(ld->termios.c_lflag, ECHOCTL)) {
            ldisc_echo_raw(ld, '^'); // overwritten by what comes
            ldisc_echo_raw(ld, '\b');
        }
    } else if (is_extended(ld, c, VREPRINT) &&
               ldisc_has(ld->termios.c_lflag, ECHO)) {
        reprint(ld);
    } else {
        return false;
    }
    return true;
}

// Characters that end it.
static bool receive_end(struct ldisc *ld, u8 c)
{
    if (c == '\n') {
        if (ld->termios.c_lflag & (ECHO | ECHONL))
            ldisc_echo_raw(ld, c);
        ldisc_store_end(ld, c);
    } else if (is_special(ld, c, VEOF)) {
        ldisc_store_end(ld, 0);
    } else if (is_special(ld, c, VEOL) || is_extended(ld, c, VEOL2)) {
        echo_typed(ld, c);
        ldisc_store_end(ld, c);
    } else {
        return false;
    }
    return true;
}

static void receive_char(struct ldisc *ld, u8 c)
{
    u32 flags = ld->termios.c_iflag;

    if (ldisc_has(flags, ISTRIP))
        c &= 0x7f;
    if (ld->literal) {
        ld->literal = false;
        receive_data(ld, c);
        return;
    }
    if (receive_flow(ld, c) || receive_signal(ld, c))
        return;
    if (ldisc_has(flags, IXON) && ldisc_has(flags, IXANY))
        ldisc_set_flow(ld, false);
    if (c == '\r') {
        if (ldisc_has(flags, IGNCR))
            return;
        if (ldisc_has(flags, ICRNL))
            c = '\n';
    } else if (c == '\n' && ldisc_has(flags, INLCR)) {
        c = '\r';
    }
    if (ldisc_is_canonical(ld) && (receive_edit(ld, c) || receive_end(ld, c)))
        return;
    receive_data(ld, c);
}

static void store_marked(struct ldisc *ld, u8 c)
{
    ldisc_store(ld, 0xff);
    ldisc_store(ld, 0);
    ldisc_store(ld, c);
}

static void receive_break(struct ldisc *ld)
{
    u32 flags = ld->termios.c_iflag;

    if (ldisc_has(flags, IGNBRK))
        return;
    if (ldisc_has(flags, BRKINT))
        raise_signal(ld, LDISC_INTERRUPT);
    else if (ldisc_has(flags, PARMRK))
        store_marked(ld, 0);
    else
        ldisc_store(ld, 0);
}

static void receive_error(struct ldisc *ld, u8 c)
{
    u32 flags = ld->termios.c_iflag;

    if (!ldisc_has(flags, INPCK))
        receive_char(ld, c);
    else if (ldisc_has(flags, IGNPAR))
        return;
    else if (ldisc_has(flags, PARMRK))
        store_marked(ld, c);
    else
        ldisc_store(ld, 0);
}

void ldisc_receive(struct ldisc *ld, u8 c, enum ldisc_input kind)
{
    switch (kind) {
    case LDISC_CHAR: receive_char(ld, c); break;
    case LDISC_BREAK: receive_break(ld); break;
    case LDISC_ERROR: receive_error(ld, c); break;
    }
}
