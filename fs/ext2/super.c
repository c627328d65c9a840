// fs/ext2/super.c - mounting ext2
// SPDX-License-Identifier: MIT
//
// Read only for now: the device is claimed but not armed, and the file system
// says SUPER_READONLY.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <fs/types.h>
#include <linux/magic.h>
#include <mm/slab.h>

#include "ext2.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

static void ext2_evict(struct inode *inode)
{
    kfree(inode->private);
}

static void ext2_statfs(struct super *super, struct fs_numbers *out)
{
    const struct ext2_fs *fs = super->private;

    out->block_bytes = fs->geometry.block_bytes;
    out->blocks = fs->geometry.blocks - fs->geometry.overhead_blocks;
    out->blocks_free = fs->free_blocks;
    out->blocks_available = fs->free_blocks > fs->reserved_blocks
                                ? fs->free_blocks - fs->reserved_blocks
                                : 0;
    out->inodes = fs->geometry.inodes;
    out->inodes_free = fs->free_inodes;
    out->name_max = 255;
}

static void ext2_destroy(struct super *super)
{
    struct ext2_fs *fs = super->private;

    block_release(fs->device);
    kfree(fs);
}

static const struct super_ops ext2_super_ops = {
    .evict = ext2_evict,
    .statfs = ext2_statfs,
    .destroy = ext2_destroy,
};

static void log_features(const char *device, u32 features)
{
    u32 bit;

    for (bit = 1; bit; bit <<= 1)
        if (features & bit)
            log_err("dev=%s: incompatible feature %s (0x%x)", device,
                    ext2_feature_name(bit), bit);
}

// Reads and checks the superblock into @fs. Return: 0; -errno, logged.
static int read_super(struct ext2_fs *fs)
{
    struct block_device *device = fs->device;
    struct ext2_disk_super *disk = kmalloc(sizeof(*disk), GFP_KERNEL);
    const char *why = "cannot be read";
    int rc;

    if (!disk)
        return -ENOMEM;
    rc = bdev_read(device, EXT2_SUPER_OFFSET, disk, sizeof(*disk));
    if (!rc)
        rc = ext2_super_parse(disk, device->sectors * SECTOR_BYTES,
                              &fs->geometry, &why);
    if (rc) {
        log_err("dev=%s: %s errno=%d", device->name, why, -rc);
        if (disk->magic == EXT2_MAGIC)
            log_features(device->name, ext2_unknown_features(disk));
        goto out_free;
    }
    fs->free_blocks = min(disk->free_blocks, fs->geometry.blocks);
    fs->reserved_blocks = disk->reserved_blocks;
    fs->free_inodes = min(disk->free_inodes, fs->geometry.inodes);
    if (!(disk->state & EXT2_STATE_CLEAN))
        log_warn("dev=%s: not unmounted cleanly", device->name);
out_free:
    kfree(disk);
    return rc;
}

static int read_root(struct super *super, struct inode **out)
{
    int rc = ext2_inode_get(super, EXT2_ROOT_INO, out);

    if (!rc && !S_ISDIR((*out)->mode)) {
        inode_put(*out);
        rc = ext2_corrupt(super, EXT2_ROOT_INO, "the root is no directory");
    }
    return rc;
}

static int ext2_mount(struct super *super, struct block_device *block,
                      const char *options, struct inode **out_root)
{
    struct ext2_fs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
    int rc;

    (void)options; // all of them are about writing
    if (!fs)
        return -ENOMEM;
    rc = block_claim(block, false);
    if (rc)
        goto err_free;
    fs->device = block;
    rc = read_super(fs);
    if (rc)
        goto err_release;
    super->ops = &ext2_super_ops;
    super->magic = EXT2_SUPER_MAGIC;
    super->flags = SUPER_READONLY;
    super->block = block;
    super->private = fs;
    rc = read_root(super, out_root);
    if (rc)
        goto err_release;
    log_info("dev=%s blocks=%u block_bytes=%u inodes=%u", block->name,
             fs->geometry.blocks, fs->geometry.block_bytes,
             fs->geometry.inodes);
    return 0;

err_release:
    block_release(block);
err_free:
    kfree(fs);
    return rc;
}

struct fs_type ext2_type = {
    .name = "ext2",
    .needs_device = true,
    .mount = ext2_mount,
};
