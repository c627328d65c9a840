// fs/ext2/evict.c - inodes leave memory, and, without a name, the disk
// SPDX-License-Identifier: MIT
//
// Locking: nobody else knows the inode; meta for the blocks and the bitmaps.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "ext2.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

// An inode's block of extended attributes, which others may share.
static int drop_attributes(struct ext2_fs *fs, struct inode *inode, u64 slot)
{
    struct ext2_disk_attributes head;
    struct ext2_disk_inode disk;
    int rc = ext2_read(fs, slot, &disk, sizeof(disk));
    u64 pos;

    if (rc || !disk.file_acl)
        return rc;
    if (!ext2_block_valid(&fs->geometry, disk.file_acl))
        return ext2_corrupt(inode->super, inode->ino, "block of attributes");
    pos = (u64)disk.file_acl << fs->geometry.block_shift;
    rc = ext2_read(fs, pos, &head, sizeof(head));
    if (rc)
        return rc;
    if (head.magic != EXT2_ATTRIBUTE_MAGIC || !head.references)
        return ext2_corrupt(inode->super, inode->ino, "block of attributes");
    head.references--;
    if (head.references) {
        rc = bdev_write(fs->device, pos, &head, sizeof(head));
    } else {
        u32 block = disk.file_acl;

        disk.file_acl = 0;
        rc = bdev_write(fs->device, slot, &disk, sizeof(disk));
        if (!rc)
            ext2_block_free(fs, block);
    }
    inode->sectors -=
        min(inode->sectors, (u64)(fs->geometry.block_bytes / SECTOR_BYTES));
    return rc;
}

static int delete_inode(struct inode *inode)
{
    struct ext2_inode *ei = ext2_inode_of(inode);
    struct ext2_fs *fs = ext2_fs_of(inode);
    u64 slot;
    int rc = ext2_inode_slot(inode->super, inode->ino, &slot), error;

    if (rc)
        return rc;
    ei->node.dtime = ext2_seconds(time_wall_ns_coarse());
    if (!ei->is_new)
        rc = drop_attributes(fs, inode, slot);
    inode->mapping.size_bytes = 0;
    if (S_ISREG(inode->mode) || S_ISDIR(inode->mode) ||
        (S_ISLNK(inode->mode) && !ei->node.fast_link)) {
        error = ext2_map_cut(inode, 0);
    } else {
        memset(ei->node.block, 0, sizeof(ei->node.block));
        error = ext2_inode_store(inode);
    }
    rc = rc ? rc : error;
    error = ext2_ino_free(fs, inode->ino, inode->mode);
    return rc ? rc : error;
}

void ext2_evict(struct inode *inode)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    int rc;

    if (!inode->nlink && !(inode->super->flags & SUPER_READONLY)) {
        mutex_lock(&fs->meta);
        rc = delete_inode(inode);
        mutex_unlock(&fs->meta);
        if (rc)
            log_err("dev=%s ino=%u: cannot be deleted errno=%d",
                    fs->device->name, inode->ino, -rc);
    }
    kfree(inode->private);
}
