// fs/ext2/ext2.h - a mounted ext2
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/vfs.h>

#include "parse.h"

struct ext2_fs { // super->private
    struct block_device *device;
    struct ext2_geometry geometry;
    u32 free_blocks, reserved_blocks, free_inodes; // as the superblock says
};

static inline struct ext2_fs *ext2_fs_of(const struct inode *inode)
{
    return inode->super->private;
}

// What an inode keeps of the disk's (inode->private).
static inline struct ext2_node *ext2_node_of(const struct inode *inode)
{
    return inode->private;
}

// ext2_inode_get - inode @ino, from memory or disk. super->names is held, or
// it is being mounted. Return: 0; -EUCLEAN, logged; -EIO; -ENOMEM; -EINTR.
__must_check int ext2_inode_get(struct super *super, u32 ino,
                                struct inode **out);

// ext2_corrupt - log what is wrong with inode @ino. Return: -EUCLEAN.
int ext2_corrupt(const struct super *super, u32 ino, const char *what);

extern const struct inode_ops ext2_dir_inode_ops;
extern const struct file_ops ext2_dir_file_ops;
extern const struct mapping_ops ext2_mapping_ops;
