// fs/ext2/map.c - where the blocks of a file are
// SPDX-License-Identifier: MIT
//
// Indirect blocks are read and written a few bytes at a time, through the cache
// of the device. Block numbers of the disk are checked where they are used.
//
// Locking: ext2_fs.meta for changes.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <lib/string.h>

#include "ext2.h"
#include "tree.h"

static u64 slot_position(const struct ext2_fs *fs, u32 block, u32 slot)
{
    return ((u64)block << fs->geometry.block_shift) + (u64)slot * sizeof(u32);
}

// A place on the path to block @places is empty, below @depth levels of which
// @known were there: how many blocks are missing from that one on.
static u32 missing_blocks(const struct ext2_fs *fs, const u32 *places,
                          int known, int depth)
{
    u32 shift = fs->geometry.block_shift - 2; // numbers in an indirect block
    u32 all = 1, before = 0;
    int i;

    for (i = known; i < depth; i++) {
        before = (before << shift) + places[i];
        all <<= shift;
    }
    return all - before;
}

int ext2_map_run(struct inode *inode, u32 index, u32 *out, u32 *out_run)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    u32 places[EXT2_PATH_MAX], block;
    int depth = ext2_block_path(&fs->geometry, index, places), i, rc;

    if (depth < 0)
        return depth;
    block = ext2_node_of(inode)->block[places[0]];
    for (i = 1; block; i++) {
        if (!ext2_block_valid(&fs->geometry, block))
            return ext2_corrupt(inode->super, inode->ino, "block number");
        if (i == depth)
            break;
        rc = ext2_read(fs, slot_position(fs, block, places[i]), &block,
                       sizeof(block));
        if (rc)
            return rc;
    }
    *out = block;
    *out_run = block ? 1 : missing_blocks(fs, places, i, depth);
    return 0;
}

int ext2_map(struct inode *inode, u32 index, u32 *out)
{
    u32 run;

    return ext2_map_run(inode, index, out, &run);
}

// ---- taking ----------------------------------------------------------------

// Where to look for a free block: behind the one taken last; behind the one
// before block @index; in the group of the inode.
static void find_goal(struct inode *inode, u32 index)
{
    const struct ext2_geometry *g = &ext2_fs_of(inode)->geometry;
    struct ext2_inode *ei = ext2_inode_of(inode);
    u32 before = 0;

    if (ei->goal)
        return;
    if (index && ext2_map(inode, index - 1, &before))
        before = 0; // whoever needs that block will hear of it
    ei->goal = before ? before + 1
                      : g->first_data_block + (inode->ino - 1) /
                                                  g->inodes_per_group *
                                                  g->blocks_per_group;
}

// Zeros for an indirect block, into the cache of the device, which may hold
// what the block was before.
static int clear_in_cache(struct ext2_fs *fs, u32 block)
{
    memset(fs->slots[0], 0, fs->geometry.block_bytes);
    return bdev_write(fs->device, slot_position(fs, block, 0), fs->slots[0],
                      fs->geometry.block_bytes);
}

// Whether part @index must not show what its block held before: names of a
// directory, and holes of which somebody may have been promised the zeros.
static bool needs_blank(const struct inode *inode, u32 index)
{
    u64 start = (u64)index << ext2_fs_of(inode)->geometry.block_shift;

    return S_ISDIR(inode->mode) ||
           (start < inode->mapping.size_bytes && ext2_is_promised(inode));
}

// A block for @inode.
static int take(struct inode *inode, bool indirect, bool blank, u32 *out)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    u32 goal = ext2_inode_of(inode)->goal;
    int rc = indirect || blank ? ext2_blank_take(fs, goal, out)
                               : ext2_block_take(fs, goal, out);

    if (rc)
        return rc;
    if (indirect) {
        rc = clear_in_cache(fs, *out);
        if (rc) {
            ext2_block_free(fs, *out);
            return rc;
        }
    }
    ext2_inode_of(inode)->goal = *out + 1;
    inode->sectors += fs->geometry.block_bytes / SECTOR_BYTES;
    return 0;
}

static void give_back(struct inode *inode, u32 block)
{
    struct ext2_fs *fs = ext2_fs_of(inode);

    ext2_block_free(fs, block);
    inode->sectors -=
        min(inode->sectors, (u64)(fs->geometry.block_bytes / SECTOR_BYTES));
}

// Makes @block hang on the last of @places; @parent is its indirect block (0:
// the inode).
static int hang(struct inode *inode, u32 parent, u32 slot, u32 block)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    int rc;

    if (parent)
        return bdev_write(fs->device, slot_position(fs, parent, slot), &block,
                          sizeof(block));
    ext2_node_of(inode)->block[slot] = block;
    rc = ext2_inode_store(inode);
    if (rc)
        ext2_node_of(inode)->block[slot] = 0;
    return rc;
}

// How much of the way to block @index is there: *@out_level places lead to
// *@out_block (0 places: nothing).
static int walk(struct inode *inode, const u32 *places, int depth,
                int *out_level, u32 *out_block)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    u32 block = ext2_node_of(inode)->block[places[0]], above = 0;
    int level = 0, rc;

    while (block) {
        if (!ext2_block_valid(&fs->geometry, block))
            return ext2_corrupt(inode->super, inode->ino, "block number");
        above = block;
        if (++level == depth)
            break;
        rc = ext2_read(fs, slot_position(fs, block, places[level]), &block,
                       sizeof(block));
        if (rc)
            return rc;
    }
    *out_level = level;
    *out_block = above;
    return 0;
}

int ext2_map_make(struct inode *inode, u32 index, u32 *out, bool *out_fresh)
{
    u32 places[EXT2_PATH_MAX], above = 0, block;
    struct ext2_fs *fs = ext2_fs_of(inode);
    int depth = ext2_block_path(&fs->geometry, index, places), level = 0;
    int rc;

    if (depth < 0)
        return depth;
    rc = walk(inode, places, depth, &level, &above);
    if (rc)
        return rc;
    *out_fresh = level < depth;
    // All or none of them: what is found missing later is no half tree.
    rc = ext2_blocks_reserve(fs, (u32)(depth - level));
    find_goal(inode, index);
    for (; !rc && level < depth; level++) {
        rc = take(inode, level + 1 < depth, needs_blank(inode, index), &block);
        if (rc)
            break;
        rc = hang(inode, level ? above : 0, places[level], block);
        if (rc)
            give_back(inode, block);
        above = block;
    }
    *out = above;
    return rc;
}

// ---- letting go ------------------------------------------------------------

static int tree_read(void *arg, u32 block, u32 *slots)
{
    struct ext2_fs *fs = ext2_fs_of(arg);

    return ext2_read(fs, slot_position(fs, block, 0), slots,
                     fs->geometry.block_bytes);
}

static int tree_clear(void *arg, u32 block, u32 first)
{
    static const u32 zeros[64];
    struct ext2_fs *fs = ext2_fs_of(arg);
    u32 slots = fs->geometry.block_bytes / sizeof(u32), here;
    int rc = 0;

    for (; !rc && first < slots; first += here) {
        here = min(slots - first, (u32)ARRAY_SIZE(zeros));
        rc = bdev_write(fs->device, slot_position(fs, block, first), zeros,
                        here * (u32)sizeof(u32));
    }
    return rc;
}

static void tree_release(void *arg, u32 block)
{
    give_back(arg, block);
}

int ext2_map_cut(struct inode *inode, u64 keep)
{
    struct ext2_fs *fs = ext2_fs_of(inode);
    const struct ext2_tree_io io = {
        .read = tree_read,
        .clear = tree_clear,
        .release = tree_release,
        .arg = inode,
        .slots = {fs->slots[0], fs->slots[1], fs->slots[2]},
    };
    u32 *roots = ext2_node_of(inode)->block, old[EXT2_BLOCK_SLOTS];
    u32 cut[EXT2_BLOCK_SLOTS], trim;
    int rc, error;

    ASSERT(mutex_held(&fs->meta));
    memcpy(old, roots, sizeof(old));
    trim = ext2_tree_detach(&fs->geometry, keep, roots, cut);
    rc = ext2_inode_store(inode);
    if (rc) {
        memcpy(roots, old, sizeof(old));
        return rc;
    }
    ext2_inode_of(inode)->goal = 0;
    error = ext2_tree_release(&fs->geometry, cut, &io);
    if (trim) {
        rc = ext2_tree_trim(&fs->geometry, keep, trim, roots[trim], &io);
        error = error ? error : rc;
    }
    rc = ext2_inode_store(inode); // the count of sectors
    if (error == -EUCLEAN)
        ext2_corrupt(inode->super, inode->ino, "block number");
    return error ? error : rc;
}
