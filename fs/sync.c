// fs/sync.c - bringing data to where it survives the power going off
// SPDX-License-Identifier: MIT
//
// The order: content first, so that blocks are taken; then the inodes, into the
// cache of the device; then that cache; then the disk's own.
//
// A file system without a store (tmpfs) has nothing to do.

#include <fs/sync.h>

#include <base/errno.h>
#include <drivers/block.h>
#include <fs/bdev.h>
#include <fs/vfs.h>
#include <mm/writeback.h>

static struct mapping *mapping_of(const struct file *file)
{
    const struct block_device *device = file->private;

    return S_ISBLK(file->inode->mode) ? device->mapping : &file->inode->mapping;
}

int file_write_errors(struct file *file)
{
    struct mapping *mapping = mapping_of(file);

    return errseq_check(&mapping->write_errors, &file->error_seq);
}

static int sync_inode(struct inode *inode, u64 start, u64 last)
{
    struct super *super = inode->super;
    int rc;

    (void)mapping_sync(&inode->mapping, (u32)(start >> PAGE_SHIFT),
                       (u32)min(last >> PAGE_SHIFT, (u64)0xffffffffu));
    if (!super->block || (super->flags & SUPER_READONLY))
        return 0;
    rc = inode_write(inode); // dirty or not: another may be writing it now
    return rc ? rc : bdev_sync(super->block);
}

// The size is always needed to read what was written, and times come with it in
// one table: both kinds are one. (What fdatasync could save is a write of the
// inode of a file that was only overwritten.)
int file_sync(struct file *file, u64 start, u64 last, enum file_sync_kind kind)
{
    int rc, error;

    (void)kind;
    switch (file->inode->mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR: rc = sync_inode(file->inode, start, last); break;
    case S_IFBLK: rc = bdev_sync(file->private); break;
    default: return -EINVAL;
    }
    error = file_write_errors(file);
    return error ? error : rc;
}

int fs_sync(struct super *super)
{
    return super_sync(super);
}

void fs_sync_all(void)
{
    (void)super_sync_all(); // what fails is logged
}

static struct writeback_client client = {.flush_metadata = super_flush_all};

void fs_sync_init(void)
{
    writeback_register(&client);
}
