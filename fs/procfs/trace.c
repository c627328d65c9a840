// fs/procfs/trace.c - /proc/faultline/trace and trace_ring
// SPDX-License-Identifier: MIT
//
// trace_ring: the records that are in the ring when the file is opened, as
// frames that tools/faultline decodes. trace: what is traced, and for whom.
// Written: words, see include/kernel/trace_choice.h. Read:
//   on GROUP,GROUP
//   off GROUP,GROUP
//   filters FILTER FILTER
//   ring N                records that it holds
//   written N             records, to the ring
//   filtered N            that a filter has left out; no loss
//   dropped_by_stream N   that were overwritten before ktrace came to send them

#include "procfs.h"

#include <kernel/trace.h>
#include <kernel/trace_ring.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

static void choice_show(const char *name, char *buf, size_t size)
{
    (void)name;
    trace_show(buf, size);
}

static int choice_store(const char *name, const char *text)
{
    (void)name;
    return trace_choose(text);
}

const struct proc_setting proc_trace_setting = {
    .show = choice_show,
    .store = choice_store,
};

struct packed {
    u8 *bytes;
    u32 count;
};

static int ring_open(struct inode *inode, struct file *file)
{
    struct packed *packed = kmalloc(sizeof(*packed), GFP_KERNEL);
    int err;

    (void)inode;
    if (!packed)
        return -ENOMEM;
    err = trace_ring_pack(&packed->bytes, &packed->count);
    if (err) {
        kfree(packed);
        return err;
    }
    file->private = packed;
    return 0;
}

static void ring_release(struct file *file)
{
    struct packed *packed = file->private;

    vfree(packed->bytes);
    kfree(packed);
}

static ssize_t ring_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct packed *packed = file->private;
    u32 here, moved;

    if (*pos >= packed->count)
        return 0;
    here = min(it->left, packed->count - (u32)*pos);
    moved = io_put(it, packed->bytes + *pos, here);
    if (here && !moved)
        return -EFAULT;
    *pos += moved;
    return (ssize_t)moved;
}

const struct file_ops proc_trace_ring_file_ops = {
    .open = ring_open,
    .release = ring_release,
    .read = ring_read,
    .llseek = dir_llseek,
};
