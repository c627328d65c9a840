// drivers/tty/tty_port.c - between a terminal and its port
// SPDX-License-Identifier: MIT
//
// Input goes through the line discipline at once, in the port's interrupt: it
// is a few comparisons a byte, and VINTR must work however busy the tasks are.
// Output waits in a ring, processed already, until the port takes it.
//
// No input is lost here: when the line discipline is full the port is told to
// wait (tty_input_is_full), and the other side with VSTOP if IXOFF asks so.
//
// Rejected: input through a worker task. On one CPU it gains nothing but delay.

#include "tty_private.h"

#include <asm/signal.h>
#include <base/assert.h>
#include <base/bits.h>
#include <kernel/irq.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define LOG_NAME "tty"
#include <kernel/log.h>

#define TTY_MAJOR   4u
#define TTY_MINOR   64u    // of ttyS0
#define SCREEN_BAUD 38400u // as Linux's

// With IXOFF: tell the other side to stop, and to go on, at these fillings.
#define INPUT_STOP (LDISC_BYTES / 4 * 3)
#define INPUT_GO   (LDISC_BYTES / 4)

static struct tty *ttys[TTY_PORTS];
static struct tty *screen; // NULL: there is none

// ---- what the line discipline asks -----------------------------------------

static void echo(void *arg, u8 c)
{
    struct tty *tty = arg;

    if (tty_output_used(tty) < TTY_OUTPUT_BYTES)
        tty_put_output(tty, c);
}

static void raise_signal(void *arg, enum ldisc_signal which, bool flush)
{
    static const u8 numbers[] = {
        [LDISC_INTERRUPT] = SIGINT,
        [LDISC_QUIT] = SIGQUIT,
        [LDISC_SUSPEND] = SIGTSTP,
    };
    struct tty *tty = arg;

    if (flush)
        tty->output_tail = tty->output_head;
    // A group that has gone needs no signal.
    if (tty->foreground)
        (void)signal_send_group(tty->foreground, numbers[which]);
}

static void set_flow(void *arg, bool stopped)
{
    struct tty *tty = arg;

    tty->stopped = stopped;
}

static const struct ldisc_ops ldisc_ops = {
    .echo = echo,
    .signal = raise_signal,
    .flow = set_flow,
};

// ---- what the port calls ---------------------------------------------------

void tty_input(struct tty *tty, u8 c, enum tty_input kind)
{
    static const enum ldisc_input kinds[] = {
        [TTY_CHAR] = LDISC_CHAR,
        [TTY_BREAK] = LDISC_BREAK,
        [TTY_ERROR] = LDISC_ERROR,
    };
    const struct termios2 *modes = &tty->ldisc.termios;

    if (!(modes->c_cflag & CREAD))
        return;
    ldisc_receive(&tty->ldisc, c, kinds[kind]);
    tty->input_came = true;
    if ((modes->c_iflag & IXOFF) && !tty->told_stop &&
        ldisc_readable(&tty->ldisc) >= INPUT_STOP) {
        tty->told_stop = true;
        tty->urgent = modes->c_cc[VSTOP];
    }
}

bool tty_input_is_full(const struct tty *tty)
{
    return ldisc_is_full(&tty->ldisc);
}

bool tty_output_urgent(struct tty *tty, u8 *out)
{
    *out = tty->urgent;
    tty->urgent = 0;
    return *out;
}

bool tty_output_next(struct tty *tty, u8 *out)
{
    if (tty->stopped || !tty_output_used(tty))
        return false;
    *out = tty->output[tty->output_tail++ % TTY_OUTPUT_BYTES];
    return true;
}

bool tty_output_waits(const struct tty *tty)
{
    return tty->urgent || (!tty->stopped && tty_output_used(tty));
}

bool tty_is_writing(const struct tty *tty)
{
    return tty->writing && !tty->stopped;
}

void tty_wake(struct tty *tty)
{
    if (tty->input_came || tty_output_used(tty) <= TTY_OUTPUT_WAKE ||
        tty->ops->is_dead(tty->port))
        wake_up(&tty->wait);
    tty->input_came = false;
}

void tty_carrier_lost(struct tty *tty)
{
    log_info("%s: carrier lost", tty->name);
    tty_hangup(tty);
}

// ---- flow ------------------------------------------------------------------

void tty_start(struct tty *tty)
{
    u32 flags = irq_save();

    tty->stopped = false;
    ldisc_restart(&tty->ldisc);
    irq_restore(flags);
    tty->ops->start(tty->port);
    wake_up(&tty->wait);
}

void tty_stop(struct tty *tty)
{
    u32 flags = irq_save();

    tty->stopped = true;
    tty->ldisc.stopped = true;
    irq_restore(flags);
}

void tty_send_urgent(struct tty *tty, u8 c)
{
    tty->urgent = c;
    tty->ops->start(tty->port);
}

// After a read or a flush there is room: let the port and the other side know.
void tty_input_taken(struct tty *tty)
{
    u32 flags = irq_save();
    bool go = tty->told_stop && ldisc_readable(&tty->ldisc) <= INPUT_GO;

    if (go)
        tty->told_stop = false;
    irq_restore(flags);
    tty->ops->resume_input(tty->port);
    if (go)
        tty_send_urgent(tty, tty->ldisc.termios.c_cc[VSTART]);
}

void tty_flush_input(struct tty *tty)
{
    u32 flags = irq_save();

    ldisc_flush_input(&tty->ldisc);
    irq_restore(flags);
    tty_input_taken(tty);
}

void tty_flush_output(struct tty *tty)
{
    u32 flags = irq_save();

    tty->output_tail = tty->output_head;
    irq_restore(flags);
    wake_up(&tty->wait);
}

void tty_flush_all(void)
{
    for (u32 i = 0; i < TTY_PORTS; i++)
        if (ttys[i])
            ttys[i]->ops->flush(ttys[i]->port);
    if (screen)
        screen->ops->flush(screen->port);
}

// ---- registration ----------------------------------------------------------

struct tty *tty_screen(void)
{
    return screen;
}

struct tty *tty_first_serial(void)
{
    for (u32 i = 0; i < TTY_PORTS; i++)
        if (ttys[i])
            return ttys[i];
    return NULL;
}

struct tty *tty_find(const char *name)
{
    // The names that Linux has for what is on the screen.
    if (strcmp(name, "tty1") == 0 || strcmp(name, "tty0") == 0 ||
        strcmp(name, "tty") == 0)
        return screen;
    for (u32 i = 0; i < TTY_PORTS; i++)
        if (ttys[i] && strcmp(ttys[i]->name, name) == 0)
            return ttys[i];
    return NULL;
}

void tty_setup(struct tty *tty, const char *name,
               const struct tty_port_ops *ops, void *port,
               const struct termios2 *modes)
{
    tty->name = name;
    tty->ops = ops;
    tty->port = port;
    wait_queue_init(&tty->wait);
    mutex_init(&tty->read_lock, MUTEX_RANK_TTY);
    ldisc_init(&tty->ldisc, &ldisc_ops, tty, modes);
}

// Make a terminal and register /dev/@name for it. NULL: no memory.
static struct tty *create(const char *name, u32 minor,
                          const struct tty_port_ops *ops, void *port,
                          const struct termios2 *modes)
{
    struct tty *tty = kzalloc(sizeof(*tty), GFP_KERNEL);

    if (!tty)
        return NULL;
    tty_setup(tty, name, ops, port, modes);
    tty->chardev = (struct chardev){
        .name = name,
        .major = TTY_MAJOR,
        .minor = minor,
        .ops = &tty_chardev_ops,
        .device = tty,
        .node = {.mode = 0600},
    };
    chardev_register(&tty->chardev);
    return tty;
}

struct tty *tty_register(const char *name, u32 index,
                         const struct tty_port_ops *ops, void *port,
                         const struct tty_line *line)
{
    struct termios2 modes = tty_default_termios;
    struct tty *tty;

    ASSERT(index < TTY_PORTS && !ttys[index]);
    tty_modes_set_line(&modes, line);
    tty = create(name, TTY_MINOR + index, ops, port, &modes);
    if (!tty)
        return NULL;
    tty->index = index;
    ttys[index] = tty;
    return tty;
}

struct tty *tty_register_screen(const struct tty_port_ops *ops, void *port,
                                const struct tty_size *size)
{
    static struct chardev present = {
        .name = "tty0",
        .major = TTY_MAJOR,
        .minor = 0,
        .ops = &tty_chardev_ops,
        .node = {.mode = 0600},
    };
    struct termios2 modes = tty_default_termios;

    ASSERT(!screen);
    modes.c_iflag |= IUTF8;
    tty_modes_set_baud(&modes, SCREEN_BAUD);
    screen = create("tty1", 1, ops, port, &modes);
    if (!screen)
        return NULL;
    screen->size = (struct winsize){
        .ws_row = (u16)size->rows,
        .ws_col = (u16)size->columns,
        .ws_xpixel = (u16)min(size->width, 0xffffu),
        .ws_ypixel = (u16)min(size->height, 0xffffu),
    };
    present.device = screen;
    chardev_register(&present);
    return screen;
}
