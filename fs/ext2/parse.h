// fs/ext2/parse.h - from bytes of an ext2 disk to checked numbers [P]
// SPDX-License-Identifier: MIT
//
// Nothing here reads, allocates or logs; whatever is in the bytes, the result
// is numbers that are safe to use, or an error: -EUCLEAN for what no correct
// file system contains, with a word about it.
#pragma once

#include "ext2_format.h"

struct ext2_geometry {
    u32 block_bytes;
    u32 block_shift;
    u32 blocks; // numbers below this, from first_data_block on
    u32 first_data_block;
    u32 groups;
    u32 blocks_per_group;
    u32 inodes;
    u32 inodes_per_group;
    u32 inode_bytes;
    u32 table_blocks;    // of a group's inodes
    u32 overhead_blocks; // that hold no data of files
    bool has_file_types;
    bool has_large_files;
};

// ext2_super_parse - @device_bytes: size of the device. *@why: what is wrong,
// a constant. Return: 0; -EINVAL: no ext2, or one with incompatible features
// (ext2_feature_name tells which); -EUCLEAN: damaged.
__must_check int ext2_super_parse(const struct ext2_disk_super *super,
                                  u64 device_bytes, struct ext2_geometry *out,
                                  const char **why);

// ext2_unknown_features - incompatible features that are not understood.
u32 ext2_unknown_features(const struct ext2_disk_super *super);
const char *ext2_feature_name(u32 bit); // of one of these

// Where the descriptor of @group is, in bytes.
u64 ext2_group_position(const struct ext2_geometry *geometry, u32 group);

// ext2_group_head - how many blocks at the beginning of @group are a copy of
// the superblock and of the descriptors.
u32 ext2_group_head(const struct ext2_disk_super *super,
                    const struct ext2_geometry *geometry, u32 group);

// ext2_inode_position - where inode @ino is in the table of its group (whose
// number is *@out_group), in bytes from its start. Return: 0; -EUCLEAN: there
// is no such number.
__must_check int ext2_inode_position(const struct ext2_geometry *geometry,
                                     u32 ino, u32 *out_group, u32 *out_offset);
// ext2_group_table - Return: 0 and the first block of the inode table;
// -EUCLEAN: it does not lie in the file system.
__must_check int ext2_group_table(const struct ext2_geometry *geometry,
                                  const struct ext2_disk_group *group,
                                  u32 *out_block);

struct ext2_node {
    u32 mode, links, uid, gid, rdev;
    u64 size;
    u32 sectors;
    u32 atime, mtime, ctime;
    u32 dtime;      // of the deletion; parse gives 0
    bool fast_link; // the target is in block[]
    u32 block[EXT2_BLOCK_SLOTS];
};

// ext2_inode_parse - Return: 0; -EUCLEAN.
__must_check int ext2_inode_parse(const struct ext2_geometry *geometry,
                                  const struct ext2_disk_inode *inode,
                                  struct ext2_node *out, const char **why);

#define EXT2_PATH_MAX 4u

// ext2_block_path - how block @index of a file is reached: places[0] in
// inode.block, the others in the indirect blocks on the way. Return: how many
// places; -EFBIG: no file is that long.
__must_check int ext2_block_path(const struct ext2_geometry *geometry,
                                 u32 index, u32 places[EXT2_PATH_MAX]);

// ext2_block_valid - whether @block can hold data or be an indirect block.
bool ext2_block_valid(const struct ext2_geometry *geometry, u32 block);

struct ext2_entry {
    u32 ino;
    u32 type;         // 0 to 7, see EXT2_FILE_TYPES
    u32 name_length;  // 1 to 255
    const char *name; // in the block, not terminated
};

// ext2_dir_next - the next used entry of a directory block; *@offset, 0 for the
// first, moves behind it. Return: 1: there is one; 0: end of the block;
// -EUCLEAN (*@offset is at the bad entry).
__must_check int ext2_dir_next(const struct ext2_geometry *geometry,
                               const u8 *block, u32 *offset,
                               struct ext2_entry *out);
