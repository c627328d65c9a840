// fs/ext2/blank.c - blocks that are zeros on the disk
// SPDX-License-Identifier: MIT
//
// What becomes an indirect block, a block of a directory, or fills a hole of a
// file that was sync'ed, shows what it held before if the machine is cut off
// between two writes: the pointer to it was on the disk, its content not yet.
// Old bytes would be taken for block numbers or names, by which e2fsck could
// "repair" what belongs to others; or be read where there were zeros. So such
// blocks are filled with zeros first, on the disk itself and past the cache,
// and the disk is flushed, since it may write in any order.
//
// That is done for some at a time. Those left are taken in the bitmap, and hang
// on nothing: a cut loses them until e2fsck. They count as free, and are given
// back when room is short or the file system is no longer written.
//
// Locking: ext2_fs.meta, throughout.

#include <drivers/block.h>

#include "ext2.h"

// How many to make: where room is short, no more than are needed.
static u32 batch(const struct ext2_fs *fs)
{
    return ext2_blocks_available(fs) >= 4 * EXT2_BLANKS ? EXT2_BLANKS : 1;
}

static int clear_on_disk(struct ext2_fs *fs, u32 block)
{
    const struct ext2_geometry *g = &fs->geometry;

    return block_rw_page(fs->device, BLOCK_WRITE,
                         (u64)block << (g->block_shift - 9), fs->zero, 0,
                         g->block_bytes);
}

int ext2_blanks_return(struct ext2_fs *fs)
{
    int rc = 0, error;

    while (fs->blanks) {
        fs->blanks--;
        error = ext2_run_free(fs, (struct ext2_run){fs->blank[fs->blanks], 1});
        rc = rc ? rc : error;
    }
    return rc;
}

static int refill(struct ext2_fs *fs, u32 goal)
{
    u32 count = batch(fs), made[EXT2_BLANKS], taken = 0, i;
    int rc = 0, error;

    while (!rc && taken < count) {
        rc = ext2_block_take(fs, goal, &made[taken]);
        if (rc)
            break;
        goal = made[taken] + 1;
        rc = clear_on_disk(fs, made[taken++]);
    }
    if (!rc)
        rc = block_flush(fs->device);
    for (i = 0; i < taken; i++) // the first is to be handed out first
        fs->blank[i] = made[taken - 1 - i];
    fs->blanks = taken;
    if (!rc)
        return 0;
    error = ext2_blanks_return(fs);
    return error ? error : rc;
}

int ext2_blank_take(struct ext2_fs *fs, u32 goal, u32 *out)
{
    int rc = fs->blanks ? 0 : refill(fs, goal);

    if (!rc)
        *out = fs->blank[--fs->blanks];
    return rc;
}
