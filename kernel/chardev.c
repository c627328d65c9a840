// kernel/chardev.c - the registry of character devices
// SPDX-License-Identifier: MIT
//
// A list in the order of registration. Only tasks change it, and nobody sleeps
// while he walks it, so that it needs no lock.

#include <kernel/chardev.h>

#include <base/assert.h>

static struct chardev *first;
static struct chardev **last_next = &first;

struct chardev *chardev_find(u32 major, u32 minor)
{
    struct chardev *device;

    for (device = first; device; device = device->next)
        if (device->major == major && device->minor == minor)
            return device;
    return NULL;
}

struct chardev *chardev_next(struct chardev *device)
{
    return device ? device->next : first;
}

void chardev_register(struct chardev *device)
{
    ASSERT(!device->next && !chardev_find(device->major, device->minor));
    *last_next = device;
    last_next = &device->next;
}

void chardev_unregister(struct chardev *device)
{
    struct chardev **link = &first;

    while (*link && *link != device)
        link = &(*link)->next;
    ASSERT(*link);
    *link = device->next;
    if (last_next == &device->next)
        last_next = link;
    device->next = NULL;
}
