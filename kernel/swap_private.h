// kernel/swap_private.h - what swap_backing.c and swap_file.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/block.h>
#include <fs/path.h>
#include <mm/swap.h>

struct file;

// Slots that follow each other on the device.
struct swap_extent {
    u32 slot; // the first; ascending
    u32 pages;
    u64 sector;
};

// One of mm's transfers: parts of it, extent by extent, one after the other.
struct swap_transfer {
    struct block_request request;
    struct swap_device *device;
    u32 pages_done;  // by the parts before
    u32 pages_asked; // of the part under way
};

struct swap_device {
    struct list_head link; // of those that are on, or about to be
    struct block_device *block;
    struct path path;  // as it was named; mount NULL: at boot, by device
    struct file *file; // NULL: a partition
    struct swap_extent *extents;
    u32 extent_count;
    struct swap_extent whole; // extents of a partition
    struct swap_io ios[SWAP_IO_MAX];
    struct swap_transfer transfers[SWAP_IO_MAX];
};

// swap_file_lock - from now on the content of device->file is ours: refused to
// whoever would change it or its blocks. What is dirty of it is written, and
// where it lies becomes device->extents. Fills @setup: pages, slots_max, kind.
// Return: 0; as in swap_on_path. Sleeps.
__must_check int swap_file_lock(struct swap_device *device,
                                struct swap_setup *setup);

// swap_file_unlock - undo it.
void swap_file_unlock(struct swap_device *device);
