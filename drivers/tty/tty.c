// drivers/tty/tty.c - terminals as character devices
// SPDX-License-Identifier: MIT
//
// One wait queue per terminal: readers, writers, drainers and poll all wait on
// it for different things, and look again when woken. They are few.
//
// /dev/console is the terminal that `console=` names, with three rights of its
// own: opening it gives no controlling terminal, job control does not apply to
// it, and it survives hang-ups.
//
// Sources: POSIX.1-2017 11.1; ioctl_tty(2), console(4), tty(4).

#include "tty_private.h"

#include <drivers/screen.h>
#include <drivers/serial.h>
#include <kernel/console.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define LOG_NAME "tty"
#include <kernel/log.h>

struct tty *tty_console;

// ---- open and close --------------------------------------------------------

enum open_kind {
    OPEN_TTY,
    OPEN_CONSOLE
};

// One who used it goes.
static void drop(struct tty *tty)
{
    tty->opens--;
    if (!tty->opens && tty->ops->release)
        tty->ops->release(tty->port);
}

static int may_open(const struct tty *tty)
{
    if (tty->exclusive && !capable(CAP_SYS_ADMIN))
        return -EBUSY;
    return tty->ops->may_open ? tty->ops->may_open(tty->port) : 0;
}

static int open_tty(struct tty *tty, void **handle, enum open_kind kind,
                    u32 flags)
{
    struct tty_file *file;
    int result;

    tty->opens++; // before anything sleeps: it is not to be freed
    file = kmalloc(sizeof(*file), GFP_KERNEL);
    result = file ? may_open(tty) : -ENOMEM;
    if (result) {
        kfree(file);
        drop(tty);
        return result;
    }
    *file = (struct tty_file){
        .tty = tty,
        .hangups = tty->hangups,
        .console = kind == OPEN_CONSOLE,
        .readable = flags & CHARDEV_READABLE,
    };
    if (tty->opens == 1) {
        tty->ops->open(tty->port);
        tty_apply_modes(tty);
    }
    *handle = file;
    return 0;
}

// Who may only write to a terminal gets no hold on it.
static int device_open(void *device, void **handle, u32 flags)
{
    struct tty *tty = device;
    int result = open_tty(tty, handle, OPEN_TTY, flags);

    if (result == 0 && flags == CHARDEV_READABLE)
        tty_job_open(tty);
    return result;
}

// /dev/console never becomes a controlling terminal by itself.
static int console_open(void *device __unused, void **handle, u32 flags)
{
    if (!tty_console)
        return -ENODEV;
    return open_tty(tty_console, handle, OPEN_CONSOLE, flags);
}

// /dev/tty
static int mine_open(void *device __unused, void **handle, u32 flags)
{
    struct tty *tty = current->process->tty;

    if (!tty || !tty_is_mine(tty))
        return -ENXIO;
    return open_tty(tty, handle, OPEN_TTY, flags);
}

static void last_close(struct tty_file *file)
{
    struct tty *tty = file->tty;

    tty_start(tty);
    // Whatever ends the wait, what is in the ring is sent all the same.
    if (tty_drain(file, time_ns() + (u64)TTY_CLOSE_WAIT_MS * NSEC_PER_MSEC))
        log_debug("%s: closed with output waiting", tty->name);
    // Somebody may have opened it meanwhile.
    if (tty->opens > 1)
        return;
    tty->exclusive = false;
    tty->ops->close(tty->port, tty->ldisc.termios.c_cflag & HUPCL);
    if (!tty->ops->pseudo)
        tty_flush_input(tty);
}

static void device_release(void *handle)
{
    struct tty_file *file = handle;
    struct tty *tty = file->tty;

    if (tty->opens == 1)
        last_close(file);
    kfree(file);
    drop(tty);
}

static u32 device_poll(void *handle, struct wait_queue **queue)
{
    struct tty_file *file = handle;
    struct tty *tty = file->tty;
    u32 events = 0;

    *queue = &tty->wait;
    if (tty_file_is_hung_up(file))
        return POLLIN_ | POLLOUT_ | POLLERR_ | POLLHUP_;
    if (ldisc_poll(&tty->ldisc))
        events |= POLLIN_;
    if (tty_output_used(tty) <= TTY_OUTPUT_WAKE)
        events |= POLLOUT_;
    return events;
}

// ---- devices ---------------------------------------------------------------

#define TTY_FILE_OPS                                                           \
    .release = device_release, .read = tty_read, .write = tty_write,           \
    .ioctl = tty_ioctl, .poll = device_poll

const struct chardev_ops tty_chardev_ops = {.open = device_open, TTY_FILE_OPS};
static const struct chardev_ops console_ops = {.open = console_open,
                                               TTY_FILE_OPS};
static const struct chardev_ops mine_ops = {.open = mine_open, TTY_FILE_OPS};

static struct chardev mine_device = {.name = "tty",
                                     .major = 5,
                                     .minor = 0,
                                     .ops = &mine_ops,
                                     .node = {.mode = 0666}};
static struct chardev console_device = {.name = "console",
                                        .major = 5,
                                        .minor = 1,
                                        .ops = &console_ops,
                                        .node = {.mode = 0600}};

// The last of those that `console=` names (kernel/console.h) and that is there;
// if it names none that is, as without such a word: the screen, or a line.
static struct tty *find_console(void)
{
    char name[32];
    struct tty *tty;

    for (u32 i = 0; console_named(i, name, sizeof(name)); i++) {
        tty = tty_find(name);
        if (tty)
            return tty;
        log_warn("console: no such terminal name=%s", name);
    }
    return tty_screen() ? tty_screen() : tty_first_serial();
}

bool tty_console_is(u32 major, u32 minor)
{
    return tty_console && tty_console->chardev.major == major &&
           tty_console->chardev.minor == minor;
}

void tty_init(void)
{
    uart_init();
    screen_init();
    tty_console = find_console();
    chardev_register(&mine_device);
    chardev_register(&console_device);
    pty_init();
    if (tty_console)
        log_info("console: name=%s", tty_console->name);
}
