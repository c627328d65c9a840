// include/fs/bdev.h - block devices as the file systems use them
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct block_device;
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

// Where a part of a page lies on the device.
struct page_extent {
    u64 sector;
    u32 offset; // in the page
    u32 bytes;  // multiple of a sector
};
#define PAGE_EXTENTS_MAX 8u // one for each sector

// page_read_extents - fill @page, which is locked, from @count extents in order
// of offset; what they leave out is zeros. As mapping_ops.readpage: on 0,
// page_read_done was or will be called; -ENOMEM: nothing was started.
__must_check int page_read_extents(struct block_device *device,
                                   struct page *page,
                                   const struct page_extent *extents,
                                   u32 count);
