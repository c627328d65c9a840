// include/fs/bdev.h - block devices as the file systems use them
// SPDX-License-Identifier: MIT
//
// A device has one cache of its content, in pages; file systems change their
// metadata there by bytes, and it is written later, or by bdev_sync. Of a page
// only the disk's sectors that were changed are ever written (page->private
// says which): the others may belong to files, whose data go through mappings
// of their own.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct block_device;
struct io_iter;
struct mapping;
struct page;

// bdev_find - by the path of a node, or a word that block_find knows.
// Return: 0; -ENOTBLK: a path to something else; -ENXIO: a node without a
// device; what the walk says. May sleep.
__must_check int bdev_find(const char *source, struct block_device **out);

// bdev_mapping - the page cache of the device's content; made at its first use,
// then there for ever. NULL: no memory. May sleep.
struct mapping *bdev_mapping(struct block_device *device);

// bdev_read - bytes of the device, through its cache. Return: 0; -EIO; -ENOMEM;
// -EINTR: killed; -ENXIO: beyond its end. May sleep.
__must_check int bdev_read(struct block_device *device, u64 pos, void *buf,
                           u32 bytes);

// bdev_write - change bytes of the device in its cache; the sectors are dirty
// then. Return: 0; -EIO, -ENOMEM: part may have been changed; -ENXIO: beyond
// its end; -EROFS: it is not armed. May sleep, not to be ended by a signal.
__must_check int bdev_write(struct block_device *device, u64 pos,
                            const void *buf, u32 bytes);

// bdev_write_page - write_page_fn (fs/vfs.h): the same from @it, as far as the
// page goes that has @pos, which lies in the device. @mapping: the device's.
// Return: bytes; 0: try again; -EFAULT; -EIO; -ENOMEM. May sleep.
ssize_t bdev_write_page(struct mapping *mapping, struct io_iter *it, u64 pos);

// bdev_drop - forget what is cached and clean. May sleep.
void bdev_drop(struct block_device *device);

// bdev_forget - the sectors that lie wholly in [pos, pos + bytes) mean nothing
// any more, or belong to a file now: what is dirty of them is not written. When
// this returns, no write of them is under way. May sleep.
void bdev_forget(struct block_device *device, u64 pos, u64 bytes);

// bdev_sync - write all that is dirty in the device's cache, wait, and have the
// disk bring everything written so far to its medium. Return: 0; -EIO, ...:
// something could not be written. May sleep.
__must_check int bdev_sync(struct block_device *device);

// bdev_start_sync - the writing alone, and nobody waits.
void bdev_start_sync(struct block_device *device);

// ---- pages and the device (fs/page_io.c) ------------------------------------

// Where a part of a page lies on the device.
struct page_extent {
    u64 sector;
    u32 offset; // in the page
    u32 bytes;  // whole sectors of the disk
};
#define PAGE_EXTENTS_MAX 8u // one for each sector

// page_read_extents - fill @page, which is locked, from @count extents in order
// of offset; what they leave out is zeros. As mapping_ops.readpage: on 0,
// page_read_done was or will be called. Never fails to start. Requests gather:
// pages that follow each other on the disk are read by one. May sleep.
__must_check int page_read_extents(struct block_device *device,
                                   struct page *page,
                                   const struct page_extent *extents,
                                   u32 count);

// page_write_extents - write @count extents of @page, as mapping_ops.writepage:
// on 0, page_write_done was or will be called, also when there are none. Needs
// no memory. May sleep.
__must_check int page_write_extents(struct block_device *device,
                                    struct page *page,
                                    const struct page_extent *extents,
                                    u32 count);

// page_io_init - boot, once; panics without memory.
void page_io_init(void);
