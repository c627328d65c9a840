// drivers/tty/tty_modes.c - from termios to the line of a port, and back
// SPDX-License-Identifier: MIT
//
// A speed is a code in c_cflag (B9600) or, with BOTHER, a number in c_ospeed.
// Input and output have the same speed. What the port cannot do is put back
// into the termios, so that TCGETS tells what is.

#include "tty_private.h"

#include <kernel/irq.h>

static const struct {
    u32 baud;
    u32 code;
} speeds[] = {
    {0, B0},           {50, B50},         {75, B75},         {110, B110},
    {134, B134},       {150, B150},       {200, B200},       {300, B300},
    {600, B600},       {1200, B1200},     {1800, B1800},     {2400, B2400},
    {4800, B4800},     {9600, B9600},     {19200, B19200},   {38400, B38400},
    {57600, B57600},   {115200, B115200}, {230400, B230400}, {460800, B460800},
    {921600, B921600},
};

const struct termios2 tty_default_termios = {
    .c_iflag = ICRNL | IXON,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = CS8 | CREAD | HUPCL | CLOCAL,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc =
        {
            [VINTR] = 'C' - '@',
            [VQUIT] = '\\' - '@',
            [VERASE] = 0x7f,
            [VKILL] = 'U' - '@',
            [VEOF] = 'D' - '@',
            [VMIN] = 1,
            [VSTART] = 'Q' - '@',
            [VSTOP] = 'S' - '@',
            [VSUSP] = 'Z' - '@',
            [VREPRINT] = 'R' - '@',
            [VDISCARD] = 'O' - '@',
            [VWERASE] = 'W' - '@',
            [VLNEXT] = 'V' - '@',
        },
};

void tty_modes_set_baud(struct termios2 *modes, u32 baud)
{
    u32 code = BOTHER;

    for (u32 i = 0; i < ARRAY_SIZE(speeds); i++)
        if (speeds[i].baud == baud)
            code = speeds[i].code;
    // Input speed 0: as output.
    modes->c_cflag = (modes->c_cflag & ~(CBAUD | CIBAUD)) | code;
    modes->c_ispeed = baud;
    modes->c_ospeed = baud;
}

// @fallback: for codes that nobody knows.
static u32 modes_baud(const struct termios2 *modes, u32 fallback)
{
    u32 code = modes->c_cflag & CBAUD;

    if (code == BOTHER)
        return modes->c_ospeed;
    for (u32 i = 0; i < ARRAY_SIZE(speeds); i++)
        if (speeds[i].code == code)
            return speeds[i].baud;
    return fallback;
}

static struct tty_line modes_line(const struct termios2 *modes, u32 baud)
{
    u32 flags = modes->c_cflag;

    return (struct tty_line){
        .baud = baud,
        .data_bits = 5 + (flags & CSIZE) / CS6,
        .stop_bits = flags & CSTOPB ? 2 : 1,
        .parity = !(flags & PARENB) ? TTY_PARITY_NONE
                  : flags & PARODD  ? TTY_PARITY_ODD
                                    : TTY_PARITY_EVEN,
        .local = flags & CLOCAL,
        .flow = flags & CRTSCTS,
    };
}

static_assert(CS6 * 3 == CS8, "CSIZE counts up from CS5 = 0");

void tty_modes_set_line(struct termios2 *modes, const struct tty_line *line)
{
    u32 flags = (line->data_bits - 5) * CS6;

    tty_modes_set_baud(modes, line->baud);
    if (line->stop_bits == 2)
        flags |= CSTOPB;
    if (line->parity != TTY_PARITY_NONE)
        flags |= PARENB;
    if (line->parity == TTY_PARITY_ODD)
        flags |= PARODD;
    if (line->flow)
        flags |= CRTSCTS;
    // Which parity there would be stays, as on Linux.
    if (line->parity == TTY_PARITY_NONE)
        flags |= modes->c_cflag & PARODD;
    modes->c_cflag &= ~(CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS);
    modes->c_cflag |= flags;
}

// Make the port do it; say in @modes what came of it.
static void apply(struct tty *tty, struct termios2 *modes)
{
    u32 before = tty->ldisc.termios.c_ospeed;
    struct tty_line line = modes_line(modes, modes_baud(modes, before));

    tty->ops->set_line(tty->port, &line);
    tty_modes_set_line(modes, &line);
    modes->c_cflag &= ~CMSPAR; // not supported
    modes->c_line = 0;
}

void tty_set_modes(struct tty *tty, struct termios2 *modes)
{
    u32 flags;

    apply(tty, modes);
    flags = irq_save();
    ldisc_set_termios(&tty->ldisc, modes);
    irq_restore(flags);
    // Input that could not be read before may be readable, or there is room.
    tty->ops->resume_input(tty->port);
    tty->ops->start(tty->port);
    wake_up(&tty->wait);
}

void tty_apply_modes(struct tty *tty)
{
    struct termios2 modes = tty->ldisc.termios;

    tty_set_modes(tty, &modes);
}
