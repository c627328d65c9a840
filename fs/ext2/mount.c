// fs/ext2/mount.c - mounting ext2
// SPDX-License-Identifier: MIT
//
// Superblock, group descriptors, root: each is read and checked before anything
// is written. Whatever fails, all is given back.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <fs/types.h>
#include <linux/magic.h>
#include <mm/owner.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "ext2.h"
#include "super.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

#define GROUPS_MAX 0x40000u // 8 MiB of descriptors; with 4 KiB blocks: 32 TiB

void ext2_free(struct ext2_fs *fs)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(fs->slots); i++)
        kfree(fs->slots[i]);
    if (fs->zero) {
        owner_give(OWNER_IO, 1);
        page_put(fs->zero);
    }
    kfree(fs->block_bits.bits);
    kfree(fs->inode_bits.bits);
    kfree(fs->freed);
    vfree(fs->groups);
    kfree(fs->disk);
    kfree(fs);
}

static void log_features(const char *device, u32 features)
{
    u32 bit;

    for (bit = 1; bit; bit <<= 1)
        if (features & bit)
            log_err("dev=%s: incompatible feature %s (0x%x)", device,
                    ext2_feature_name(bit), bit);
}

// Reads and checks the superblock. Return: 0; -errno, logged.
static int read_super(struct ext2_fs *fs)
{
    struct block_device *device = fs->device;
    const char *why = "cannot be read";
    int rc;

    fs->disk = kzalloc(sizeof(*fs->disk), GFP_KERNEL);
    if (!fs->disk)
        return -ENOMEM;
    rc = bdev_read(device, EXT2_SUPER_OFFSET, fs->disk, sizeof(*fs->disk));
    if (!rc)
        rc = ext2_super_parse(fs->disk, device->sectors * SECTOR_BYTES,
                              &fs->geometry, &why);
    if (!rc && fs->geometry.block_bytes < block_logical_bytes(device)) {
        why = "its blocks are smaller than the disk's sectors";
        rc = -EINVAL;
    }
    if (!rc)
        return 0;
    log_err("dev=%s: %s errno=%d", device->name, why, -rc);
    if (fs->disk->magic == EXT2_MAGIC)
        log_features(device->name, ext2_unknown_features(fs->disk));
    return rc;
}

// All that the file system needs while it is mounted, but the superblock.
static int allocate(struct ext2_fs *fs)
{
    u32 bytes = fs->geometry.block_bytes, i;
    bool missing = false;

    for (i = 0; i < ARRAY_SIZE(fs->slots); i++) {
        fs->slots[i] = kmalloc(bytes, GFP_KERNEL);
        missing |= !fs->slots[i];
    }
    fs->zero = page_alloc(GFP_KERNEL | GFP_ZERO | GFP_OWNER(OWNER_IO));
    if (fs->zero)
        owner_take(OWNER_IO, 1);
    fs->block_bits.bits = kmalloc(bytes, GFP_KERNEL);
    fs->inode_bits.bits = kmalloc(bytes, GFP_KERNEL);
    fs->freed = kmalloc(EXT2_FREED_RUNS * sizeof(*fs->freed), GFP_KERNEL);
    fs->groups = vzalloc(fs->geometry.groups * (u32)sizeof(*fs->groups));
    missing |= !fs->zero || !fs->block_bits.bits || !fs->inode_bits.bits ||
               !fs->freed || !fs->groups;
    return missing ? -ENOMEM : 0;
}

// The descriptors; what is free is counted by them, as by Linux.
static int read_groups(struct ext2_fs *fs)
{
    const struct ext2_geometry *g = &fs->geometry;
    u32 group, table;
    u64 blocks = 0, inodes = 0;
    int rc = ext2_read(fs, ext2_group_position(g, 0), fs->groups,
                       g->groups * (u32)sizeof(*fs->groups));

    for (group = 0; !rc && group < g->groups; group++) {
        const struct ext2_disk_group *at = &fs->groups[group];

        rc = ext2_group_table(g, at, &table);
        if (at->free_blocks > g->blocks_per_group ||
            at->free_inodes > g->inodes_per_group ||
            !ext2_block_valid(g, at->block_bitmap) ||
            !ext2_block_valid(g, at->inode_bitmap))
            rc = -EUCLEAN;
        blocks += at->free_blocks;
        inodes += at->free_inodes;
    }
    if (rc)
        log_err("dev=%s: group descriptors errno=%d", fs->device->name, -rc);
    fs->free_blocks = (u32)blocks;
    fs->free_inodes = (u32)inodes;
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

static int load(struct ext2_fs *fs)
{
    int rc = read_super(fs);

    if (!rc && fs->geometry.groups > GROUPS_MAX) {
        log_err("dev=%s: too large", fs->device->name);
        rc = -EFBIG;
    }
    if (!rc)
        rc = allocate(fs);
    if (!rc)
        rc = read_groups(fs);
    if (!rc && !ext2_is_readonly(fs))
        rc = ext2_check_writable(fs);
    return rc;
}

static int ext2_mount(struct super *super, struct block_device *block,
                      const char *options, struct inode **out_root)
{
    struct ext2_fs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
    int rc;

    if (!fs)
        return -ENOMEM;
    fs->super = super;
    fs->device = block;
    fs->generation = ext2_now_s();
    mutex_init(&fs->meta, MUTEX_RANK_FS_META);
    super->ops = &ext2_super_ops;
    super->magic = EXT2_SUPER_MAGIC;
    super->block = block;
    super->private = fs;
    rc = ext2_parse_options(options);
    if (!rc)
        rc = ext2_claim(fs, !ext2_is_readonly(fs));
    if (rc)
        goto err_free;
    rc = load(fs);
    if (rc)
        goto err_release;
    super->max_bytes = ext2_max_bytes(&fs->geometry, fs->disk->revision);
    rc = read_root(super, out_root);
    if (rc)
        goto err_release;
    if (!ext2_is_readonly(fs))
        rc = ext2_begin_writing(fs);
    if (rc)
        goto err_put;
    log_info("dev=%s %s blocks=%u block_bytes=%u inodes=%u", block->name,
             ext2_is_readonly(fs) ? "ro" : "rw", fs->geometry.blocks,
             fs->geometry.block_bytes, fs->geometry.inodes);
    return 0;

err_put:
    inode_put(*out_root);
err_release:
    block_release(block);
err_free:
    ext2_free(fs);
    return rc;
}

struct fs_type ext2_type = {
    .name = "ext2",
    .needs_device = true,
    .mount = ext2_mount,
};
