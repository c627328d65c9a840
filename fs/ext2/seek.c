// fs/ext2/seek.c - where a file has data and where holes
// SPDX-License-Identifier: MIT
//
// By blocks: a block that is there is data, whatever it holds. What was written
// has its block, before it has reached the disk (file.c). The end of a file
// counts as a hole.
//
// Holes are passed over by what hangs on one missing pointer, so that a file of
// nothing else takes few steps; data, block by block, as long as nobody kills
// who asks.
//
// Locking: inode->lock: the size stays what it is.

#include <fs/file.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <linux/fs.h>

#include "ext2.h"

// The first block from @index on, below @end, that is data (@data), or a hole.
// *@out: @end: there is none.
static int find(struct inode *inode, u32 index, u32 end, bool data, u32 *out)
{
    while (index < end) {
        u32 block, run;
        int rc = ext2_map_run(inode, index, &block, &run);

        if (rc)
            return rc;
        if ((block != 0) == data)
            break;
        if (run >= end - index)
            index = end;
        else
            index += run;
        if (task_fatal_pending(current))
            return -EINTR;
        cond_resched();
    }
    *out = index;
    return 0;
}

static s64 seek(struct inode *inode, u64 pos, bool data)
{
    const struct ext2_geometry *g = &ext2_fs_of(inode)->geometry;
    u64 size = inode->mapping.size_bytes, at;
    u32 end = (u32)((size + g->block_bytes - 1) >> g->block_shift), found;
    int rc;

    if (pos >= size)
        return -ENXIO;
    rc = find(inode, (u32)(pos >> g->block_shift), end, data, &found);
    if (rc)
        return rc;
    if (data && found == end)
        return -ENXIO;
    at = (u64)found << g->block_shift;
    return (s64)min(max(at, pos), size);
}

static s64 ext2_llseek(struct file *file, s64 offset, u32 whence)
{
    struct inode *inode = file->inode;
    s64 rc;

    if (whence != SEEK_DATA && whence != SEEK_HOLE)
        return mapped_llseek(file, offset, whence);
    if (offset < 0)
        return -ENXIO;
    mutex_lock(&inode->lock);
    rc = seek(inode, (u64)offset, whence == SEEK_DATA);
    mutex_unlock(&inode->lock);
    if (rc >= 0)
        file->pos = (u64)rc;
    return rc;
}

const struct file_ops ext2_file_ops = {
    .read = mapped_read,
    .write = mapped_write,
    .llseek = ext2_llseek,
    .bind_vma = mapped_bind_vma,
};
