// fs/procfs/lists.c - lists of devices, file systems and mounts
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <drivers/block.h>
#include <fs/context.h>
#include <kernel/chardev.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <mm/slab.h>

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

int proc_show_partitions(struct proc_text *text, const struct proc_ref *ref)
{
    struct block_device *device = NULL;

    (void)ref;
    proc_print(text, "major minor  #blocks  name\n\n");
    while ((device = block_next(device)))
        proc_print(text, "%4u  %7u %10llu %s\n", device_major(device->number),
                   device_minor(device->number), device->sectors / 2,
                   device->name);
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

// Blanks in names would end the field: octal, as getmntent reads it.
static void put_escaped(struct proc_text *text, const char *name)
{
    for (; *name; name++) {
        if (strchr(" \t\n\\", *name))
            proc_print(text, "\\%03o", (u32)(u8)*name);
        else
            proc_put(text, name, 1);
    }
}

static void put_mount(struct proc_text *text, const struct mount *mount,
                      const struct path *root, char *buf)
{
    static const struct {
        u32 flag;
        const char *name;
    } options[] = {
        {MS_NOSUID, ",nosuid"},
        {MS_NODEV, ",nodev"},
        {MS_NOEXEC, ",noexec"},
    };
    struct path path = {(struct mount *)(uintptr_t)mount, mount->root};
    u32 i;

    put_escaped(text, mount->source);
    proc_put(text, " ", 1);
    put_escaped(text, path_print(&path, root, buf, PATH_MAX));
    proc_print(text, " %s %s", mount->super->type->name,
               path_is_readonly(&path) ? "ro" : "rw");
    for (i = 0; i < ARRAY_SIZE(options); i++)
        if (mount->flags & options[i].flag)
            proc_print(text, "%s", options[i].name);
    proc_print(text, ",relatime 0 0\n");
}

int proc_show_mounts(struct proc_text *text, const struct proc_ref *ref)
{
    char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
    const struct mount *mount;
    struct path root;

    (void)ref;
    if (!buf)
        return -ENOMEM;
    fs_context_root(current->fs, &root);
    list_for_each_entry (mount, &mount_list, link)
        put_mount(text, mount, &root, buf);
    path_put(&root);
    kfree(buf);
    return 0;
}
