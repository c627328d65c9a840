// fs/ext2/tree.h - taking blocks off the end of a file [P]
// SPDX-License-Identifier: MIT
//
// The blocks of a file hang on 15 places in its inode: 12 directly, the others
// below one, two and three levels of indirect blocks. A cut is done in an order
// that never leaves a pointer to what was let go:
//
//     ext2_tree_detach    places wholly beyond the cut leave the inode
//     (the caller stores the inode)
//     ext2_tree_release   what hung on them is let go
//     ext2_tree_trim      in the tree that the cut goes through, pointers are
//                         cleared in an indirect block, then what hung on them
//                         is let go
#pragma once

#include "parse.h"

#define EXT2_TREE_LEVELS 3u

struct ext2_tree_io {
    // read - the slots of indirect block @block, to @slots. 0 or -errno.
    int (*read)(void *arg, u32 block, u32 *slots);
    // clear - its slots from @first to the end become 0. 0 or -errno.
    int (*clear)(void *arg, u32 block, u32 first);
    // release - @block is not used any more.
    void (*release)(void *arg, u32 block);
    void *arg;
    u32 *slots[EXT2_TREE_LEVELS]; // room for a block each
};

// ext2_tree_detach - keep the first @keep blocks: the places beyond move from
// @roots to @cut (others there are 0).
// Return: the place whose tree is to be trimmed; 0: none.
__must_check u32 ext2_tree_detach(const struct ext2_geometry *g, u64 keep,
                                  u32 roots[EXT2_BLOCK_SLOTS],
                                  u32 cut[EXT2_BLOCK_SLOTS]);

// ext2_tree_release - all that hangs on the places in @cut, in order.
// Return: 0; the first -errno: what could not be read, or is no block
// (-EUCLEAN) was passed over, the rest is done.
__must_check int ext2_tree_release(const struct ext2_geometry *g,
                                   const u32 cut[EXT2_BLOCK_SLOTS],
                                   const struct ext2_tree_io *io);

// ext2_tree_trim - @root hangs on @place, as detach returned it, and stays.
// Return: as release.
__must_check int ext2_tree_trim(const struct ext2_geometry *g, u64 keep,
                                u32 place, u32 root,
                                const struct ext2_tree_io *io);
