// fs/ext2/file.c - content of files
// SPDX-License-Identifier: MIT
//
// Blocks are taken before a page is changed (prepare_write), for what the file
// will have of that page and no more: e2fsck allows no blocks beyond the size.
// Holes elsewhere in the page stay holes. A page with a fresh block is dirty
// from then on, so that what the block held before is never read. A write that
// fails after that leaves blocks beyond the size (ext2_inode.reach); they go
// with the next store of the inode.
//
// What is beyond the size in the last block is zeros on the disk: mm clears it
// before writepage.
//
// Locking: inode->lock for the size; the page's lock in the operations of the
// mapping.

#include <drivers/block.h>
#include <fs/bdev.h>

#include "ext2.h"

static u64 blocks_for(const struct inode *inode, u64 bytes)
{
    const struct ext2_geometry *g = &ext2_fs_of(inode)->geometry;

    return (bytes + g->block_bytes - 1) >> g->block_shift;
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
        rc = ext2_map(inode, file_block, &block);
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

static int ext2_writepage(struct mapping *mapping, struct page *page)
{
    struct inode *inode = mapping->host;
    struct page_extent extents[PAGE_EXTENTS_MAX];
    int count = map_page(inode, page->index, extents);

    if (count < 0)
        return count;
    return page_write_extents(ext2_fs_of(inode)->device, page, extents,
                              (u32)count);
}

// ---- blocks for what is to be written --------------------------------------

// Blocks for bytes [from, to). *@fresh: set if one was taken. meta is held.
static int make_blocks(struct inode *inode, u64 from, u64 to, bool *fresh)
{
    u32 shift = ext2_fs_of(inode)->geometry.block_shift, block;
    u64 index;
    bool taken;
    int rc;

    for (index = from >> shift; index << shift < to; index++) {
        rc = ext2_map_make(inode, (u32)index, &block, &taken);
        if (rc)
            return rc;
        *fresh |= taken;
    }
    return 0;
}

// The size becomes @end_bytes. Who has the last page mapped may store into what
// becomes part of the file, without another fault: it gets blocks now.
static int cover_tail(struct inode *inode, u64 end_bytes)
{
    u64 size = inode->mapping.size_bytes;
    u64 page_end = ALIGN_UP(size, (u64)PAGE_SIZE);
    struct page *page;
    bool fresh = false;
    int rc = 0;

    if (size == page_end ||
        end_bytes <= blocks_for(inode, size)
                         << ext2_fs_of(inode)->geometry.block_shift)
        return 0;
    page = mapping_find_page(&inode->mapping, (u32)(size >> PAGE_SHIFT));
    if (!page)
        return 0;
    if (page->mapcount)
        rc = make_blocks(inode, size, min(end_bytes, page_end), &fresh);
    if (fresh)
        page_mark_dirty(page);
    page_put(page);
    return rc;
}

static int ext2_prepare_write(struct mapping *mapping, struct page *page,
                              u64 end_bytes)
{
    struct inode *inode = mapping->host;
    struct ext2_inode *ei = ext2_inode_of(inode);
    struct ext2_fs *fs = ext2_fs_of(inode);
    u64 start = (u64)page->index << PAGE_SHIFT, size = mapping->size_bytes;
    bool fresh = false;
    int rc = 0;

    if (inode->super->flags & SUPER_READONLY)
        return -EROFS;
    if (end_bytes > inode->super->max_bytes)
        return -EFBIG;
    mutex_lock(&fs->meta);
    if (end_bytes > size) {
        ei->reach = max(ei->reach, end_bytes);
        if (start > size)
            rc = cover_tail(inode, end_bytes);
        inode_mark_dirty(inode); // for the trimming
    }
    if (!rc)
        rc = make_blocks(inode, start, min(end_bytes, start + PAGE_SIZE),
                         &fresh);
    if (rc && end_bytes > size)
        ext2_map_cut(inode, blocks_for(inode, size));
    mutex_unlock(&fs->meta);
    if (fresh)
        page_mark_dirty(page);
    return rc;
}

const struct mapping_ops ext2_mapping_ops = {
    .readpage = ext2_readpage,
    .prepare_write = ext2_prepare_write,
    .writepage = ext2_writepage,
};

// ---- sizes -----------------------------------------------------------------

void ext2_trim(struct inode *inode)
{
    struct ext2_inode *ei = ext2_inode_of(inode);
    u64 size = inode->mapping.size_bytes;

    if (ei->reach > size) {
        mutex_lock(&ext2_fs_of(inode)->meta);
        ext2_map_cut(inode, blocks_for(inode, size));
        mutex_unlock(&ext2_fs_of(inode)->meta);
    }
    ei->reach = 0;
}

static int grow(struct inode *inode, u64 size)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    int rc;

    mutex_lock(&fs->meta);
    rc = cover_tail(inode, size);
    if (rc)
        ext2_map_cut(inode, blocks_for(inode, inode->mapping.size_bytes));
    mutex_unlock(&fs->meta);
    if (!rc)
        mapping_truncate(&inode->mapping, size);
    return rc;
}

// The page that will be the last, if bytes behind @size in its last block have
// to become zeros on the disk. *@out: held, or NULL.
static int get_tail(struct inode *inode, u64 size, struct page **out)
{
    const struct ext2_geometry *g = &ext2_fs_of(inode)->geometry;
    u32 block;
    int rc;

    *out = NULL;
    if (!(size & (g->block_bytes - 1)))
        return 0;
    rc = ext2_map(inode, (u32)(size >> g->block_shift), &block);
    if (rc || !block)
        return rc;
    return mapping_get_page(&inode->mapping, (u32)(size >> PAGE_SHIFT), out,
                            NULL);
}

// Of the page that is cut in two, blocks may still be on their way to the disk.
static void settle_tail(struct inode *inode, u64 size, bool make_dirty)
{
    struct page *page;

    if (!(size & (PAGE_SIZE - 1)))
        return;
    page = mapping_find_page(&inode->mapping, (u32)(size >> PAGE_SHIFT));
    if (!page)
        return;
    page_lock(page);
    page_wait_writeback(page);
    if (make_dirty && page->owner == &inode->mapping)
        page_mark_dirty(page);
    page_unlock(page);
    page_put(page);
}

static int shrink(struct inode *inode, u64 size)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    struct page *tail;
    int rc = get_tail(inode, size, &tail);

    if (rc)
        return rc;
    mapping_truncate(&inode->mapping, size);
    settle_tail(inode, size, tail != NULL);
    if (tail)
        page_put(tail);
    mutex_lock(&fs->meta);
    rc = ext2_map_cut(inode, blocks_for(inode, size));
    ext2_inode_of(inode)->reach = 0;
    mutex_unlock(&fs->meta);
    return rc;
}

static int ext2_truncate(struct inode *inode, u64 size)
{
    if (size > inode->super->max_bytes)
        return -EFBIG;
    return size > inode->mapping.size_bytes ? grow(inode, size)
                                            : shrink(inode, size);
}

static int ext2_bmap(struct inode *inode, u64 pos, u64 *out_sector,
                     u32 *out_bytes)
{
    const struct ext2_geometry *g = &ext2_fs_of(inode)->geometry;
    u32 block;
    int rc = ext2_map(inode, (u32)(pos >> g->block_shift), &block);

    if (rc)
        return rc;
    *out_sector = (u64)block << (g->block_shift - 9);
    *out_bytes = g->block_bytes;
    return 0;
}

static int may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

const struct inode_ops ext2_file_inode_ops = {
    .truncate = ext2_truncate,
    .bmap = ext2_bmap,
    .may_set_attributes = may_set_attributes,
};
