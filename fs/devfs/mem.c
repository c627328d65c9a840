// fs/devfs/mem.c - /dev/null, zero, full, random and urandom
// SPDX-License-Identifier: MIT
//
// Their numbers are Linux's (major 1). There is no /dev/mem.

#include <fs/types.h>
#include <kernel/chardev.h>
#include <kernel/random.h>
#include <kernel/uaccess.h>
#include <linux/major.h>

enum mem_minor {
    MEM_NULL = 3,
    MEM_ZERO = 5,
    MEM_FULL = 7,
    MEM_RANDOM = 8,
    MEM_URANDOM = 9,
};

static ssize_t null_read(void *handle, void __user *buf, size_t bytes,
                         bool nonblock)
{
    (void)handle;
    (void)buf;
    (void)bytes;
    (void)nonblock;
    return 0;
}

static ssize_t null_write(void *handle, const void __user *buf, size_t bytes,
                          bool nonblock)
{
    (void)handle;
    (void)buf;
    (void)nonblock;
    return (ssize_t)bytes;
}

static ssize_t full_write(void *handle, const void __user *buf, size_t bytes,
                          bool nonblock)
{
    (void)handle;
    (void)buf;
    (void)bytes;
    (void)nonblock;
    return -ENOSPC;
}

static ssize_t zero_read(void *handle, void __user *buf, size_t bytes,
                         bool nonblock)
{
    u8 __user *to = buf;
    size_t done = 0;

    (void)handle;
    (void)nonblock;
    while (done < bytes && !task_fatal_pending(current)) {
        u32 here = (u32)min(bytes - done, (size_t)(64 * KIB));

        if (clear_user(to + done, here))
            return done ? (ssize_t)done : -EFAULT;
        done += here;
        cond_resched();
    }
    return (ssize_t)done;
}

static ssize_t random_read(void *handle, void __user *buf, size_t bytes,
                           bool nonblock)
{
    (void)handle;
    (void)nonblock;
    return random_to_user(buf, (u32)bytes);
}

static ssize_t random_write(void *handle, const void __user *buf, size_t bytes,
                            bool nonblock)
{
    u8 chunk[64];
    size_t done;
    u32 here;

    (void)handle;
    (void)nonblock;
    for (done = 0; done < bytes; done += here) {
        here = (u32)min(bytes - done, sizeof(chunk));
        if (copy_from_user(chunk, (const u8 __user *)buf + done, here))
            return done ? (ssize_t)done : -EFAULT;
        random_mix(chunk, here);
    }
    return (ssize_t)done;
}

static const struct chardev_ops null_ops = {
    .read = null_read,
    .write = null_write,
};
static const struct chardev_ops zero_ops = {
    .read = zero_read,
    .write = null_write,
};
static const struct chardev_ops full_ops = {
    .read = zero_read,
    .write = full_write,
};
static const struct chardev_ops random_ops = {
    .read = random_read,
    .write = random_write,
};

#define MEM_DEVICE(word, number, table)                                        \
    {                                                                          \
        .name = (word), .major = MEM_MAJOR, .minor = (number),                 \
        .ops = &(table), .node = {                                             \
            .mode = 0666                                                       \
        }                                                                      \
    }

static struct chardev devices[] = {
    MEM_DEVICE("null", MEM_NULL, null_ops),
    MEM_DEVICE("zero", MEM_ZERO, zero_ops),
    MEM_DEVICE("full", MEM_FULL, full_ops),
    MEM_DEVICE("random", MEM_RANDOM, random_ops),
    MEM_DEVICE("urandom", MEM_URANDOM, random_ops),
};

void mem_devices_init(void)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(devices); i++)
        chardev_register(&devices[i]);
}
