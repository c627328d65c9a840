// drivers/tty/pty.h - struct pty, shared by pty.c and pty_master.c
// SPDX-License-Identifier: MIT
#pragma once

#include "tty_private.h"

// A pair. (s) tasks only, no sleep between look and change; (c) constant.
struct pty {
    struct tty tty;         // the slave, /dev/pts/N
    struct tty_file peer;   // (c) the slave as its master sees it
    struct list_head link;  // (s) all pairs, by number
    char name[16];          // (c) for the log
    struct wait_queue wait; // of the master
    bool master_open;       // (s)
    bool locked;            // (s) the slave cannot be opened: TIOCSPTLCK
    bool was_open;          // (s) the slave, at some time
};

static inline u32 pty_number(const struct pty *pty)
{
    return pty->tty.chardev.minor;
}

// pty_create - a new pair: the slave is there, locked, and nobody has it open.
// Return: 0; -ENOMEM; -ENOSPC: there are kernel.pty.max. May sleep.
__must_check int pty_create(struct pty **out);

// pty_close_master - the slave is hung up and its name gone; when nobody has
// it open it is freed.
void pty_close_master(struct pty *pty);

extern const struct chardev_ops pty_master_ops; // pty_master.c
