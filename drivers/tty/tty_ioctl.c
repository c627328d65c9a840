// drivers/tty/tty_ioctl.c - terminal ioctls
// SPDX-License-Identifier: MIT
//
// What changes the terminal passes tty_job_change first: a background process
// is stopped by SIGTTOU.
//
// Not supported (-ENOTTY): waiting for a modem line (TIOCMIWAIT), packet mode,
// struct termio (TCGETA), and line disciplines but N_TTY.
//
// Source: ioctl_tty(2).

#include "tty_private.h"

#include <asm/signal.h>
#include <kernel/cred.h>
#include <kernel/irq.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/serial.h>
#include <linux/tty.h>

#define BREAK_MS 250u // TCSBRK

// struct termios2 starts as struct termios; speeds follow.
#define OLD_TERMIOS_BYTES sizeof(struct termios)
static_assert(offsetof(struct termios2, c_ispeed) == OLD_TERMIOS_BYTES,
              "struct termios is the start of struct termios2");

enum when {
    NOW,
    AFTER_OUTPUT,
    AFTER_OUTPUT_AND_FLUSH
};

static void __user *pointer(u32 argument)
{
    return (void __user *)(uintptr_t)argument;
}

// @bytes: of struct termios or struct termios2.
static int set_modes(struct tty_file *file, u32 argument, u32 bytes,
                     enum when when)
{
    struct tty *tty = file->tty;
    struct termios2 modes = tty->ldisc.termios;
    int result = copy_from_user(&modes, pointer(argument), bytes);

    if (result)
        return result;
    if (when != NOW) {
        result = tty_drain(file, 0);
        if (result)
            return result;
    }
    if (when == AFTER_OUTPUT_AND_FLUSH)
        tty_flush_input(tty);
    tty_set_modes(tty, &modes);
    return 0;
}

static int send_break(struct tty_file *file, u32 ms)
{
    struct tty *tty = file->tty;
    int result = tty_drain(file, 0);

    if (result || !ms)
        return result;
    tty->ops->set_break(tty->port, true);
    sleep_ms(ms);
    tty->ops->set_break(tty->port, false);
    return 0;
}

// TCSBRKP: in tenths of a second; 0: as TCSBRK. No longer than Linux's limit
// of its argument makes sense to wait, uninterruptibly.
static int send_long_break(struct tty_file *file, u32 ds)
{
    if (ds > 100)
        return -EINVAL;
    return send_break(file, ds ? ds * 100 : BREAK_MS);
}

static int control_flow(struct tty *tty, u32 action)
{
    const struct termios2 *modes = &tty->ldisc.termios;

    switch (action) {
    case TCOOFF: tty_stop(tty); return 0;
    case TCOON: tty_start(tty); return 0;
    case TCIOFF: tty_send_urgent(tty, modes->c_cc[VSTOP]); return 0;
    case TCION: tty_send_urgent(tty, modes->c_cc[VSTART]); return 0;
    default: return -EINVAL;
    }
}

static int flush(struct tty *tty, u32 queue)
{
    if (queue != TCIFLUSH && queue != TCOFLUSH && queue != TCIOFLUSH)
        return -EINVAL;
    if (queue != TCOFLUSH)
        tty_flush_input(tty);
    if (queue != TCIFLUSH)
        tty_flush_output(tty);
    return 0;
}

static int set_size(struct tty *tty, u32 argument)
{
    struct winsize size;
    int result = get_user(size, (struct winsize __user *)pointer(argument));

    if (result)
        return result;
    if (memcmp(&size, &tty->size, sizeof(size)) == 0)
        return 0;
    tty->size = size;
    if (tty->foreground) // gone: nobody to tell
        (void)signal_send_group(tty->foreground, SIGWINCH);
    return 0;
}

static int set_discipline(u32 argument)
{
    s32 number;
    int result = get_user(number, (s32 __user *)pointer(argument));

    if (result)
        return result;
    return number == N_TTY ? 0 : -EINVAL;
}

// TIOCSTI: as if it had been typed.
static int fake_input(struct tty *tty, u32 argument)
{
    u32 flags;
    u8 c;
    int result;

    if (!tty_is_mine(tty) && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    result = get_user(c, (u8 __user *)pointer(argument));
    if (result)
        return result;
    flags = irq_save();
    tty_input(tty, c, TTY_CHAR);
    tty_wake(tty);
    irq_restore(flags);
    tty->ops->start(tty->port); // echo
    return 0;
}

static int get_counts(struct tty *tty, u32 argument)
{
    struct serial_icounter_struct out = {0};
    struct tty_counts counts;

    tty->ops->counts(tty->port, &counts);
    out.rx = (int)counts.received;
    out.tx = (int)counts.sent;
    out.frame = (int)counts.frame;
    out.overrun = (int)counts.overrun;
    out.parity = (int)counts.parity;
    out.brk = (int)counts.breaks;
    return copy_to_user(pointer(argument), &out, sizeof(out));
}

static const struct {
    u32 line; // enum tty_modem
    u32 bit;  // TIOCM_*
} modem_lines[] = {
    {TTY_MODEM_DTR, TIOCM_DTR},     {TTY_MODEM_RTS, TIOCM_RTS},
    {TTY_MODEM_OUT1, TIOCM_OUT1},   {TTY_MODEM_OUT2, TIOCM_OUT2},
    {TTY_MODEM_LOOP, TIOCM_LOOP},   {TTY_MODEM_CTS, TIOCM_CTS},
    {TTY_MODEM_DSR, TIOCM_DSR},     {TTY_MODEM_RING, TIOCM_RNG},
    {TTY_MODEM_CARRIER, TIOCM_CAR},
};
#define MODEM_DRIVEN                                                           \
    (TTY_MODEM_DTR | TTY_MODEM_RTS | TTY_MODEM_OUT1 | TTY_MODEM_OUT2 |         \
     TTY_MODEM_LOOP)

static int get_modem(struct tty *tty, u32 argument)
{
    u32 lines, bits = 0;

    if (!tty->ops->modem_get)
        return -ENOTTY;
    lines = tty->ops->modem_get(tty->port);
    for (u32 i = 0; i < ARRAY_SIZE(modem_lines); i++)
        if (lines & modem_lines[i].line)
            bits |= modem_lines[i].bit;
    return put_user((s32)bits, (s32 __user *)pointer(argument));
}

static int set_modem(struct tty *tty, u32 command, u32 argument)
{
    u32 lines = 0;
    s32 bits;
    int result;

    if (!tty->ops->modem_set)
        return -ENOTTY;
    result = get_user(bits, (s32 __user *)pointer(argument));
    if (result)
        return result;
    for (u32 i = 0; i < ARRAY_SIZE(modem_lines); i++)
        if ((u32)bits & modem_lines[i].bit)
            lines |= modem_lines[i].line;
    lines &= MODEM_DRIVEN;
    tty->ops->modem_set(tty->port, command == TIOCMBIC ? 0 : lines,
                        command == TIOCMBIS   ? 0
                        : command == TIOCMBIC ? lines
                                              : MODEM_DRIVEN & ~lines);
    return 0;
}

static int get_readable(struct tty *tty, u32 argument)
{
    u32 flags = irq_save();
    s32 count = (s32)ldisc_readable(&tty->ldisc);

    irq_restore(flags);
    return put_user(count, (s32 __user *)pointer(argument));
}

// ioctls that SIGTTOU guards.
static bool is_change(u32 command)
{
    switch (command) {
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2:
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK:
    case TCXONC:
    case TCFLSH:
    case TIOCSETD: return true;
    default: return false;
    }
}

static int change(struct tty_file *file, u32 command, u32 argument)
{
    struct tty *tty = file->tty;

    switch (command) {
    case TCSETS: return set_modes(file, argument, OLD_TERMIOS_BYTES, NOW);
    case TCSETSW:
        return set_modes(file, argument, OLD_TERMIOS_BYTES, AFTER_OUTPUT);
    case TCSETSF:
        return set_modes(file, argument, OLD_TERMIOS_BYTES,
                         AFTER_OUTPUT_AND_FLUSH);
    case TCSETS2:
        return set_modes(file, argument, sizeof(struct termios2), NOW);
    case TCSETSW2:
        return set_modes(file, argument, sizeof(struct termios2), AFTER_OUTPUT);
    case TCSETSF2:
        return set_modes(file, argument, sizeof(struct termios2),
                         AFTER_OUTPUT_AND_FLUSH);
    case TCSBRK: // with an argument: tcdrain
        return send_break(file, argument ? 0 : BREAK_MS);
    case TCSBRKP: return send_long_break(file, argument);
    case TIOCSBRK:
    case TIOCCBRK:
        tty->ops->set_break(tty->port, command == TIOCSBRK);
        return 0;
    case TCXONC: return control_flow(tty, argument);
    case TCFLSH: return flush(tty, argument);
    case TIOCSETD: return set_discipline(argument);
    default: return -ENOTTY;
    }
}

static int query(struct tty *tty, u32 command, u32 argument)
{
    s32 __user *number = pointer(argument);

    switch (command) {
    case TCGETS:
        return copy_to_user(pointer(argument), &tty->ldisc.termios,
                            OLD_TERMIOS_BYTES);
    case TCGETS2:
        return copy_to_user(pointer(argument), &tty->ldisc.termios,
                            sizeof(struct termios2));
    case TIOCGWINSZ:
        return copy_to_user(pointer(argument), &tty->size, sizeof(tty->size));
    case TIOCSWINSZ: return set_size(tty, argument);
    case FIONREAD: return get_readable(tty, argument);
    case TIOCOUTQ: return put_user((s32)tty_output_used(tty), number);
    case TIOCGETD: return put_user((s32)N_TTY, number);
    case TIOCGDEV:
        return put_user(tty_number(tty), (u32 __user *)pointer(argument));
    case TIOCGICOUNT: return get_counts(tty, argument);
    case TIOCMGET: return get_modem(tty, argument);
    case TIOCMSET:
    case TIOCMBIS:
    case TIOCMBIC: return set_modem(tty, command, argument);
    case TIOCEXCL:
    case TIOCNXCL: tty->exclusive = command == TIOCEXCL; return 0;
    case TIOCGEXCL: return put_user((s32)tty->exclusive, number);
    case TIOCSTI: return fake_input(tty, argument);
    case TIOCVHANGUP:
        if (!capable(CAP_SYS_ADMIN))
            return -EPERM;
        tty_hangup(tty);
        return 0;
    default: return tty_job_ioctl(tty, command, argument);
    }
}

int tty_ioctl(void *handle, u32 command, u32 argument)
{
    struct tty_file *file = handle;
    int result = 0;

    if (tty_file_is_hung_up(file))
        return command == TIOCSPGRP ? -ENOTTY : -EIO;
    if (is_change(command))
        result = tty_job_change(file->tty);
    return result ? result : tty_ioctl_peer(file, command, argument);
}

int tty_ioctl_peer(struct tty_file *file, u32 command, u32 argument)
{
    if (is_change(command))
        return change(file, command, argument);
    if (command == TIOCSCTTY)
        return tty_job_take(file->tty, argument == 1, file->readable);
    return query(file->tty, command, argument);
}
