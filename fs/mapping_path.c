// fs/mapping_path.c - from cached pages to the name of their file
// SPDX-License-Identifier: MIT
//
// The kernel finds files by their names, never the reverse: here all names in
// memory are gone through, which is for once in a file's life (the trace).

#include <fs/dentry.h>

#include <drivers/block.h>
#include <lib/fmt.h>

// The mount through which a file system is seen first.
static struct mount *mount_of(const struct super *super)
{
    struct mount *mount;

    list_for_each_entry (mount, &mount_list, link)
        if (mount->super == super)
            return mount;
    return NULL;
}

const char *mapping_path(const struct mapping *mapping, char *buf, size_t size)
{
    const struct path all = {NULL, NULL};
    const struct block_device *device = mapping->host;
    const struct inode *inode = mapping->host;
    struct path path;

    if (mapping->is_device) {
        fmt_print(buf, size, "/dev/%s", device->name);
        return buf;
    }
    path.dentry = dentry_of(inode);
    path.mount = path.dentry ? mount_of(inode->super) : NULL;
    if (path.mount)
        return path_print(&path, &all, buf, size);
    fmt_print(buf, size, "%s:inode %u", inode->super->type->name, inode->ino);
    return buf;
}
