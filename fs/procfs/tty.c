// fs/procfs/tty.c - /proc/tty/drivers and /proc/consoles
// SPDX-License-Identifier: MIT
//
// ps(1) finds the name of a terminal in drivers. The format is Linux's: a
// driver, the start of its names, its major, its minors, and its kind. Of a
// console: its name, what can be done (write, unblank), flags (enabled, it is
// /dev/console, it has the log, any time), the number of its terminal.

#include "procfs.h"

#include <drivers/tty.h>
#include <kernel/chardev.h>
#include <kernel/log.h>
#include <linux/major.h>

#define SERIAL_FIRST 64u
#define PTMX_MINOR   2u
#define SCREEN_LAST  63u // of the minors that Linux has for screens

static void put_driver(struct proc_text *text, const char *driver,
                       const char *names, u32 major, u32 first, u32 last,
                       const char *kind)
{
    proc_print(text, "%-20s %-13s %3u ", driver, names, major);
    if (first == last)
        proc_print(text, "%7u %s\n", first, kind);
    else
        proc_print(text, "%u-%u %s\n", first, last, kind);
}

int proc_show_tty_drivers(struct proc_text *text, const struct proc_ref *ref)
{
    u32 last = SERIAL_FIRST;

    (void)ref;
    put_driver(text, "/dev/tty", "/dev/tty", TTYAUX_MAJOR, 0, 0,
               "system:/dev/tty");
    put_driver(text, "/dev/console", "/dev/console", TTYAUX_MAJOR, 1, 1,
               "system:console");
    if (chardev_find(TTYAUX_MAJOR, PTMX_MINOR)) {
        put_driver(text, "/dev/ptmx", "/dev/ptmx", TTYAUX_MAJOR, PTMX_MINOR,
                   PTMX_MINOR, "system");
        put_driver(text, "pty_slave", "/dev/pts", UNIX98_PTY_SLAVE_MAJOR, 0,
                   (1u << 20) - 1, "pty:slave");
        put_driver(text, "pty_master", "/dev/ptm", UNIX98_PTY_MASTER_MAJOR, 0,
                   (1u << 20) - 1, "pty:master");
    }
    if (chardev_find(TTY_MAJOR, 0)) {
        put_driver(text, "/dev/vc/0", "/dev/vc/0", TTY_MAJOR, 0, 0,
                   "system:vtmaster");
        put_driver(text, "unknown", "/dev/tty", TTY_MAJOR, 1, SCREEN_LAST,
                   "console");
    }
    while (chardev_find(TTY_MAJOR, last + 1))
        last++;
    if (chardev_find(TTY_MAJOR, SERIAL_FIRST))
        put_driver(text, "serial", "/dev/ttyS", TTY_MAJOR, SERIAL_FIRST, last,
                   "serial");
    return 0;
}

int proc_show_consoles(struct proc_text *text, const struct proc_ref *ref)
{
    const struct log_console *console = NULL;

    (void)ref;
    while ((console = log_console_next(console))) {
        bool is_screen = console->major && console->minor < SERIAL_FIRST;

        proc_print(text, "%-20s -W%c (E%c p %c)", console->name,
                   is_screen ? 'U' : '-',
                   tty_console_is(console->major, console->minor) ? 'C' : ' ',
                   is_screen ? ' ' : 'a');
        if (console->major)
            proc_print(text, " %4u:%u", console->major, console->minor);
        proc_print(text, "\n");
    }
    return 0;
}
