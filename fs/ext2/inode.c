// fs/ext2/inode.c - inodes, in memory and in their tables
// SPDX-License-Identifier: MIT
//
// The table is read and written through the cache of the device, one inode at
// a time. What this file system does not know of (flags, generation, extended
// attributes) stays as it is.
//
// Locking: an inode is stored by whoever changed it; two at a time do no harm,
// since each writes all that is known now, without sleeping in between.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "ext2.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

// ---- the table -------------------------------------------------------------

int ext2_inode_slot(struct super *super, u32 ino, u64 *out)
{
    struct ext2_fs *fs = super->private;
    u32 group, offset, table;
    int rc = ext2_inode_position(&fs->geometry, ino, &group, &offset);

    if (rc)
        return ext2_corrupt(super, ino, "inode number");
    rc = ext2_group_table(&fs->geometry, &fs->groups[group], &table);
    if (rc)
        return ext2_corrupt(super, ino, "place of the inode table");
    *out = ((u64)table << fs->geometry.block_shift) + offset;
    return 0;
}

u32 ext2_seconds(u64 ns)
{
    u64_div(&ns, (u32)NSEC_PER_SEC);
    return (u32)ns;
}

// What of the inode the VFS keeps, into the node.
static void collect(struct inode *inode)
{
    struct ext2_node *node = ext2_node_of(inode);

    node->mode = inode->mode;
    node->links = inode->nlink;
    node->uid = inode->uid;
    node->gid = inode->gid;
    node->sectors = (u32)inode->sectors;
    node->atime = ext2_seconds(inode->atime_ns);
    node->mtime = ext2_seconds(inode->mtime_ns);
    node->ctime = ext2_seconds(inode->ctime_ns);
    if (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode))
        node->size = inode->mapping.size_bytes;
}

// The first file of that size makes it a feature of the file system.
static void note_large_file(struct ext2_fs *fs, const struct ext2_node *node)
{
    if (fs->geometry.has_large_files || !ext2_needs_large_file(node))
        return;
    fs->disk->feature_ro_compat |= EXT2_RO_COMPAT_LARGE_FILE;
    fs->geometry.has_large_files = true;
    fs->dirty = true;
}

// All of a slot that was never ours: what is behind the 128 bytes is zeros.
static int clear_slot(struct ext2_fs *fs, u64 slot)
{
    u8 *zeros = kzalloc(fs->geometry.inode_bytes, GFP_KERNEL);
    int rc;

    if (!zeros)
        return -ENOMEM;
    rc = bdev_write(fs->device, slot, zeros, fs->geometry.inode_bytes);
    kfree(zeros);
    return rc;
}

int ext2_inode_store(struct inode *inode)
{
    struct ext2_inode *ei = ext2_inode_of(inode);
    struct ext2_fs *fs = ext2_fs_of(inode);
    struct ext2_disk_inode disk;
    u64 slot;
    int rc = ext2_inode_slot(inode->super, inode->ino, &slot);

    if (!rc && ei->is_new)
        rc = clear_slot(fs, slot);
    if (!rc)
        rc = ext2_read(fs, slot, &disk, sizeof(disk));
    if (rc)
        return rc;
    if (ei->is_new)
        disk.generation = fs->generation++;
    collect(inode);
    note_large_file(fs, &ei->node);
    ext2_inode_encode(&ei->node, &disk);
    rc = bdev_write(fs->device, slot, &disk, sizeof(disk));
    if (!rc)
        ei->is_new = false;
    return rc;
}

int ext2_write_inode(struct inode *inode)
{
    if (mutex_trylock(&inode->lock)) {
        ext2_trim(inode);
        mutex_unlock(&inode->lock);
    }
    return ext2_inode_store(inode);
}

// ---- in memory -------------------------------------------------------------

static int ext2_readlink(struct inode *inode, char *buf, u32 size)
{
    const struct ext2_node *node = ext2_node_of(inode);
    struct ext2_fs *fs = ext2_fs_of(inode);
    u32 length = min(size, (u32)node->size), done, here, block;
    int rc;

    if (node->fast_link) {
        memcpy(buf, node->block, length);
        return (int)length;
    }
    for (done = 0; done < length; done += here) {
        here = min(length - done, fs->geometry.block_bytes);
        rc = ext2_map(inode, done >> fs->geometry.block_shift, &block);
        if (!rc && !block)
            rc = ext2_corrupt(inode->super, inode->ino, "link with a hole");
        if (!rc)
            rc = ext2_read(fs, (u64)block << fs->geometry.block_shift,
                           buf + done, here);
        if (rc)
            return rc;
    }
    return (int)length;
}

static int may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

static const struct inode_ops link_inode_ops = {
    .readlink = ext2_readlink,
    .may_set_attributes = may_set_attributes,
};

static const struct inode_ops special_inode_ops = {
    .may_set_attributes = may_set_attributes,
};

static void set_operations(struct inode *inode)
{
    switch (inode->mode & S_IFMT) {
    case S_IFDIR:
        inode->ops = &ext2_dir_inode_ops;
        inode->file_ops = &ext2_dir_file_ops;
        break;
    case S_IFREG:
        inode->mapping.ops = &ext2_mapping_ops;
        inode->ops = &ext2_file_inode_ops;
        inode->file_ops = &ext2_file_ops;
        break;
    case S_IFLNK: inode->ops = &link_inode_ops; break;
    default: inode->ops = &special_inode_ops;
    }
}

static int read_node(struct super *super, u32 ino, struct ext2_node *out)
{
    struct ext2_fs *fs = super->private;
    struct ext2_disk_inode disk;
    const char *why;
    u64 slot;
    int rc = ext2_inode_slot(super, ino, &slot);

    if (!rc)
        rc = ext2_read(fs, slot, &disk, sizeof(disk));
    if (rc)
        return rc;
    rc = ext2_inode_parse(&fs->geometry, &disk, out, &why);
    return rc ? ext2_corrupt(super, ino, why) : 0;
}

static void from_node(struct inode *inode, const struct ext2_node *node)
{
    inode->nlink = node->links;
    inode->uid = node->uid;
    inode->gid = node->gid;
    inode->rdev = node->rdev;
    inode->sectors = node->sectors;
    inode->atime_ns = (u64)node->atime * NSEC_PER_SEC;
    inode->mtime_ns = (u64)node->mtime * NSEC_PER_SEC;
    inode->ctime_ns = (u64)node->ctime * NSEC_PER_SEC;
    inode->mapping.size_bytes = node->size;
}

int ext2_inode_get(struct super *super, u32 ino, struct inode **out)
{
    struct inode *inode = inode_find(super, ino);
    struct ext2_inode *ei;
    int rc;

    if (inode) {
        *out = inode;
        return 0;
    }
    ei = kzalloc(sizeof(*ei), GFP_KERNEL);
    if (!ei)
        return -ENOMEM;
    rc = read_node(super, ino, &ei->node);
    if (rc)
        goto err_free;
    rc = -ENOMEM;
    inode = inode_create(super, ino, ei->node.mode);
    if (!inode)
        goto err_free;
    inode->private = ei;
    from_node(inode, &ei->node);
    set_operations(inode);
    *out = inode;
    return 0;

err_free:
    kfree(ei);
    return rc;
}

// ---- making ----------------------------------------------------------------

int ext2_inode_make(struct inode *dir, const struct inode_seed *seed,
                    struct inode **out)
{
    struct ext2_inode *ei = kzalloc(sizeof(*ei), GFP_KERNEL);
    struct ext2_fs *fs = ext2_fs_of(dir);
    struct inode *inode;
    u32 ino;
    int rc;

    if (!ei)
        return -ENOMEM;
    mutex_lock(&fs->meta);
    rc = ext2_ino_take(fs, dir->ino, seed->mode, &ino);
    if (rc)
        goto err_unlock;
    inode = inode_create(dir->super, ino, seed->mode);
    if (!inode) {
        rc = ext2_ino_free(fs, ino, seed->mode);
        rc = rc ? rc : -ENOMEM;
        goto err_unlock;
    }
    mutex_unlock(&fs->meta);
    inode->private = ei;
    inode->nlink = 0;
    inode->rdev = seed->rdev;
    ei->is_new = true;
    ei->born = ei->named = ext2_next_sync(fs);
    if (S_ISCHR(seed->mode) || S_ISBLK(seed->mode))
        ext2_rdev_encode(seed->rdev, ei->node.block);
    set_operations(inode);
    rc = ext2_inode_store(inode);
    if (rc) {
        inode_put(inode); // which frees the number
        return rc;
    }
    *out = inode;
    return 0;

err_unlock:
    mutex_unlock(&fs->meta);
    kfree(ei);
    return rc;
}
