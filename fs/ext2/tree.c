// fs/ext2/tree.c - taking blocks off the end of a file [P]
// SPDX-License-Identifier: MIT
//
// A tree of level n has n levels of indirect blocks; level 0 is a block of
// data. Recursion is as deep as the levels.

#include "tree.h"

#include <base/bits.h>
#include <base/errno.h>

static u32 slot_shift(const struct ext2_geometry *g)
{
    return g->block_shift - 2;
}

static u32 level_of(u32 place)
{
    return place < EXT2_INDIRECT ? 0 : place - EXT2_INDIRECT + 1;
}

// Blocks of data in a full tree.
static u64 capacity(const struct ext2_geometry *g, u32 level)
{
    return 1ull << (level * slot_shift(g));
}

// The first block of the file that hangs on @place.
static u64 first_of(const struct ext2_geometry *g, u32 place)
{
    u64 first = min(place, EXT2_INDIRECT);
    u32 i;

    for (i = EXT2_INDIRECT; i < place; i++)
        first += capacity(g, level_of(i));
    return first;
}

u32 ext2_tree_detach(const struct ext2_geometry *g, u64 keep,
                     u32 roots[EXT2_BLOCK_SLOTS], u32 cut[EXT2_BLOCK_SLOTS])
{
    u32 place, trim = 0;

    for (place = 0; place < EXT2_BLOCK_SLOTS; place++) {
        u64 first = first_of(g, place);

        cut[place] = 0;
        if (first >= keep) {
            cut[place] = roots[place];
            roots[place] = 0;
        } else if (keep < first + capacity(g, level_of(place)) &&
                   roots[place]) {
            trim = place;
        }
    }
    return trim;
}

static int release(const struct ext2_geometry *g, u32 block, u32 level,
                   const struct ext2_tree_io *io)
{
    u32 *slots = level ? io->slots[level - 1] : NULL, i;
    int rc, error;

    if (!block)
        return 0;
    if (!ext2_block_valid(g, block))
        return -EUCLEAN;
    error = level ? io->read(io->arg, block, slots) : 0;
    if (level && !error) {
        for (i = 0; i < 1u << slot_shift(g); i++) {
            rc = release(g, slots[i], level - 1, io);
            error = error ? error : rc;
        }
    }
    io->release(io->arg, block);
    return error;
}

int ext2_tree_release(const struct ext2_geometry *g,
                      const u32 cut[EXT2_BLOCK_SLOTS],
                      const struct ext2_tree_io *io)
{
    int rc, error = 0;
    u32 place;

    for (place = 0; place < EXT2_BLOCK_SLOTS; place++) {
        rc = release(g, cut[place], level_of(place), io);
        error = error ? error : rc;
    }
    return error;
}

// Keeps the first @keep blocks of data, at least one and not all.
static int trim(const struct ext2_geometry *g, u64 keep, u32 block, u32 level,
                const struct ext2_tree_io *io)
{
    u64 below = capacity(g, level - 1);
    u32 *slots = io->slots[level - 1], first, i;
    u32 shift = (level - 1) * slot_shift(g);
    int rc, error;

    if (!ext2_block_valid(g, block))
        return -EUCLEAN;
    error = io->read(io->arg, block, slots);
    if (error)
        return error;
    first = (u32)((keep + below - 1) >> shift);
    error = io->clear(io->arg, block, first);
    if (error)
        return error;
    for (i = first; i < 1u << slot_shift(g); i++) {
        rc = release(g, slots[i], level - 1, io);
        error = error ? error : rc;
    }
    keep -= (u64)(first - 1) << shift; // of the last slot that stays
    if (keep == below || !slots[first - 1])
        return error;
    rc = trim(g, keep, slots[first - 1], level - 1, io);
    return error ? error : rc;
}

int ext2_tree_trim(const struct ext2_geometry *g, u64 keep, u32 place, u32 root,
                   const struct ext2_tree_io *io)
{
    return trim(g, keep - first_of(g, place), root, level_of(place), io);
}
