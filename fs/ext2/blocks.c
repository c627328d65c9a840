// fs/ext2/blocks.c - taking blocks, and giving them back
// SPDX-License-Identifier: MIT
//
// How it works: the bitmap of one group is in memory; a bit that changes is
// written through to the cache of the device. Counts are kept here and in the
// group descriptors, which super.c writes.
//
// A block that is let go stays set in its bitmap and is noted in a list of
// runs. Only when the device was sync'ed after that - no pointer to it is on
// the disk any more - are the bits cleared. That happens with each sync of the
// file system, when the list is full, and when blocks run out.
//
// Locking: ext2_fs.meta, throughout.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <kernel/cred.h>
#include <kernel/task.h>

#include "bitmap.h"
#include "ext2.h"

#define LOG_NAME "ext2"
#include <kernel/log.h>

// ---- bitmaps ---------------------------------------------------------------

int ext2_bitmap_load(struct ext2_fs *fs, struct ext2_bitmap *map, u32 block)
{
    int rc;

    if (map->block == block)
        return 0;
    map->block = 0;
    if (!ext2_block_valid(&fs->geometry, block))
        return ext2_corrupt(fs->super, 0, "place of a bitmap");
    rc = ext2_read(fs, (u64)block << fs->geometry.block_shift, map->bits,
                   fs->geometry.block_bytes);
    if (!rc)
        map->block = block;
    return rc;
}

int ext2_bitmap_store(struct ext2_fs *fs, struct ext2_bitmap *map, u32 start,
                      u32 count)
{
    u32 first = start / 8, last = (start + count - 1) / 8;
    int rc = bdev_write(fs->device,
                        ((u64)map->block << fs->geometry.block_shift) + first,
                        map->bits + first, last - first + 1);

    if (rc)
        map->block = 0; // the cache has the truth
    return rc;
}

static u32 group_start(const struct ext2_fs *fs, u32 group)
{
    return fs->geometry.first_data_block +
           group * fs->geometry.blocks_per_group;
}

static u32 group_blocks(const struct ext2_fs *fs, u32 group)
{
    return min(fs->geometry.blocks_per_group,
               fs->geometry.blocks - group_start(fs, group));
}

// ---- taking ----------------------------------------------------------------

u32 ext2_blocks_available(const struct ext2_fs *fs)
{
    const struct ext2_disk_super *disk = fs->disk;
    u32 reserved = min(disk->reserved_blocks, fs->free_blocks);

    if (capable(CAP_SYS_RESOURCE) ||
        current->cred->fsuid == disk->reserved_uid ||
        (disk->reserved_gid &&
         cred_in_group(current->cred, disk->reserved_gid)))
        reserved = 0;
    return fs->free_blocks - reserved;
}

int ext2_blocks_reserve(struct ext2_fs *fs, u32 count)
{
    int rc;

    if (ext2_blocks_available(fs) >= count)
        return 0;
    rc = ext2_blanks_return(fs);
    if (!rc && ext2_blocks_available(fs) < count && fs->freed_blocks)
        rc = ext2_freed_commit(fs);
    if (!rc && ext2_blocks_available(fs) < count)
        rc = -ENOSPC;
    return rc;
}

// Whether @block is one of @group's own: a bitmap that gives it away lies.
static bool is_metadata(const struct ext2_fs *fs, u32 group, u32 block)
{
    const struct ext2_disk_group *g = &fs->groups[group];

    return block == g->block_bitmap || block == g->inode_bitmap ||
           block - g->inode_table < fs->geometry.table_blocks ||
           block - group_start(fs, group) <
               ext2_group_head(fs->disk, &fs->geometry, group);
}

// Takes a block of @group, near bit @goal. Return: 0; -ENOSPC: none is left
// there; -errno.
static int take_in_group(struct ext2_fs *fs, u32 group, u32 goal, u32 *out)
{
    struct ext2_disk_group *g = &fs->groups[group];
    struct ext2_bitmap *map = &fs->block_bits;
    u32 bit, block, wrong;
    int rc;

    if (!g->free_blocks)
        return -ENOSPC;
    rc = ext2_bitmap_load(fs, map, g->block_bitmap);
    if (rc)
        return rc;
    if (!ext2_bitmap_find(map->bits, group_blocks(fs, group), goal, 1, &bit))
        return ext2_corrupt(fs->super, 0, "count of free blocks");
    block = group_start(fs, group) + bit;
    if (is_metadata(fs, group, block))
        return ext2_corrupt(fs->super, 0, "block bitmap");
    wrong = ext2_bitmap_set(map->bits, bit, 1);
    ASSERT(wrong == 0);
    rc = ext2_bitmap_store(fs, map, bit, 1);
    if (rc)
        return rc;
    g->free_blocks--;
    fs->free_blocks--;
    fs->dirty = true;
    *out = block;
    return 0;
}

int ext2_block_take(struct ext2_fs *fs, u32 goal, u32 *out)
{
    const struct ext2_geometry *g = &fs->geometry;
    u32 group, bit, i;
    int rc;

    rc = ext2_blocks_reserve(fs, 1);
    if (rc)
        return rc;
    if (!ext2_block_valid(g, goal))
        goal = g->first_data_block;
    group = (goal - g->first_data_block) / g->blocks_per_group;
    bit = (goal - g->first_data_block) % g->blocks_per_group;
    rc = -ENOSPC;
    for (i = 0; rc == -ENOSPC && i < g->groups; i++) {
        rc = take_in_group(fs, group, bit, out);
        group = group + 1 < g->groups ? group + 1 : 0;
        bit = 0;
    }
    return rc;
}

// ---- giving back -----------------------------------------------------------

// Clears the bits; a run may span groups.
int ext2_run_free(struct ext2_fs *fs, struct ext2_run run)
{
    const struct ext2_geometry *g = &fs->geometry;
    struct ext2_bitmap *map = &fs->block_bits;
    u32 group, bit, count, wrong;
    int rc;

    while (run.count) {
        group = (run.start - g->first_data_block) / g->blocks_per_group;
        bit = run.start - group_start(fs, group);
        count = min(run.count, g->blocks_per_group - bit);
        rc = ext2_bitmap_load(fs, map, fs->groups[group].block_bitmap);
        if (rc)
            return rc;
        wrong = ext2_bitmap_clear(map->bits, bit, count);
        rc = ext2_bitmap_store(fs, map, bit, count);
        if (rc)
            return rc;
        fs->groups[group].free_blocks += (u16)(count - wrong);
        fs->free_blocks += count - wrong;
        fs->dirty = true;
        if (wrong)
            return ext2_corrupt(fs->super, 0, "a block was free already");
        run.start += count;
        run.count -= count;
    }
    return 0;
}

int ext2_freed_commit(struct ext2_fs *fs)
{
    int rc = bdev_sync(fs->device), error;
    u32 i;

    if (rc)
        return rc;
    for (i = 0; i < fs->freed_runs; i++) {
        error = ext2_run_free(fs, fs->freed[i]);
        rc = rc ? rc : error; // what stays set is lost until e2fsck finds it
    }
    fs->freed_runs = 0;
    fs->freed_blocks = 0;
    return rc;
}

static bool extend_run(struct ext2_run *run, u32 block)
{
    if (run->start + run->count == block) {
        run->count++;
        return true;
    }
    if (run->start == block + 1) {
        run->start--;
        run->count++;
        return true;
    }
    return false;
}

void ext2_block_free(struct ext2_fs *fs, u32 block)
{
    const struct ext2_geometry *g = &fs->geometry;
    u32 group = (block - g->first_data_block) / g->blocks_per_group;
    int rc;

    if (!ext2_block_valid(g, block) || is_metadata(fs, group, block)) {
        ext2_corrupt(fs->super, 0, "a file has blocks of the file system");
        return;
    }
    bdev_forget(fs->device, (u64)block << g->block_shift, g->block_bytes);
    if (!fs->freed_runs || !extend_run(&fs->freed[fs->freed_runs - 1], block)) {
        if (fs->freed_runs == EXT2_FREED_RUNS) {
            rc = ext2_freed_commit(fs);
            if (rc) { // the device fails: these blocks are lost to it
                log_err("dev=%s: %u freed blocks stay marked errno=%d",
                        fs->device->name, fs->freed_blocks, -rc);
                fs->freed_runs = fs->freed_blocks = 0;
            }
        }
        fs->freed[fs->freed_runs++] = (struct ext2_run){block, 1};
    }
    fs->freed_blocks++;
}
