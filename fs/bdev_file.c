// fs/bdev_file.c - open files on block devices
// SPDX-License-Identifier: MIT
//
// Reads and writes go through the device's cache (bdev.c), which is the one
// that file systems and swap find there afterwards; writes are on the disk
// after an fsync, and after the last close at the latest.
//
// Who may write. As everywhere, the node's mode: root. But a slip there costs a
// disk, so
//   - a whole disk, or a partition of a damaged table: nobody
//   - a partition that is mounted or in use as swap: nobody (EBUSY)
//   - one of Faultline's own type for swap, or one that the command line names
//     (bdev_write=/dev/sdXN,PARTLABEL=x): yes
//   - any other: EACCES, as for a device that is read-only, and the log says
//     which word it takes.
// While a file is open for writing, or with O_EXCL, neither mount(2) nor
// swapon(2) gets the device.
//
// Invariant: block_device.files is how many files hold its claim.

#include <fs/bdev.h>

#include <drivers/block.h>
#include <fs/vfs.h>
#include <kernel/cmdline.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <mm/pagecache.h>
#include <mm/writeback.h>

#define LOG_NAME "bdev"
#include <kernel/log.h>

#define WORD_BYTES 256u
#define HEADS      255u // of a geometry that nobody has: Linux's
#define TRACK      63u  // sectors

// ---- who may write ---------------------------------------------------------

// Whether the list of names, separated by commas, has @device.
static bool list_names(char *list, const struct block_device *device)
{
    while (*list) {
        char *end = list;
        bool last;

        while (*end && *end != ',')
            end++;
        last = !*end;
        *end = '\0';
        if (block_find(list) == device)
            return true;
        if (last)
            return false;
        list = end + 1;
    }
    return false;
}

static bool is_named(const struct block_device *device)
{
    char list[WORD_BYTES];

    return cmdline_get("bdev_write", list, sizeof(list)) &&
           list_names(list, device);
}

static bool may_write(const struct block_device *device)
{
    return block_may_arm(device) &&
           (block_is_our_swap(device) || is_named(device));
}

static void log_refusal(const struct block_device *device)
{
    if (block_may_arm(device))
        log_warn("%s is not written by programs: pid=%d name=%s; the word "
                 "bdev_write=/dev/%s on the command line would allow it",
                 device->name, current->pid, current->name, device->name);
    else
        log_warn("%s is never written: pid=%d name=%s%s%s", device->name,
                 current->pid, current->name,
                 device->whole == device ? ", a whole disk" : "",
                 device->whole->protection ? ", protected" : "");
}

// ---- claims ----------------------------------------------------------------

static int claim(struct block_device *device, struct file *file)
{
    bool writes = file_is_writable(file), alone = file->flags & O_EXCL;
    int rc;

    if (!writes && !alone)
        return 0;
    if (device->claimed && !device->files)
        return -EBUSY; // mounted, or swap
    if (alone && device->exclusive)
        return -EBUSY;
    if (writes && !may_write(device)) {
        log_refusal(device);
        return -EACCES;
    }
    if (!device->files) {
        rc = block_claim(device, writes);
        if (rc)
            return rc;
    }
    device->files++;
    if (writes)
        device->writable = true;
    if (alone)
        device->exclusive = file;
    return 0;
}

// What was written goes to the disk before others may have it.
static void bdev_file_release(struct file *file)
{
    struct block_device *device = file->private;
    bool alone = device->exclusive == file;

    if (!file_is_writable(file) && !alone)
        return;
    if (file_is_writable(file) && bdev_sync(device))
        log_err("%s: not all that was written is on the disk", device->name);
    if (alone)
        device->exclusive = NULL;
    if (--device->files)
        return;
    block_release(device);
}

static int bdev_open(struct inode *inode, struct file *file)
{
    struct block_device *device = block_find_number(inode->rdev);
    int rc;

    if (!device)
        return -ENXIO;
    if (!bdev_mapping(device))
        return -ENOMEM;
    rc = claim(device, file);
    if (rc)
        return rc;
    file->private = device;
    file->error_seq = errseq_sample(&device->mapping->write_errors);
    return 0;
}

// ---- bytes -----------------------------------------------------------------

static ssize_t bdev_file_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct block_device *device = file->private;
    s64 rc = mapping_read(device->mapping, *pos, it->left, &file->readahead,
                          io_put_page, it);

    if (rc > 0)
        *pos += (u64)rc;
    return (ssize_t)rc;
}

static ssize_t bdev_file_write(struct file *file, struct io_iter *it, u64 *pos)
{
    struct block_device *device = file->private;
    u64 size = device->mapping->size_bytes;
    ssize_t rc;
    int err;

    if (device->read_only)
        return -EPERM;
    if (!it->left)
        return 0;
    if (*pos >= size)
        return -ENOSPC;
    it->left = (u32)min((u64)it->left, size - *pos);
    rc = mapped_write_pages(device->mapping, bdev_write_page, it, pos);
    if (rc <= 0 || !(file->flags & O_DSYNC))
        return rc;
    err = bdev_sync(device);
    return err ? err : rc;
}

static s64 bdev_llseek(struct file *file, s64 offset, u32 whence)
{
    struct block_device *device = file->private;
    u64 size = device->mapping->size_bytes;

    switch (whence) {
    case SEEK_SET: break;
    case SEEK_CUR: offset += (s64)file->pos; break;
    case SEEK_END: offset += (s64)size; break;
    default: return -EINVAL;
    }
    if (offset < 0 || (u64)offset > size)
        return -EINVAL;
    file->pos = (u64)offset;
    return offset;
}

// ---- ioctl -----------------------------------------------------------------

static int get_geometry(const struct block_device *device,
                        struct hd_geometry __user *out)
{
    u64 cylinders = device->sectors;
    u32 rest = u64_div(&cylinders, HEADS * TRACK);
    struct hd_geometry geometry = {
        .heads = HEADS,
        .sectors = TRACK,
        .cylinders = (u16)min(cylinders, (u64)0xffff),
        .start = (u32)device->start_sector,
    };

    (void)rest; // is in no cylinder
    return copy_to_user(out, &geometry, sizeof(geometry));
}

static int set_read_only(struct block_device *device, const s32 __user *user)
{
    s32 on;

    if (get_user(on, user))
        return -EFAULT;
    device->read_only = on != 0;
    return 0;
}

static int flush_buffers(struct block_device *device)
{
    int rc = bdev_sync(device);

    mapping_drop_clean(device->mapping, 0, ~0u);
    return rc;
}

// What is done, not asked: for root.
static int ioctl_do(struct block_device *device, u32 command, void __user *user)
{
    if (!capable(CAP_SYS_ADMIN))
        return -EACCES;
    switch (command) {
    case BLKFLSBUF: return flush_buffers(device);
    case BLKROSET: return set_read_only(device, user);
    // The table is read once, when the disk is found.
    case BLKRRPART: return device->whole == device ? -EBUSY : -EINVAL;
    default: return -EOPNOTSUPP; // discarding
    }
}

static int bdev_ioctl(struct file *file, u32 command, u32 argument)
{
    struct block_device *device = file->private;
    void __user *user = (void __user *)(uintptr_t)argument;

    switch (command) {
    case BLKROGET: return put_user((s32)!may_write(device), (s32 __user *)user);
    case BLKSSZGET:
        return put_user(block_logical_bytes(device), (u32 __user *)user);
    case BLKPBSZGET:
    case BLKIOMIN:
        return put_user(device->whole->physical_bytes, (u32 __user *)user);
    case BLKALIGNOFF:
        return put_user(block_alignment(device), (u32 __user *)user);
    case BLKIOOPT:
    case BLKDISCARDZEROES: return put_user(0u, (u32 __user *)user);
    case BLKBSZGET: return put_user((s32)PAGE_SIZE, (s32 __user *)user);
    case BLKGETSIZE:
        if (device->sectors > 0xffffffffu)
            return -EFBIG;
        return put_user((u32)device->sectors, (u32 __user *)user);
    case BLKGETSIZE64:
        return put_user(device->sectors * SECTOR_BYTES, (u64 __user *)user);
    case HDIO_GETGEO: return get_geometry(device, user);
    case BLKFLSBUF:
    case BLKROSET:
    case BLKRRPART:
    case BLKDISCARD:
    case BLKSECDISCARD:
    case BLKZEROOUT: return ioctl_do(device, command, user);
    default: return -ENOTTY;
    }
}

const struct file_ops block_file_ops = {
    .open = bdev_open,
    .release = bdev_file_release,
    .read = bdev_file_read,
    .write = bdev_file_write,
    .ioctl = bdev_ioctl,
    .llseek = bdev_llseek,
};
