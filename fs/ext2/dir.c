// fs/ext2/dir.c - directories of ext2
// SPDX-License-Identifier: MIT
//
// Linear lists of entries, block by block, through the directory's own pages.
// A block is copied out before it is looked at, so that nothing is mapped while
// entries are given to a reader. The position in a directory is the byte
// offset of an entry.

#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/slab.h>

#include "ext2.h"

// Copies the block at byte @pos of @dir to @block.
static int read_block(struct inode *dir, u64 pos, u8 *block)
{
    u32 bytes = ext2_fs_of(dir)->geometry.block_bytes;
    struct page *page;
    int rc;

    rc = mapping_get_page(&dir->mapping, (u32)(pos >> PAGE_SHIFT), &page, NULL);
    if (rc)
        return rc;
    page_read(block, page, (u32)pos & (PAGE_SIZE - 1), bytes);
    page_put(page);
    return 0;
}

// Looks for @name in one block. Return: 1 and the inode's number; 0; -EUCLEAN.
static int search_block(struct inode *dir, const u8 *block,
                        const struct name *name, u32 *out_ino)
{
    const struct ext2_geometry *g = &ext2_fs_of(dir)->geometry;
    struct ext2_entry entry;
    u32 offset = 0;
    int rc;

    while ((rc = ext2_dir_next(g, block, &offset, &entry)) > 0) {
        if (entry.name_length != name->length ||
            memcmp(entry.name, name->text, name->length) != 0)
            continue;
        *out_ino = entry.ino;
        return 1;
    }
    return rc < 0 ? ext2_corrupt(dir->super, dir->ino, "directory entry") : 0;
}

static int ext2_lookup(struct inode *dir, const struct name *name,
                       struct inode **out)
{
    u32 block_bytes = ext2_fs_of(dir)->geometry.block_bytes, ino = 0;
    u8 *block = kmalloc(block_bytes, GFP_KERNEL);
    u64 pos;
    int rc = 0;

    if (!block)
        return -ENOMEM;
    for (pos = 0; pos < dir->mapping.size_bytes; pos += block_bytes) {
        rc = read_block(dir, pos, block);
        if (!rc)
            rc = search_block(dir, block, name, &ino);
        if (rc)
            break;
    }
    kfree(block);
    if (rc < 0)
        return rc;
    return rc ? ext2_inode_get(dir->super, ino, out) : -ENOENT;
}

const struct inode_ops ext2_dir_inode_ops = {
    .lookup = ext2_lookup,
};

// The kinds of getdents (mode >> 12) by those of ext2.
static const u8 entry_types[EXT2_FILE_TYPES] = {0, 010, 4, 2, 6, 1, 014, 012};

// Gives the entries of a block from @offset on. Return: 1: the sink is full;
// 0: end of the block; -EUCLEAN. file->pos moves.
static int give_block(struct file *file, const u8 *block, u64 base, u32 start,
                      struct dir_sink *sink)
{
    const struct ext2_geometry *g = &ext2_fs_of(file->inode)->geometry;
    struct ext2_entry entry;
    u32 offset = 0;
    int rc;

    // From the start of the block: a position that lseek made up is no entry.
    while ((rc = ext2_dir_next(g, block, &offset, &entry)) > 0) {
        struct name name = {entry.name, entry.name_length};

        if (offset <= start)
            continue;
        if (!sink->add(sink, &name, entry.ino, entry_types[entry.type],
                       base + offset))
            return 1;
        file->pos = base + offset;
    }
    if (rc < 0)
        return ext2_corrupt(file->inode->super, file->inode->ino,
                            "directory entry");
    file->pos = base + g->block_bytes;
    return 0;
}

static int ext2_readdir(struct file *file, struct dir_sink *sink)
{
    u32 block_bytes = ext2_fs_of(file->inode)->geometry.block_bytes;
    u8 *block = kmalloc(block_bytes, GFP_KERNEL);
    u64 base;
    int rc = 0;

    if (!block)
        return -ENOMEM;
    while (!rc && file->pos < file->inode->mapping.size_bytes) {
        base = ALIGN_DOWN(file->pos, block_bytes);
        rc = read_block(file->inode, base, block);
        if (!rc)
            rc = give_block(file, block, base, (u32)(file->pos - base), sink);
    }
    kfree(block);
    return rc < 0 ? rc : 0;
}

const struct file_ops ext2_dir_file_ops = {
    .readdir = ext2_readdir,
    .llseek = dir_llseek,
};
