// fs/bdev.c - block devices: their page cache, and files on them
// SPDX-License-Identifier: MIT
//
// Metadata of file systems and reads of /dev/sda3 go through one mapping per
// device, an identity of page and sectors. Devices are opened for reading only:
// what may be written is decided by block_claim, and that is for mounts and
// swap areas (a whole disk is never writable).
//
// Of a page, bits 0 to 7 of private say which of its sectors are dirty; only
// these are written. Invariant: a page with such a bit is dirty. Locking: the
// page's lock for the bits; the rest of private is page_io.c's.

#include <fs/bdev.h>

#include <arch/cpu.h>
#include <drivers/block.h>
#include <fs/vfs.h>
#include <kernel/uaccess.h>
#include <linux/fs.h>
#include <mm/highmem.h>
#include <mm/slab.h>

#define BDEV_READAHEAD_PAGES 7u
#define DIRTY_SECTORS        ((1u << SECTORS_PER_PAGE) - 1)

// Handlers count in the upper bits.
static void change_private(struct page *page, u32 clear, u32 set)
{
    u32 flags = irq_save();

    page->private = (page->private & ~clear) | set;
    irq_restore(flags);
}

static int bdev_readpage(struct mapping *mapping, struct page *page)
{
    struct block_device *device = mapping->host;
    u64 first = (u64)page->index * SECTORS_PER_PAGE;
    struct page_extent extent = {.sector = first};

    ASSERT(first < device->sectors);
    extent.bytes =
        (u32)min((u64)SECTORS_PER_PAGE, device->sectors - first) * SECTOR_BYTES;
    return page_read_extents(device, page, &extent, 1);
}

// Runs of dirty sectors. Their bits go now: who changes them from here on makes
// the page dirty again.
static int bdev_writepage(struct mapping *mapping, struct page *page)
{
    struct page_extent extents[PAGE_EXTENTS_MAX];
    u64 first = (u64)page->index * SECTORS_PER_PAGE;
    u32 count = 0, i;

    for (i = 0; i < SECTORS_PER_PAGE; i++) {
        struct page_extent *last = count ? &extents[count - 1] : NULL;
        u32 offset = i * SECTOR_BYTES;

        if (!(page->private & 1u << i))
            continue;
        if (last && last->offset + last->bytes == offset)
            last->bytes += SECTOR_BYTES;
        else
            extents[count++] =
                (struct page_extent){first + i, offset, SECTOR_BYTES};
    }
    change_private(page, DIRTY_SECTORS, 0);
    return page_write_extents(mapping->host, page, extents, count);
}

static const struct mapping_ops bdev_mapping_ops = {
    .readpage = bdev_readpage,
    .writepage = bdev_writepage,
};

int bdev_find(const char *source, struct block_device **out)
{
    const struct inode *inode;
    struct path found;
    int rc = path_resolve(AT_FDCWD, source, WALK_FOLLOW, &found);

    if (rc) {
        *out = block_find(source);
        return *out ? 0 : rc;
    }
    inode = found.dentry->inode;
    rc = -ENOTBLK;
    if (S_ISBLK(inode->mode)) {
        *out = block_find_number(inode->rdev);
        rc = *out ? 0 : -ENXIO;
    }
    path_put(&found);
    return rc;
}

struct mapping *bdev_mapping(struct block_device *device)
{
    struct mapping *mapping;

    if (device->mapping)
        return device->mapping;
    mapping = kmalloc(sizeof(*mapping), GFP_KERNEL);
    if (!mapping)
        return NULL;
    if (device->mapping) { // made by another while we slept
        kfree(mapping);
        return device->mapping;
    }
    mapping_init(mapping, &bdev_mapping_ops, device,
                 device->sectors * SECTOR_BYTES);
    mapping->readahead_pages = BDEV_READAHEAD_PAGES;
    mapping->is_device = true;
    device->mapping = mapping;
    return mapping;
}

int bdev_read(struct block_device *device, u64 pos, void *buf, u32 bytes)
{
    struct mapping *mapping = bdev_mapping(device);
    u32 offset, here;
    struct page *page;
    int rc;

    if (!mapping)
        return -ENOMEM;
    if (bytes > mapping->size_bytes || pos > mapping->size_bytes - bytes)
        return -ENXIO;
    while (bytes) {
        offset = (u32)pos & (PAGE_SIZE - 1);
        here = min(bytes, PAGE_SIZE - offset);
        rc = mapping_get_page(mapping, (u32)(pos >> PAGE_SHIFT), &page, NULL);
        if (rc)
            return rc;
        page_read(buf, page, offset, here);
        page_put(page);
        buf = (u8 *)buf + here;
        pos += here;
        bytes -= here;
    }
    return 0;
}

// The bits of the sectors that [offset, offset + bytes) of a page touches.
static u32 sectors_touched(u32 offset, u32 bytes)
{
    u32 first = offset / SECTOR_BYTES;
    u32 end = (offset + bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;

    return ((1u << end) - 1) & ~((1u << first) - 1);
}

// ... and of those that lie wholly in it.
static u32 sectors_inside(u32 offset, u32 bytes)
{
    u32 first = (offset + SECTOR_BYTES - 1) / SECTOR_BYTES;
    u32 end = (offset + bytes) / SECTOR_BYTES;

    return end > first ? ((1u << end) - 1) & ~((1u << first) - 1) : 0;
}

// A task that is being killed must still be able to finish what it changes: a
// page is waited for as long as it takes.
static int get_page(struct mapping *mapping, u32 index, struct page **out)
{
    int rc;

    do {
        rc = mapping_grab_page(mapping, index, out);
    } while (rc == -EINTR);
    return rc;
}

int bdev_write(struct block_device *device, u64 pos, const void *buf, u32 bytes)
{
    struct mapping *mapping = bdev_mapping(device);
    u32 offset, here;
    struct page *page;
    int rc;

    if (!mapping)
        return -ENOMEM;
    if (!device->writable)
        return -EROFS;
    if (bytes > mapping->size_bytes || pos > mapping->size_bytes - bytes)
        return -ENXIO;
    while (bytes) {
        offset = (u32)pos & (PAGE_SIZE - 1);
        here = min(bytes, PAGE_SIZE - offset);
        rc = get_page(mapping, (u32)(pos >> PAGE_SHIFT), &page);
        if (rc)
            return rc;
        page_write_bytes(page, offset, buf, here);
        change_private(page, 0, sectors_touched(offset, here));
        page_mark_dirty(page);
        page_unlock(page);
        page_put(page);
        buf = (const u8 *)buf + here;
        pos += here;
        bytes -= here;
    }
    return 0;
}

static void forget(struct page *page, u32 offset, u32 bytes)
{
    page_lock(page);
    page_wait_writeback(page);
    if (page->owner) { // else reclaimed meanwhile
        change_private(page, sectors_inside(offset, bytes), 0);
        if (!(page->private & DIRTY_SECTORS))
            page_cancel_dirty(page);
    }
    page_unlock(page);
}

void bdev_forget(struct block_device *device, u64 pos, u64 bytes)
{
    struct mapping *mapping = device->mapping;

    if (!mapping)
        return;
    ASSERT(bytes <= mapping->size_bytes && pos <= mapping->size_bytes - bytes);
    while (bytes) {
        u32 offset = (u32)pos & (PAGE_SIZE - 1);
        u32 here = (u32)min(bytes, (u64)(PAGE_SIZE - offset));
        struct page *page =
            mapping_find_page(mapping, (u32)(pos >> PAGE_SHIFT));

        if (page) {
            forget(page, offset, here);
            page_put(page);
        }
        pos += here;
        bytes -= here;
    }
}

void bdev_start_sync(struct block_device *device)
{
    if (device->mapping)
        mapping_start_write(device->mapping, 0, ~0u);
}

int bdev_sync(struct block_device *device)
{
    u64 number = ++device->syncs_begun;
    int rc = 0, flushed;

    if (device->mapping)
        rc = mapping_sync(device->mapping, 0, ~0u);
    if (!device->writable)
        return rc;
    flushed = block_flush(device);
    rc = rc ? rc : flushed;
    if (!rc)
        device->syncs_done = max(device->syncs_done, number);
    return rc;
}

static int bdev_open(struct inode *inode, struct file *file)
{
    struct block_device *device = block_find_number(inode->rdev);

    if (!device)
        return -ENXIO;
    if (file_is_writable(file))
        return -EACCES; // as Linux answers for a read-only device
    if (!bdev_mapping(device))
        return -ENOMEM;
    file->private = device;
    file->error_seq = errseq_sample(&device->mapping->write_errors);
    return 0;
}

static ssize_t bdev_file_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct block_device *device = file->private;
    s64 rc = mapping_read(device->mapping, *pos, it->left, &file->readahead,
                          io_put_page, it);

    if (rc > 0)
        *pos += (u64)rc;
    return (ssize_t)rc;
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

static int bdev_ioctl(struct file *file, u32 command, u32 argument)
{
    struct block_device *device = file->private;
    void __user *user = (void __user *)(uintptr_t)argument;

    switch (command) {
    case BLKROGET: return put_user((s32)1, (s32 __user *)user);
    case BLKSSZGET: return put_user((s32)SECTOR_BYTES, (s32 __user *)user);
    case BLKBSZGET: return put_user((s32)PAGE_SIZE, (s32 __user *)user);
    case BLKGETSIZE:
        if (device->sectors > 0xffffffffu)
            return -EFBIG;
        return put_user((u32)device->sectors, (u32 __user *)user);
    case BLKGETSIZE64:
        return put_user(device->sectors * SECTOR_BYTES, (u64 __user *)user);
    default: return -ENOTTY;
    }
}

const struct file_ops block_file_ops = {
    .open = bdev_open,
    .read = bdev_file_read,
    .ioctl = bdev_ioctl,
    .llseek = bdev_llseek,
};
