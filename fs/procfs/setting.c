// fs/procfs/setting.c - files of /proc that are one short text, read or written
// SPDX-License-Identifier: MIT
//
// A read gives the text as it is at that moment; nothing is kept in the open
// file. A write is the whole new text, whatever the position: what does not fit
// is refused, not cut. Permission is the file's mode: root's alone.

#include "procfs.h"

#include <lib/string.h>

#define SHOWN_BYTES   512u
#define WRITTEN_BYTES 128u

static const struct proc_node *node_of(const struct file *file)
{
    const struct proc_ref *ref = file->inode->private;

    return ref->node;
}

ssize_t proc_read_short(const char *text, struct io_iter *it, u64 *pos)
{
    u32 length = (u32)strlen(text), here, moved;

    if (*pos >= length)
        return 0;
    here = min(it->left, length - (u32)*pos);
    moved = io_put(it, text + *pos, here);
    if (here && !moved)
        return -EFAULT;
    *pos += moved;
    return (ssize_t)moved;
}

ssize_t proc_write_short(char *text, u32 size, struct io_iter *it)
{
    u32 length = it->left;

    if (length >= size)
        return -EINVAL;
    if (io_get(it, text, length) != length)
        return -EFAULT;
    text[length] = '\0';
    return (ssize_t)length;
}

static ssize_t setting_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct proc_node *node = node_of(file);
    char text[SHOWN_BYTES];

    if (!node->setting->show)
        return 0;
    node->setting->show(node->name, text, sizeof(text));
    return proc_read_short(text, it, pos);
}

static ssize_t setting_write(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct proc_node *node = node_of(file);
    char text[WRITTEN_BYTES];
    ssize_t length;
    int rc;

    if (!node->setting->store)
        return -EINVAL;
    length = proc_write_short(text, sizeof(text), it);
    if (length < 0)
        return length;
    rc = node->setting->store(node->name, text);
    if (rc)
        return rc;
    *pos += (u64)length;
    return length;
}

const struct file_ops proc_setting_file_ops = {
    .read = setting_read,
    .write = setting_write,
    .llseek = dir_llseek,
};
