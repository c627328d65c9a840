// kernel/swap_file.c - files as swap areas
// SPDX-License-Identifier: MIT
//
// Where the blocks of the file lie is found out once, at swapon: swapping a
// page out then needs no file system and no memory. So they must not move:
// while it is on, the file is open for writing (its file system cannot be
// unmounted or become read-only) and marked (inode->swapfile): write, truncate,
// fallocate, shared writable mappings, unlink and rename refuse it.
//
// A slot is a page of the device, aligned: blocks smaller than a page are taken
// where as many as make up a page lie together in order; others are left out,
// so that slot n need not be page n of the file. Holes are refused. Slot 0 is
// never used, the header is read as the file's first page.
//
// Rejected: asking the file system at each transfer: a swapped page would wait
// for memory for indirect blocks.

#include "swap_private.h"

#include <base/bits.h>
#include <base/errno.h>
#include <fs/vfs.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/vmalloc.h>

#define LOG_NAME "swap"
#include <kernel/log.h>

struct mapper {
    struct inode *inode;
    u32 block_bytes;
    u64 blocks;                  // of the file, whole ones
    struct swap_extent *extents; // NULL: only count
    u32 count;                   // of extents
    u32 pages;
};

// Sector of block @index. Return: 0; -EINVAL: a hole; -errno.
static int map_block(struct mapper *m, u64 index, u64 *out_sector)
{
    u32 bytes;
    int err = m->inode->ops->bmap(m->inode, index * m->block_bytes, out_sector,
                                  &bytes);

    return !err && *out_sector == 0 ? -EINVAL : err;
}

// The page that block @first begins. *@out_sector: 0: its blocks do not make up
// an aligned page.
static int map_page(struct mapper *m, u64 first, u64 *out_sector)
{
    u32 per_page = PAGE_SIZE / m->block_bytes;
    u64 sector, next;
    int err = map_block(m, first, &sector);

    *out_sector = 0;
    if (err || sector % SECTORS_PER_PAGE)
        return err;
    for (u32 i = 1; i < per_page; i++) {
        err = map_block(m, first + i, &next);
        if (err)
            return err;
        if (next != sector + i * (m->block_bytes / SECTOR_BYTES))
            return 0;
    }
    *out_sector = sector;
    return 0;
}

static void add_page(struct mapper *m, u64 sector, struct swap_extent *last)
{
    if (!m->pages ||
        sector != last->sector + (u64)last->pages * SECTORS_PER_PAGE) {
        *last = (struct swap_extent){.slot = m->pages, .sector = sector};
        m->count++;
    }
    last->pages++;
    m->pages++;
    if (m->extents)
        m->extents[m->count - 1] = *last;
}

// All of the file. Return: 0; -EINVAL; -EINTR; -errno of the file system.
static int map_file(struct mapper *m)
{
    u32 per_page = PAGE_SIZE / m->block_bytes;
    struct swap_extent last = {0};
    u64 block = 0, sector;
    int err;

    m->count = 0;
    m->pages = 0;
    while (block + per_page <= m->blocks && m->pages < SWAP_SLOTS_MAX) {
        err = map_page(m, block, &sector);
        if (err)
            return err;
        if (sector)
            add_page(m, sector, &last);
        block += sector ? per_page : 1;
        if (signal_pending(current))
            return -EINTR;
        cond_resched();
    }
    return 0;
}

// inode->lock is held.
static int find_extents(struct swap_device *device, struct inode *inode,
                        struct swap_setup *setup)
{
    struct mapper m = {.inode = inode};
    u64 size = inode->mapping.size_bytes, sector;
    int err = inode->ops->bmap(inode, 0, &sector, &m.block_bytes);

    if (err)
        return err;
    if (m.block_bytes > PAGE_SIZE)
        return -EINVAL;
    m.blocks = size >> ilog2(m.block_bytes);
    err = map_file(&m);
    if (err)
        goto out;
    if (!m.count)
        return -EINVAL;
    m.extents = vmalloc(m.count * (u32)sizeof(*m.extents));
    if (!m.extents)
        return -ENOMEM;
    device->extents = m.extents;
    device->extent_count = m.count;
    // The same again: nobody changes the file now.
    err = map_file(&m);
    setup->kind = SWAP_FILE;
    setup->pages = (u32)min(size >> PAGE_SHIFT, (u64)0xffffffffu);
    setup->slots_max = m.pages;
out:
    if (err == -EINVAL)
        log_err("swap file has holes");
    return err;
}

static int lock_inode(struct inode *inode)
{
    if (!S_ISREG(inode->mode) || !inode->ops->bmap || !inode->super->block)
        return -EINVAL;
    if (inode->nlink == 0)
        return -ENOENT;
    if (inode->swapfile)
        return -EBUSY;
    inode->swapfile = true;
    return 0;
}

int swap_file_lock(struct swap_device *device, struct swap_setup *setup)
{
    struct inode *inode = device->file->inode;
    int err;

    mutex_lock(&inode->lock); // waits for writes that have begun
    err = lock_inode(inode);
    mutex_unlock(&inode->lock);
    if (err)
        return err;
    // Nothing old may be written over our slots later on.
    err = mapping_sync(&inode->mapping, 0, ~0u);
    mutex_lock(&inode->lock);
    if (!err)
        err = find_extents(device, inode, setup);
    mutex_unlock(&inode->lock);
    device->block = inode->super->block;
    if (err)
        swap_file_unlock(device);
    return err;
}

void swap_file_unlock(struct swap_device *device)
{
    struct inode *inode = device->file->inode;

    vfree(device->extents);
    device->extents = NULL;
    // What is cached is not what the disk has.
    mapping_drop_clean(&inode->mapping, 0, ~0u);
    inode->swapfile = false;
}
