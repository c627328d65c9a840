// include/kernel/chardev.h - character devices, by number
// SPDX-License-Identifier: MIT
//
// Drivers give operations that know nothing of files; fs/devfs makes the node
// and fs/ the open files on it.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define POLLIN_  0x01u // as poll(2)'s
#define POLLOUT_ 0x04u
#define POLLERR_ 0x08u
#define POLLHUP_ 0x10u

struct wait_queue;

struct chardev_ops {
    // open - @*handle: 0 at entry; what the others get. @noctty: O_NOCTTY.
    int (*open)(void *device, void **handle, bool noctty);
    void (*release)(void *handle);
    // To and from USER memory, or kernel memory when the task has faults of
    // kernel addresses in mind: always user pointers here. Return: bytes or
    // -errno (-EAGAIN with @nonblock).
    ssize_t (*read)(void *handle, void __user *buf, size_t bytes,
                    bool nonblock);
    ssize_t (*write)(void *handle, const void __user *buf, size_t bytes,
                     bool nonblock);
    int (*ioctl)(void *handle, u32 command, u32 argument);
    // Events that are there now; the queue woken when they change.
    u32 (*poll)(void *handle, struct wait_queue **queue);
};

struct chardev {
    const char *name; // "ttyS0", "console"
    u32 major, minor;
    const struct chardev_ops *ops;
    void *device;
    u32 mode; // permissions of the node
    struct chardev *next;
};

void chardev_register(struct chardev *device);
struct chardev *chardev_find(u32 major, u32 minor);
struct chardev *chardev_next(struct chardev *device); // NULL: the first
