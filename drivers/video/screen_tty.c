// drivers/video/screen_tty.c - the screen and the keyboard as a terminal
// SPDX-License-Identifier: MIT
//
// /dev/tty1, and /dev/tty0, the terminal on the screen, which is always that
// one. Unlike a line it takes everything at once: what a program writes is in
// the emulator before its write returns, and drawn soon.
//
// Locking: interrupts off, but for a moment after every BURST_BYTES that a task
// writes. The echo of what is typed then, and of what the emulator answers
// while it is being written to, waits in the terminal's ring until the loop
// that is under way gets there.

#include "screen.h"

#include <arch/cpu.h>
#include <base/errno.h>
#include <drivers/keyboard.h>
#include <drivers/screen.h>
#include <drivers/tty.h>

#include "vt.h"

#define LOG_NAME "screen"
#include <kernel/log.h>

// Interrupts wait for so many: a handful of sequences, each of which may change
// the whole screen.
#define BURST_BYTES 32u

static struct tty *tty; // NULL: there is none, yet
static bool writing;    // in write_waiting

// ---- output ----------------------------------------------------------------

// Return: false: nothing is left.
static bool write_burst(void)
{
    for (u32 i = 0; i < BURST_BYTES; i++) {
        u8 c;

        if (!tty_output_next(tty, &c))
            return false;
        vt_write(screen_vt(), &c, 1);
    }
    return true;
}

// Interrupts off. @flags: as they were before.
static void write_waiting(u32 flags)
{
    u8 c;

    if (writing)
        return;
    writing = true;
    (void)tty_output_urgent(tty, &c); // there is no line to hold
    while (write_burst()) {
        irq_restore(flags);
        (void)irq_save();
    }
    writing = false;
}

static void start(void *port __unused)
{
    u32 flags = irq_save();

    if (tty_output_waits(tty)) {
        write_waiting(flags);
        screen_changed();
    }
    tty_wake(tty);
    irq_restore(flags);
}

// ---- input -----------------------------------------------------------------

static void type(const u8 *bytes, u32 count)
{
    // A keyboard holds nothing back. Of what finds no room characters are lost,
    // as the line discipline does it, but neither signals nor Ctrl-Q.
    for (u32 i = 0; i < count; i++)
        tty_input(tty, bytes[i], TTY_CHAR);
    start(NULL); // echo
}

static void answer(void *arg __unused, const u8 *bytes, u32 count)
{
    if (tty)
        type(bytes, count);
}

const struct vt_ops screen_vt_ops = {.reply = answer};

static bool application_cursor(void)
{
    return screen_vt()->application_cursor;
}

static const struct keyboard_sink sink = {
    .input = type,
    .scroll = screen_scroll,
    .application_cursor = application_cursor,
};

// ---- what a terminal asks of its port --------------------------------------

static void nothing(void *port __unused) {}

static void flush(void *port __unused)
{
    u32 flags = irq_save();

    write_waiting(flags);
    screen_draw_now(false);
    irq_restore(flags);
}

static const struct tty_port_ops ops = {
    .open = nothing,
    .close = tty_no_line_close,
    .set_line = tty_no_line_set,
    .set_break = tty_no_line_break,
    .start = start,
    .resume_input = nothing,
    .is_sending = tty_no_line_is,
    .is_dead = tty_no_line_is,
    .flush = flush,
    .counts = tty_no_line_counts,
};

void screen_init(void)
{
    struct tty_size size;

    if (!screen_vt())
        return;
    screen_size(&size.columns, &size.rows, &size.width, &size.height);
    tty = tty_register_screen(&ops, NULL, &size);
    if (!tty)
        log_warn("no memory for its terminal");
}

const struct keyboard_sink *screen_keyboard(void)
{
    return tty ? &sink : NULL;
}
