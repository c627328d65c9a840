// fs/ext2/encode.h - from numbers to bytes of an ext2 disk [P]
// SPDX-License-Identifier: MIT
//
// The inverse of parse.h.
#pragma once

#include "parse.h"

#define EXT2_LINKS_MAX 32000u

// ext2_inode_encode - what @node has, into @out; fields that it does not have
// (flags, generation, attributes) stay as they are, but for the flag of an
// index of a directory, which nobody keeps up.
void ext2_inode_encode(const struct ext2_node *node,
                       struct ext2_disk_inode *out);

// ext2_needs_large_file - whether the superblock must have LARGE_FILE.
bool ext2_needs_large_file(const struct ext2_node *node);

// ext2_max_bytes - of a regular file: as far as the tree and the count of
// sectors reach, and, in revision 0, sizes of 31 bits.
u64 ext2_max_bytes(const struct ext2_geometry *g, u32 revision);

// ext2_entry_type - of a directory entry, by the inode's mode.
u32 ext2_entry_type(u32 mode);

// ext2_rdev_encode - a number of a device (12 bits of major, 20 of minor, as
// stat64 has it) as the first two of @block.
void ext2_rdev_encode(u32 rdev, u32 block[2]);
