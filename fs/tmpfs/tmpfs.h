// fs/tmpfs/tmpfs.h - what the parts of tmpfs share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/vfs.h>
#include <lib/rbtree.h>
#include <mm/shmem.h>

struct tmpfs { // super->private
    struct list_head nodes;
    struct shmem_pool pool; // size=
    u32 limit_inodes;
    // Those there are, and the names that they have beyond the first, as on
    // Linux: names take memory, too.
    u32 inodes;
    u32 root_mode;
    u32 root_uid, root_gid;
};

struct tmpfs_node {        // inode->private
    struct list_head link; // tmpfs.nodes
    struct inode *inode;
    struct rb_root names;     // directories: entries by name
    struct list_head entries; // ... and in order of creation
    u64 next_position;        // ... what the next entry gets
    char *target;             // symbolic links
    struct shmem shmem;       // regular files
    u32 seals;                // ... F_SEAL_*; changed under inode->lock
};

static inline struct tmpfs *tmpfs_of(const struct inode *inode)
{
    return inode->super->private;
}
static inline struct tmpfs_node *tmpfs_node_of(const struct inode *inode)
{
    return inode->private;
}

// tmpfs_inode_create - a new inode without a name, nlink 1 (directories: 2).
// Return: 0; -ENOSPC: as many as there may be; -ENOMEM.
__must_check int tmpfs_inode_create(struct super *super,
                                    const struct inode_seed *seed,
                                    struct inode **out);

// tmpfs_dir_clear - take all entries out (unmounting).
void tmpfs_dir_clear(struct inode *dir);

extern const struct inode_ops tmpfs_dir_inode_ops;
extern const struct file_ops tmpfs_dir_file_ops;
extern const struct inode_ops tmpfs_file_inode_ops;
extern const struct file_ops tmpfs_file_ops;
extern const struct mapping_ops tmpfs_mapping_ops;
