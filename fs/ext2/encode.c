// fs/ext2/encode.c - from numbers to bytes of an ext2 disk [P]
// SPDX-License-Identifier: MIT

#include "encode.h"

#include <base/bits.h>

#define SMALL_FILE_MAX 0x7fffffffu // what a file may have without LARGE_FILE

bool ext2_needs_large_file(const struct ext2_node *node)
{
    return (node->mode & EXT2_MODE_TYPE) == EXT2_MODE_FILE &&
           node->size > SMALL_FILE_MAX;
}

void ext2_inode_encode(const struct ext2_node *node,
                       struct ext2_disk_inode *out)
{
    u32 i;

    out->mode = (u16)node->mode;
    out->links = (u16)node->links;
    out->uid = (u16)node->uid;
    out->uid_high = (u16)(node->uid >> 16);
    out->gid = (u16)node->gid;
    out->gid_high = (u16)(node->gid >> 16);
    out->size = (u32)node->size;
    if ((node->mode & EXT2_MODE_TYPE) == EXT2_MODE_FILE)
        out->size_high = (u32)(node->size >> 32);
    out->atime = node->atime;
    out->mtime = node->mtime;
    out->ctime = node->ctime;
    out->dtime = node->dtime;
    out->sectors = node->sectors;
    if ((node->mode & EXT2_MODE_TYPE) == EXT2_MODE_DIR)
        out->flags &= ~(u32)EXT2_FLAG_INDEX;
    for (i = 0; i < EXT2_BLOCK_SLOTS; i++)
        out->block[i] = node->block[i];
}

u64 ext2_max_bytes(const struct ext2_geometry *g, u32 revision)
{
    u32 shift = g->block_shift - 2;
    u64 blocks = EXT2_DIRECT_BLOCKS, sectors_max = 0xffffffffu, indirect = 0;
    u32 level;

    if (revision == 0)
        return SMALL_FILE_MAX;
    for (level = 1; level < EXT2_PATH_MAX; level++)
        blocks += 1ull << (level * shift);
    // With all blocks there, the indirect ones are counted in sectors, too: at
    // most one for each 2^shift, with those above them one more in so many.
    sectors_max >>= g->block_shift - 9; // blocks
    if (blocks > sectors_max) {
        indirect = (sectors_max >> shift) + (sectors_max >> 2 * shift) + 3;
        blocks = sectors_max - indirect;
    }
    return blocks << g->block_shift;
}

u32 ext2_entry_type(u32 mode)
{
    switch (mode & EXT2_MODE_TYPE) {
    case EXT2_MODE_FILE: return 1;
    case EXT2_MODE_DIR: return 2;
    case EXT2_MODE_CHAR: return 3;
    case EXT2_MODE_BLOCK: return 4;
    case EXT2_MODE_FIFO: return 5;
    case EXT2_MODE_SOCKET: return 6;
    case EXT2_MODE_LINK: return 7;
    default: return 0;
    }
}

void ext2_rdev_encode(u32 rdev, u32 block[2])
{
    u32 major = rdev >> 8 & 0xfff,
        minor = (rdev & 0xff) | (rdev >> 12 & 0xfff00);

    // The old form where it fits: 8 bits each.
    block[0] = major < 256 && minor < 256 ? major << 8 | minor : 0;
    block[1] = block[0] ? 0 : rdev;
}
