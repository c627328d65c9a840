// include/kernel/chardev.h - character devices, by number
// SPDX-License-Identifier: MIT
//
// Drivers give operations that know nothing of files; fs/devfs and fs/devpts
// make the nodes and fs/ the open files on them.
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <kernel/dev_node.h>

#define POLLIN_  0x01u // as poll(2)'s
#define POLLOUT_ 0x04u
#define POLLERR_ 0x08u
#define POLLHUP_ 0x10u

struct file_ops;
struct wait_queue;

enum chardev_open { // bits
    CHARDEV_READABLE = 1,
    CHARDEV_NOCTTY = 2, // O_NOCTTY
};

struct chardev_ops {
    // open - @*handle: 0 at entry; what the others get. @flags: of enum
    // chardev_open.
    int (*open)(void *device, void **handle, u32 flags);
    void (*release)(void *handle);
    // To and from user memory. Return: bytes or -errno (-EAGAIN with
    // @nonblock). May sleep.
    ssize_t (*read)(void *handle, void __user *buf, size_t bytes,
                    bool nonblock);
    ssize_t (*write)(void *handle, const void __user *buf, size_t bytes,
                     bool nonblock);
    int (*ioctl)(void *handle, u32 command, u32 argument);
    // Events that are there now; the queue woken when they change.
    u32 (*poll)(void *handle, struct wait_queue **queue);
};

enum chardev_place {
    CHARDEV_DEV, // /dev/NAME
    CHARDEV_PTS, // /dev/pts/MINOR, where its owner and mode are kept
};

struct chardev {
    const char *name; // "ttyS0", "console"
    u32 major, minor;
    const struct chardev_ops *ops;
    void *device;
    struct dev_node node; // CHARDEV_PTS, mode 0: as devpts gives it
    // Those of its open files, where ops do not do. NULL: fs/cdev.c's.
    const struct file_ops *file_ops;
    struct chardev *next;
    enum chardev_place place;
    u32 serial; // CHARDEV_PTS: which of those that had the number; not 0
};

// chardev_register, chardev_unregister - Context: task or boot. Whoever walks
// the registry does not sleep between two steps, and holds no device over a
// sleep without having opened it.
void chardev_register(struct chardev *device);
void chardev_unregister(struct chardev *device);
struct chardev *chardev_find(u32 major, u32 minor);
struct chardev *chardev_next(struct chardev *device); // NULL: the first
