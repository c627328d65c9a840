// fs/ext2/inode.c - inodes and the blocks of files
// SPDX-License-Identifier: MIT
//
// Group descriptors, inode tables and indirect blocks are read through the
// page cache of the device, a few bytes at a time; content through the inode's
// own mapping. A page is read by as few requests as its blocks' places allow.
//
// Locking: a page of a file is locked while the device's pages that say where
// its blocks are get locked; never the other way round.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/slab.h>

#include "ext2.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

#define EXT2_READAHEAD_PAGES 15u

int ext2_corrupt(const struct super *super, u32 ino, const char *what)
{
    log_err("dev=%s ino=%u: corrupt: %s", super->block->name, ino, what);
    return -EUCLEAN;
}

// ---- where blocks are ------------------------------------------------------

// The block with part @index of the file; 0: a hole.
static int map_block(struct inode *inode, u32 index, u32 *out)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    const struct ext2_geometry *g = &fs->geometry;
    u32 places[EXT2_PATH_MAX], block;
    int depth = ext2_block_path(g, index, places), i, rc;

    if (depth < 0)
        return depth;
    block = ext2_node_of(inode)->block[places[0]];
    for (i = 1; block; i++) {
        if (!ext2_block_valid(g, block))
            return ext2_corrupt(inode->super, inode->ino, "block number");
        if (i == depth)
            break;
        rc = bdev_read(fs->device,
                       ((u64)block << g->block_shift) + places[i] * 4, &block,
                       sizeof(block));
        if (rc)
            return rc;
    }
    *out = block;
    return 0;
}

// Extents of page @index, neighbours made one. Return: how many; -errno.
static int map_page(struct inode *inode, u32 index, struct page_extent *extents)
{
    const struct ext2_geometry *g = &ext2_fs_of(inode)->geometry;
    u32 per_page = PAGE_SIZE >> g->block_shift, count = 0, block, i;
    u64 size = inode->mapping.size_bytes;
    int rc;

    for (i = 0; i < per_page; i++) {
        u32 file_block = index * per_page + i;
        struct page_extent *last = count ? &extents[count - 1] : NULL;
        u32 offset = i << g->block_shift;
        u64 sector;

        if ((u64)file_block << g->block_shift >= size)
            break;
        rc = map_block(inode, file_block, &block);
        if (rc)
            return rc;
        if (!block)
            continue;
        sector = (u64)block << (g->block_shift - 9);
        if (last && last->offset + last->bytes == offset &&
            last->sector + last->bytes / SECTOR_BYTES == sector)
            last->bytes += g->block_bytes;
        else
            extents[count++] =
                (struct page_extent){sector, offset, g->block_bytes};
    }
    return (int)count;
}

static int ext2_readpage(struct mapping *mapping, struct page *page)
{
    struct inode *inode = mapping->host;
    struct page_extent extents[PAGE_EXTENTS_MAX];
    int count = map_page(inode, page->index, extents);

    if (count < 0)
        return count;
    return page_read_extents(ext2_fs_of(inode)->device, page, extents,
                             (u32)count);
}

const struct mapping_ops ext2_mapping_ops = {
    .readpage = ext2_readpage,
};

// ---- symbolic links --------------------------------------------------------

static int ext2_readlink(struct inode *inode, char *buf, u32 size)
{
    const struct ext2_node *node = ext2_node_of(inode);
    u32 length = min(size, (u32)node->size);
    struct page *page;
    int rc;

    if (node->fast_link) {
        memcpy(buf, node->block, length);
        return (int)length;
    }
    rc = mapping_get_page(&inode->mapping, 0, &page, NULL);
    if (rc)
        return rc;
    page_read(buf, page, 0, length);
    page_put(page);
    return (int)length;
}

static const struct inode_ops ext2_link_inode_ops = {
    .readlink = ext2_readlink,
};

static const struct inode_ops ext2_file_inode_ops; // nothing can be changed

// ---- reading inodes --------------------------------------------------------

static int read_disk_inode(struct super *super, u32 ino,
                           struct ext2_disk_inode *out)
{
    struct ext2_fs *fs = super->private;
    const struct ext2_geometry *g = &fs->geometry;
    struct ext2_disk_group group;
    u32 number, offset, table;
    int rc = ext2_inode_position(g, ino, &number, &offset);

    if (rc)
        return ext2_corrupt(super, ino, "inode number");
    rc = bdev_read(fs->device, ext2_group_position(g, number), &group,
                   sizeof(group));
    if (rc)
        return rc;
    rc = ext2_group_table(g, &group, &table);
    if (rc)
        return ext2_corrupt(super, ino, "place of the inode table");
    return bdev_read(fs->device, ((u64)table << g->block_shift) + offset, out,
                     sizeof(*out));
}

static int read_node(struct super *super, u32 ino, struct ext2_node *out)
{
    const struct ext2_fs *fs = super->private;
    struct ext2_disk_inode disk;
    const char *why;
    int rc = read_disk_inode(super, ino, &disk);

    if (rc)
        return rc;
    rc = ext2_inode_parse(&fs->geometry, &disk, out, &why);
    return rc ? ext2_corrupt(super, ino, why) : 0;
}

static void set_operations(struct inode *inode)
{
    inode->mapping.ops = &ext2_mapping_ops;
    switch (inode->mode & S_IFMT) {
    case S_IFDIR:
        inode->ops = &ext2_dir_inode_ops;
        inode->file_ops = &ext2_dir_file_ops;
        break;
    case S_IFLNK: inode->ops = &ext2_link_inode_ops; break;
    case S_IFREG:
        inode->mapping.readahead_pages = EXT2_READAHEAD_PAGES;
        inode->file_ops = &regular_file_ops;
        // fall through
    default: inode->ops = &ext2_file_inode_ops;
    }
}

int ext2_inode_get(struct super *super, u32 ino, struct inode **out)
{
    struct inode *inode = inode_find(super, ino);
    struct ext2_node *node;
    int rc;

    if (inode) {
        *out = inode;
        return 0;
    }
    node = kmalloc(sizeof(*node), GFP_KERNEL);
    if (!node)
        return -ENOMEM;
    rc = read_node(super, ino, node);
    if (rc)
        goto err_free;
    rc = -ENOMEM;
    inode = inode_create(super, ino, node->mode);
    if (!inode)
        goto err_free;
    inode->private = node;
    inode->nlink = node->links;
    inode->uid = node->uid;
    inode->gid = node->gid;
    inode->rdev = node->rdev;
    inode->sectors = node->sectors;
    inode->atime_ns = (u64)node->atime * NSEC_PER_SEC;
    inode->mtime_ns = (u64)node->mtime * NSEC_PER_SEC;
    inode->ctime_ns = (u64)node->ctime * NSEC_PER_SEC;
    inode->mapping.size_bytes = node->size;
    set_operations(inode);
    *out = inode;
    return 0;

err_free:
    kfree(node);
    return rc;
}
