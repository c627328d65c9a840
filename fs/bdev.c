// fs/bdev.c - block devices: their page cache
// SPDX-License-Identifier: MIT
//
// Metadata of file systems and reads of /dev/sda3 go through one mapping per
// device, an identity of page and sectors. What may be written is decided by
// block_claim, for mounts, swap areas, and open files (bdev_file.c); a whole
// disk is never writable. Data of files and of swap go past this cache, so it
// is dropped when a mount or a swap area ends.
//
// Of a page, bits 0 to 7 of private say which of its sectors are dirty; only
// these are written. Invariants: a page with such a bit is dirty; where a
// sector of the disk's is larger, its bits are the same. Locking: the page's
// lock for the bits; the rest of private is page_io.c's.

#include <fs/bdev.h>

#include <arch/cpu.h>
#include <drivers/block.h>
#include <fs/vfs.h>
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

// The bits of the bytes [start, end) of a page, where sectors of the disk's do.
static u32 sector_bits(u32 start, u32 end)
{
    return ((1u << end / SECTOR_BYTES) - 1) &
           ~((1u << start / SECTOR_BYTES) - 1);
}

// The bits of the disk's sectors that [offset, offset + bytes) of a page
// touches.
static u32 sectors_touched(const struct block_device *device, u32 offset,
                           u32 bytes)
{
    u32 unit = block_logical_bytes(device);

    return sector_bits(ALIGN_DOWN(offset, unit),
                       ALIGN_UP(offset + bytes, unit));
}

// ... and of those that lie wholly in it.
static u32 sectors_inside(const struct block_device *device, u32 offset,
                          u32 bytes)
{
    u32 unit = block_logical_bytes(device);
    u32 start = ALIGN_UP(offset, unit);
    u32 end = ALIGN_DOWN(offset + bytes, unit);

    return end > start ? sector_bits(start, end) : 0;
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
        change_private(page, 0, sectors_touched(device, offset, here));
        page_mark_dirty(page);
        page_unlock(page);
        page_put(page);
        buf = (const u8 *)buf + here;
        pos += here;
        bytes -= here;
    }
    return 0;
}

ssize_t bdev_write_page(struct mapping *mapping, struct io_iter *it, u64 pos)
{
    u32 offset = (u32)pos & (PAGE_SIZE - 1);
    u32 bytes = min(it->left, PAGE_SIZE - offset), copied;
    struct page *page;
    u8 *window;
    int rc = io_prefault(it, bytes);

    if (!rc)
        rc = get_page(mapping, (u32)(pos >> PAGE_SHIFT), &page);
    if (rc)
        return rc;
    window = kmap_atomic(page);
    copied = io_get_atomic(it, window + offset, bytes);
    kunmap_atomic(window);
    if (copied) {
        change_private(page, 0, sectors_touched(mapping->host, offset, copied));
        page_mark_dirty(page);
    }
    page_unlock(page);
    page_put(page);
    return (ssize_t)copied;
}

static void forget(const struct block_device *device, struct page *page,
                   u32 offset, u32 bytes)
{
    page_lock(page);
    page_wait_writeback(page);
    if (page->owner) { // else reclaimed meanwhile
        change_private(page, sectors_inside(device, offset, bytes), 0);
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
            forget(device, page, offset, here);
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

void bdev_drop(struct block_device *device)
{
    if (device->mapping)
        mapping_drop_clean(device->mapping, 0, ~0u);
}
