// fs/ext2/super.c - the superblock of a mounted ext2: sync, read-only and back
// SPDX-License-Identifier: MIT
//
// Superblock and group descriptors are in memory as long as the file system is
// mounted; their copies in other groups are left to e2fsck, as by Linux.
//
// While it is mounted for writing the superblock says "not clean". It is marked
// clean by unmounting or by the way to read-only, unless it was not clean when
// it was mounted, or damage was found. As Linux's ext2 this mounts what is not
// clean for writing, with a warning: a check that was not made at boot does not
// keep the machine from starting. Damage that is met makes the file system
// read-only at once (errors=remount-ro, the only choice there is), and sets
// "errors" in the superblock. So does metadata that could not be written: what
// is on the disk is not what is here, and only who asked for that write has
// been told.
//
// Source: Linux kernel documentation, filesystems/ext2.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <lib/string.h>

#include "ext2.h"
#include "super.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

#define RO_COMPAT_KNOWN                                                        \
    ((u32)(EXT2_RO_COMPAT_SPARSE_SUPER | EXT2_RO_COMPAT_LARGE_FILE))

bool ext2_is_readonly(const struct ext2_fs *fs)
{
    return fs->super->flags & SUPER_READONLY;
}

u32 ext2_now_s(void)
{
    u64 now = time_wall_ns_coarse();

    u64_div(&now, (u32)NSEC_PER_SEC);
    return (u32)now;
}

int ext2_read(struct ext2_fs *fs, u64 pos, void *buf, u32 bytes)
{
    int rc;

    while ((rc = bdev_read(fs->device, pos, buf, bytes)) == -EINTR)
        cond_resched();
    return rc;
}

// ---- writing the superblock ------------------------------------------------

static int write_super(struct ext2_fs *fs)
{
    return bdev_write(fs->device, EXT2_SUPER_OFFSET, fs->disk,
                      sizeof(*fs->disk));
}

// Counts, into the cache of the device. meta is held.
static int write_counts(struct ext2_fs *fs)
{
    int rc;

    if (!fs->dirty)
        return 0;
    fs->disk->free_blocks = fs->free_blocks;
    fs->disk->free_inodes = fs->free_inodes;
    fs->disk->wtime = ext2_now_s();
    rc = bdev_write(fs->device, ext2_group_position(&fs->geometry, 0),
                    fs->groups, fs->geometry.groups * (u32)sizeof(*fs->groups));
    if (!rc)
        rc = write_super(fs);
    if (!rc)
        fs->dirty = false;
    return rc;
}

int ext2_corrupt(struct super *super, u32 ino, const char *what)
{
    struct ext2_fs *fs = super->private;

    log_err("dev=%s ino=%u: corrupt: %s", fs->device->name, ino, what);
    if (super->flags & SUPER_READONLY)
        return -EUCLEAN;
    log_err("dev=%s: read-only from now on", fs->device->name);
    super->flags |= SUPER_READONLY;
    fs->disk->state |= EXT2_STATE_ERRORS;
    fs->disk->state &= (u16)~EXT2_STATE_CLEAN;
    if (write_super(fs))
        log_err("dev=%s: the superblock cannot be written", fs->device->name);
    return -EUCLEAN;
}

static u32 device_failures(const struct ext2_fs *fs)
{
    const struct mapping *cache = fs->device->mapping;

    return cache ? cache->write_failures : 0;
}

// Whether all metadata that was to be on the disk is there. Return: 0;
// -EUCLEAN, and the file system is read-only.
static int check_written(struct ext2_fs *fs)
{
    if (ext2_is_readonly(fs) || device_failures(fs) == fs->failures)
        return 0;
    return ext2_corrupt(fs->super, 0, "metadata could not be written");
}

static int ext2_sync(struct super *super, enum super_sync how)
{
    struct ext2_fs *fs = super->private;
    int rc;

    if (!fs->device->writable)
        return 0;
    mutex_lock(&fs->meta);
    rc = check_written(fs);
    if (!rc)
        rc = write_counts(fs);
    if (!rc && how == SUPER_SYNC_WAIT)
        rc = ext2_freed_commit(fs);
    mutex_unlock(&fs->meta);
    return rc;
}

// ---- read-only and back ----------------------------------------------------

int ext2_check_writable(const struct ext2_fs *fs)
{
    const struct ext2_disk_super *disk = fs->disk;
    u32 unknown =
        disk->revision ? disk->feature_ro_compat & ~RO_COMPAT_KNOWN : 0;

    if (!unknown)
        return 0;
    log_err("dev=%s: features 0x%x allow reading only", fs->device->name,
            unknown);
    return -EINVAL;
}

int ext2_begin_writing(struct ext2_fs *fs)
{
    struct ext2_disk_super *disk = fs->disk;
    const char *name = fs->device->name;

    if (!(disk->state & EXT2_STATE_CLEAN))
        log_warn("dev=%s: not unmounted cleanly: run e2fsck", name);
    else if (disk->state & EXT2_STATE_ERRORS)
        log_warn("dev=%s: has errors: run e2fsck", name);
    else if (disk->max_mount_count != 0 && disk->max_mount_count < 0x8000 &&
             disk->mount_count >= disk->max_mount_count)
        log_warn("dev=%s: mounted %u times without a check", name,
                 disk->mount_count);
    fs->was_clean = disk->state & EXT2_STATE_CLEAN;
    fs->failures = device_failures(fs);
    disk->state &= (u16)~EXT2_STATE_CLEAN;
    disk->mount_count++;
    disk->mtime = disk->wtime = ext2_now_s();
    return write_super(fs);
}

// Nothing is dirty any more but what this writes.
static int end_writing(struct ext2_fs *fs)
{
    int rc, error;

    mutex_lock(&fs->meta);
    rc = ext2_blanks_return(fs);
    if (!rc)
        rc = ext2_freed_commit(fs);
    if (!rc)
        rc = write_counts(fs);
    error = bdev_sync(fs->device);
    rc = rc ? rc : error;
    error = check_written(fs);
    if (error) {
        rc = bdev_sync(fs->device); // that there are errors, at least
        rc = rc ? rc : -EIO;
    }
    // Last of all, when everything else is there.
    if (!rc && fs->was_clean && !(fs->disk->state & EXT2_STATE_ERRORS)) {
        fs->disk->state |= EXT2_STATE_CLEAN;
        fs->disk->wtime = ext2_now_s();
        rc = write_super(fs);
        if (!rc)
            rc = bdev_sync(fs->device);
    }
    mutex_unlock(&fs->meta);
    return rc;
}

int ext2_parse_options(const char *options)
{
    if (!*options || strcmp(options, "errors=remount-ro") == 0)
        return 0;
    log_err("unknown options: %s", options);
    return -EINVAL;
}

int ext2_claim(struct ext2_fs *fs, bool writable)
{
    int rc = block_claim(fs->device, writable);

    return rc == -EPERM ? -EROFS : rc;
}

static int ext2_remount(struct super *super, bool readonly, const char *options)
{
    struct ext2_fs *fs = super->private;
    int rc = ext2_parse_options(options);

    if (rc || readonly == ext2_is_readonly(fs))
        return rc;
    if (readonly) {
        rc = end_writing(fs);
        if (rc)
            return rc;
        block_release(fs->device);
        return ext2_claim(fs, false);
    }
    if (fs->device->writable || (fs->disk->state & EXT2_STATE_ERRORS))
        return -EROFS; // damage made it read-only: e2fsck first
    rc = ext2_check_writable(fs);
    if (rc)
        return rc;
    block_release(fs->device); // and claimed again before anybody can
    rc = ext2_claim(fs, true);
    if (rc) {
        int again = ext2_claim(fs, false);

        ASSERT(again == 0);
        return rc;
    }
    return ext2_begin_writing(fs);
}

// ---- the rest of super_ops -------------------------------------------------

static void ext2_statfs(struct super *super, struct fs_numbers *out)
{
    const struct ext2_fs *fs = super->private;
    u32 free = fs->free_blocks + fs->freed_blocks + fs->blanks;

    out->block_bytes = fs->geometry.block_bytes;
    out->blocks = fs->geometry.blocks - fs->geometry.overhead_blocks;
    out->blocks_free = free;
    out->blocks_available = free - min(free, fs->disk->reserved_blocks);
    out->inodes = fs->geometry.inodes;
    out->inodes_free = fs->free_inodes;
    out->name_max = 255;
}

static void ext2_destroy(struct super *super)
{
    struct ext2_fs *fs = super->private;
    int rc = 0;

    if (!ext2_is_readonly(fs))
        rc = end_writing(fs);
    else if (fs->device->writable) // damaged
        rc = bdev_sync(fs->device);
    if (rc)
        log_err("dev=%s: not left clean errno=%d", fs->device->name, -rc);
    block_release(fs->device);
    bdev_drop(fs->device);
    ext2_free(fs);
}

const struct super_ops ext2_super_ops = {
    .evict = ext2_evict,
    .write_inode = ext2_write_inode,
    .sync = ext2_sync,
    .remount = ext2_remount,
    .statfs = ext2_statfs,
    .destroy = ext2_destroy,
};
