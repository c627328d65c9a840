// fs/procfs/lists.c - lists of devices and file systems
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <drivers/block.h>
#include <kernel/chardev.h>

// The majors, each with the name of its first device.
static void put_chardevs(struct proc_text *text)
{
    struct chardev *device = NULL, *other;

    while ((device = chardev_next(device))) {
        other = NULL;
        while ((other = chardev_next(other)) != device)
            if (other->major == device->major)
                break;
        if (other == device)
            proc_print(text, "%3u %s\n", device->major, device->name);
    }
}

int proc_show_devices(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "Character devices:\n");
    put_chardevs(text);
    proc_print(text, "\nBlock devices:\n");
    if (block_next(NULL))
        proc_print(text, "%3u sd\n", device_major(block_next(NULL)->number));
    return 0;
}

int proc_show_filesystems(struct proc_text *text, const struct proc_ref *ref)
{
    const struct fs_type *type = NULL;

    (void)ref;
    while ((type = fs_type_next(type)))
        proc_print(text, "%s\t%s\n", type->needs_device ? "" : "nodev",
                   type->name);
    return 0;
}
