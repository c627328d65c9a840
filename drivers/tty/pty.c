// drivers/tty/pty.c - pseudo terminals: the pairs
// SPDX-License-Identifier: MIT
//
// The slave, /dev/pts/N, is a terminal like any other; its port is no hardware
// but the master, an open file on /dev/ptmx: what the slave sends the master
// reads, and what the master writes the slave receives (pty_master.c). So line
// discipline, job control and ioctls are those of serial terminals.
//
// Life: opening /dev/ptmx makes a pair. The slave's name goes, and its files
// are hung up, when the master is closed; memory and number live until the
// slave is closed, too.
//
// Rejected: a second struct tty for the master, as Linux has it: it would have
// a line discipline that does nothing and job control that never applies.
//
// Sources: pty(7), pts(4), ioctl_tty(2); tests against Linux
// (userland/tests/pty.c).

#include "pty.h"

#include <base/errno.h>
#include <drivers/pty.h>
#include <kernel/cred.h>
#include <kernel/irq.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/major.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define PTMX_MINOR 2u // of TTYAUX_MAJOR
#define SLAVE_BAUD 38400u

#define PAIRS_DEFAULT 4096u
#define PAIRS_MOST    (1u << 20) // minor numbers

static LIST_HEAD(ptys);
static u32 pairs_max = PAIRS_DEFAULT;
static u32 pairs;
static u32 serials;

// ---- the slave's port ------------------------------------------------------

static int slave_may_open(void *port)
{
    const struct pty *pty = port;

    return pty->master_open && !pty->locked ? 0 : -EIO;
}

static void slave_open(void *port)
{
    struct pty *pty = port;

    pty->was_open = true;
}

static void wake_master(void *port)
{
    struct pty *pty = port;

    wake_up(&pty->wait);
}

// Nobody has the slave open any more: the master's reads and writes end.
static void free_if_closed(void *port)
{
    struct pty *pty = port;

    wake_up(&pty->wait);
    if (pty->master_open || pty->tty.opens)
        return;
    tty_forget(&pty->tty);
    list_del(&pty->link);
    pairs--;
    kfree(pty);
}

static void flush(void *port __unused) {}

static const struct tty_port_ops slave_ops = {
    .pseudo = true,
    .may_open = slave_may_open,
    .open = slave_open,
    .close = tty_no_line_close,
    .release = free_if_closed,
    .set_line = tty_no_line_set,
    .set_break = tty_no_line_break,
    .start = wake_master,
    .resume_input = wake_master,
    .is_sending = tty_no_line_is,
    .is_dead = tty_no_line_is,
    .flush = flush,
    .counts = tty_no_line_counts,
};

// ---- pairs -----------------------------------------------------------------

// The lowest number that is free, and the pair that the new one goes before.
static u32 free_number(struct list_head **out_before)
{
    u32 number = 0;
    struct pty *pty;

    list_for_each_entry (pty, &ptys, link) {
        if (pty_number(pty) != number) {
            *out_before = &pty->link;
            return number;
        }
        number++;
    }
    *out_before = &ptys;
    return number;
}

int pty_create(struct pty **out)
{
    struct pty *pty = kzalloc(sizeof(*pty), GFP_KERNEL);
    struct termios2 modes = tty_default_termios;
    struct list_head *before;
    u32 number;

    if (!pty)
        return -ENOMEM;
    if (pairs >= pairs_max) {
        kfree(pty);
        return -ENOSPC;
    }
    number = free_number(&before);
    list_add_tail(&pty->link, before);
    pairs++;
    fmt_print(pty->name, sizeof(pty->name), "pts/%u", number);
    modes.c_cflag &= ~(u32)(HUPCL | CLOCAL);
    tty_modes_set_baud(&modes, SLAVE_BAUD);
    tty_setup(&pty->tty, pty->name, &slave_ops, pty, &modes);
    wait_queue_init(&pty->wait);
    pty->peer =
        (struct tty_file){.tty = &pty->tty, .console = true, .readable = true};
    pty->master_open = true;
    pty->locked = true;
    pty->tty.chardev = (struct chardev){
        .name = pty->name,
        .major = UNIX98_PTY_SLAVE_MAJOR,
        .minor = number,
        .ops = &tty_chardev_ops,
        .device = &pty->tty,
        .place = CHARDEV_PTS,
        .node = {.uid = current->cred->fsuid, .gid = current->cred->fsgid},
        .serial = ++serials,
    };
    chardev_register(&pty->tty.chardev);
    *out = pty;
    return 0;
}

void pty_close_master(struct pty *pty)
{
    pty->master_open = false;
    chardev_unregister(&pty->tty.chardev);
    tty_hangup(&pty->tty);
    free_if_closed(pty);
}

static struct chardev ptmx_device = {
    .name = "ptmx",
    .major = TTYAUX_MAJOR,
    .minor = PTMX_MINOR,
    .ops = &pty_master_ops,
    .node = {.mode = 0666},
};

void pty_init(void)
{
    chardev_register(&ptmx_device);
}

// ---- /proc/sys/kernel/pty --------------------------------------------------

void pty_sysctl_show(const char *name, char *buf, size_t size)
{
    fmt_print(buf, size, "%u\n", strcmp(name, "max") ? pairs : pairs_max);
}

int pty_sysctl_store(const char *name, const char *text)
{
    u64 number;

    if (strcmp(name, "max") != 0 || str_to_u64(text, 10, &number, &text) ||
        number > PAIRS_MOST || (*text && strcmp(text, "\n") != 0))
        return -EINVAL;
    pairs_max = (u32)number;
    return 0;
}
