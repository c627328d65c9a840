// fs/ext2/dir.c - directories of ext2
// SPDX-License-Identifier: MIT
//
// Linear lists of entries, block by block. Directories are metadata: their
// blocks are read and written through the cache of the device, and they have no
// pages of their own. A block is copied out, checked and changed in the copy,
// so that nothing is half done when something is wrong with it.
//
// The position in a directory is the byte offset of an entry. Entries never
// move, so whoever goes on from a position sees each that stays exactly once.
//
// Locking: super->names.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "dirblock.h"
#include "ext2.h"

static int damaged(struct inode *dir)
{
    return ext2_corrupt(dir->super, dir->ino, "directory entry");
}

// Copies the block at byte @pos of @dir to @block; checked. *@out: where it is.
static int read_block(struct inode *dir, u64 pos, u8 *block, u32 *out)
{
    struct ext2_fs *fs = ext2_fs_of(dir);
    const struct ext2_geometry *g = &fs->geometry;
    int rc = ext2_map(dir, (u32)(pos >> g->block_shift), out);

    if (!rc && !*out)
        rc = ext2_corrupt(dir->super, dir->ino, "directory with a hole");
    if (!rc)
        rc = ext2_read(fs, (u64)*out << g->block_shift, block, g->block_bytes);
    if (!rc && ext2_dirblock_check(g, block))
        rc = damaged(dir);
    return rc;
}

int ext2_dir_read(struct inode *dir, struct ext2_place *place)
{
    return read_block(dir, place->base, place->block, &place->disk_block);
}

int ext2_dir_store(struct inode *dir, const struct ext2_place *place)
{
    struct ext2_fs *fs = ext2_fs_of(dir);

    return bdev_write(fs->device,
                      (u64)place->disk_block << fs->geometry.block_shift,
                      place->block, fs->geometry.block_bytes);
}

int ext2_dir_find(struct inode *dir, const struct name *name,
                  struct ext2_place *out)
{
    const struct ext2_geometry *g = &ext2_fs_of(dir)->geometry;
    u64 pos;
    int rc = 0;

    out->block = kmalloc(g->block_bytes, GFP_KERNEL);
    if (!out->block)
        return -ENOMEM;
    for (pos = 0; pos < dir->mapping.size_bytes; pos += g->block_bytes) {
        rc = read_block(dir, pos, out->block, &out->disk_block);
        if (rc)
            break;
        if (ext2_dirblock_find(g, out->block, name->text, name->length,
                               &out->at)) {
            out->base = pos;
            return 0;
        }
    }
    kfree(out->block);
    return rc ? rc : -ENOENT;
}

static int ext2_lookup(struct inode *dir, const struct name *name,
                       struct inode **out)
{
    const struct ext2_disk_dirent *entry;
    struct ext2_place place;
    u32 ino;
    int rc = ext2_dir_find(dir, name, &place);

    if (rc)
        return rc;
    entry = (const void *)(place.block + place.at);
    ino = entry->ino;
    kfree(place.block);
    return ext2_inode_get(dir->super, ino, out);
}

// ---- adding ----------------------------------------------------------------

// One more block, with @entry in it, at its start.
static int append(struct inode *dir, const struct ext2_entry *entry, u8 *block)
{
    struct ext2_fs *fs = ext2_fs_of(dir);
    const struct ext2_geometry *g = &fs->geometry;
    u64 size = dir->mapping.size_bytes;
    struct ext2_place place = {.block = block};
    bool fresh;
    u32 at;
    int rc;

    if (size + g->block_bytes > 0x7fffffffu)
        return -ENOSPC; // as far as a directory's size can tell
    ext2_dirblock_init(g, block);
    rc = ext2_dirblock_insert(g, block, entry, &at);
    ASSERT(rc == 0);
    mutex_lock(&fs->meta);
    rc = ext2_map_make(dir, (u32)(size >> g->block_shift), &place.disk_block,
                       &fresh);
    if (!rc)
        rc = ext2_dir_store(dir, &place);
    if (!rc) {
        dir->mapping.size_bytes += g->block_bytes;
        rc = ext2_inode_store(dir);
    }
    if (rc) {
        dir->mapping.size_bytes = size;
        ext2_map_cut(dir, size >> g->block_shift);
    }
    mutex_unlock(&fs->meta);
    return rc;
}

// Of a block that others made, whose last record is longer than its sector:
// the part behind its entry becomes a record of its own.
static int divide(struct inode *dir, const struct ext2_place *place, u32 length)
{
    struct ext2_fs *fs = ext2_fs_of(dir);
    u32 at;
    int rc;

    if (!ext2_dirblock_plant(&fs->geometry, place->block, length, &at))
        return -ENOSPC;
    rc = ext2_dir_store(dir, place);
    if (!rc)
        rc = bdev_sync(fs->device);
    if (!rc)
        ext2_dirblock_split(place->block, at);
    return rc;
}

static int add_to_block(struct inode *dir, struct ext2_place *place,
                        const struct ext2_entry *entry)
{
    const struct ext2_geometry *g = &ext2_fs_of(dir)->geometry;
    int rc = read_block(dir, place->base, place->block, &place->disk_block);

    if (rc)
        return rc;
    rc = ext2_dirblock_insert(g, place->block, entry, &place->at);
    if (rc == -ENOSPC) {
        rc = divide(dir, place, entry->name_length);
        if (!rc)
            rc = ext2_dirblock_insert(g, place->block, entry, &place->at);
    }
    return rc ? rc : ext2_dir_store(dir, place);
}

int ext2_dir_add(struct inode *dir, const struct name *name,
                 const struct inode *inode, u64 *out_at)
{
    const struct ext2_geometry *g = &ext2_fs_of(dir)->geometry;
    struct ext2_entry entry = {inode->ino, ext2_entry_type(inode->mode),
                               name->length, name->text};
    struct ext2_place place = {.block = kmalloc(g->block_bytes, GFP_KERNEL),
                               .base = ext2_inode_of(dir)->room};
    int rc = -ENOSPC;

    if (!place.block)
        return -ENOMEM;
    for (; place.base < dir->mapping.size_bytes; place.base += g->block_bytes) {
        rc = add_to_block(dir, &place, &entry);
        if (rc != -ENOSPC)
            break;
    }
    if (place.base == dir->mapping.size_bytes) {
        rc = append(dir, &entry, place.block);
        place.at = 0;
    }
    kfree(place.block);
    if (!rc)
        ext2_inode_of(dir)->room = place.base;
    *out_at = place.base + place.at;
    return rc;
}

int ext2_dir_begin(struct inode *dir, u32 parent)
{
    const struct ext2_geometry *g = &ext2_fs_of(dir)->geometry;
    struct ext2_entry dot = {dir->ino, ext2_entry_type(S_IFDIR), 1, "."};
    struct ext2_entry dots = {parent, ext2_entry_type(S_IFDIR), 2, ".."};
    u8 *block = kmalloc(g->block_bytes, GFP_KERNEL);
    struct ext2_place place = {.block = block};
    u32 at;
    int rc;

    if (!block)
        return -ENOMEM;
    rc = append(dir, &dot, block);
    if (!rc)
        rc = read_block(dir, 0, block, &place.disk_block);
    if (!rc) {
        rc = ext2_dirblock_insert(g, block, &dots, &at);
        ASSERT(rc == 0);
        rc = ext2_dir_store(dir, &place);
    }
    kfree(block);
    return rc;
}

int ext2_dir_is_empty(struct inode *dir)
{
    const struct ext2_geometry *g = &ext2_fs_of(dir)->geometry;
    u8 *block = kmalloc(g->block_bytes, GFP_KERNEL);
    bool empty = true;
    u32 disk_block;
    int rc = 0;
    u64 pos;

    if (!block)
        return -ENOMEM;
    for (pos = 0; !rc && empty && pos < dir->mapping.size_bytes;
         pos += g->block_bytes) {
        rc = read_block(dir, pos, block, &disk_block);
        empty = rc || ext2_dirblock_is_empty(g, block);
    }
    kfree(block);
    return rc ? rc : empty;
}

static int may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

const struct inode_ops ext2_dir_inode_ops = {
    .lookup = ext2_lookup,
    .create = ext2_create,
    .link = ext2_link,
    .make_unnamed = ext2_inode_make,
    .remove = ext2_remove,
    .rename = ext2_rename,
    .may_set_attributes = may_set_attributes,
};

// ---- reading ---------------------------------------------------------------

// The kinds of getdents (mode >> 12) by those of ext2.
static const u8 entry_types[EXT2_FILE_TYPES] = {0, 010, 4, 2, 6, 1, 014, 012};

// Gives the entries of a block that begin at @start or later. Return: 1: the
// sink is full; 0: end of the block; -EUCLEAN. file->pos moves.
static int give_block(struct file *file, const u8 *block, u64 base, u32 start,
                      struct dir_sink *sink)
{
    const struct ext2_geometry *g = &ext2_fs_of(file->inode)->geometry;
    struct ext2_entry entry;
    u32 offset = 0, at;
    int rc;

    // From the start of the block: a position that lseek made up is no entry.
    while ((rc = ext2_dir_next(g, block, &offset, &entry)) > 0) {
        struct name name = {entry.name, entry.name_length};

        at = (u32)((const u8 *)entry.name - block) -
             (u32)sizeof(struct ext2_disk_dirent);
        if (at < start)
            continue;
        if (!sink->add(sink, &name, entry.ino, entry_types[entry.type],
                       base + offset))
            return 1;
        file->pos = base + offset;
    }
    if (rc < 0)
        return damaged(file->inode);
    file->pos = base + g->block_bytes;
    return 0;
}

static int ext2_readdir(struct file *file, struct dir_sink *sink)
{
    u32 block_bytes = ext2_fs_of(file->inode)->geometry.block_bytes;
    u8 *block = kmalloc(block_bytes, GFP_KERNEL);
    u32 disk_block;
    u64 base;
    int rc = 0;

    if (!block)
        return -ENOMEM;
    file_touch_accessed(file);
    while (!rc && file->pos < file->inode->mapping.size_bytes) {
        base = ALIGN_DOWN(file->pos, block_bytes);
        rc = read_block(file->inode, base, block, &disk_block);
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
