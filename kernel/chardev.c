// kernel/chardev.c - the registry of character devices
// SPDX-License-Identifier: MIT
//
// A list in the order of registration. Devices register at boot and stay, so
// whoever walks the list needs no lock.

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
