// fs/ext2/ext2_format.h - ext2 as it lies on the disk
// SPDX-License-Identifier: MIT
//
// Little-endian, as is the CPU; all fields are naturally aligned. Names follow
// the documentation of the format without its prefixes.
//
// Source: "The Second Extended File System - Internal Layout", D. Poirier,
// 2001-2019; Linux kernel documentation, filesystems/ext2 and ext4.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define EXT2_SUPER_OFFSET 1024u // bytes from the start of the device
#define EXT2_SUPER_BYTES  1024u
#define EXT2_MAGIC        0xef53u
#define EXT2_ROOT_INO     2u
#define EXT2_STATE_CLEAN  1u
#define EXT2_STATE_ERRORS 2u

struct ext2_disk_super {
    u32 inodes_count;
    u32 blocks_count;
    u32 reserved_blocks;
    u32 free_blocks;
    u32 free_inodes;
    u32 first_data_block;
    u32 log_block_size; // block size is 1024 << this
    u32 log_frag_size;
    u32 blocks_per_group;
    u32 frags_per_group;
    u32 inodes_per_group;
    u32 mtime, wtime;
    u16 mount_count, max_mount_count;
    u16 magic;
    u16 state;
    u16 errors;
    u16 minor_revision;
    u32 last_check, check_interval;
    u32 creator_os;
    u32 revision;
    u16 reserved_uid, reserved_gid;
    // Revision 1 on.
    u32 first_ino;
    u16 inode_size;
    u16 block_group;
    u32 feature_compat;
    u32 feature_incompat;
    u32 feature_ro_compat;
    u8 uuid[16];
    char volume_name[16];
    char last_mounted[64];
    u32 algorithm_bitmap;
    u8 rest[EXT2_SUPER_BYTES - 204];
};
static_assert(sizeof(struct ext2_disk_super) == EXT2_SUPER_BYTES, "layout");

enum ext2_incompat {
    EXT2_INCOMPAT_FILETYPE = 0x2, // directory entries tell the type
};
enum ext2_ro_compat {
    EXT2_RO_COMPAT_SPARSE_SUPER = 0x1, // copies in few groups only
    EXT2_RO_COMPAT_LARGE_FILE = 0x2,   // sizes of 64 bits
};

// The head of a block of extended attributes, which inodes may share.
#define EXT2_ATTRIBUTE_MAGIC 0xea020000u
struct ext2_disk_attributes {
    u32 magic;
    u32 references;
    u32 blocks;
    u32 hash;
};

struct ext2_disk_group {
    u32 block_bitmap;
    u32 inode_bitmap;
    u32 inode_table; // its first block
    u16 free_blocks;
    u16 free_inodes;
    u16 used_dirs;
    u16 pad;
    u32 reserved[3];
};
static_assert(sizeof(struct ext2_disk_group) == 32, "layout");

// Places in ext2_disk_inode.block, and how far each leads.
#define EXT2_DIRECT_BLOCKS 12u
#define EXT2_INDIRECT      12u
#define EXT2_BLOCK_SLOTS   15u
#define EXT2_FAST_LINK_MAX 59u // bytes of a target kept in block[]

struct ext2_disk_inode {
    u16 mode;
    u16 uid;
    u32 size;
    u32 atime, ctime, mtime, dtime;
    u16 gid;
    u16 links;
    u32 sectors; // of 512 bytes
    u32 flags;
    u32 os1;
    u32 block[EXT2_BLOCK_SLOTS];
    u32 generation;
    u32 file_acl;  // block of extended attributes
    u32 size_high; // of regular files
    u32 fragment;
    u16 os2_pad;
    u16 os2_reserved;
    u16 uid_high;
    u16 gid_high;
    u32 os2_reserved2;
};
static_assert(sizeof(struct ext2_disk_inode) == 128, "layout");

enum ext2_inode_flag { // that change where the content is, or an index
    EXT2_FLAG_COMPRESSED_BLOCKS = 0x200,
    EXT2_FLAG_ENCRYPTED = 0x800,
    EXT2_FLAG_INDEX = 0x1000, // beside the linear list of a directory
    EXT2_FLAG_EXTENTS = 0x80000,
    EXT2_FLAG_INLINE_DATA = 0x10000000,
};

enum ext2_mode {
    EXT2_MODE_TYPE = 0xf000,
    EXT2_MODE_FIFO = 0x1000,
    EXT2_MODE_CHAR = 0x2000,
    EXT2_MODE_DIR = 0x4000,
    EXT2_MODE_BLOCK = 0x6000,
    EXT2_MODE_FILE = 0x8000,
    EXT2_MODE_LINK = 0xa000,
    EXT2_MODE_SOCKET = 0xc000,
};

struct ext2_disk_dirent {
    u32 ino; // 0: unused
    u16 record_bytes;
    u8 name_length;
    u8 file_type; // without FILETYPE: upper half of the length
    // the name, not terminated
};
static_assert(sizeof(struct ext2_disk_dirent) == 8, "layout");

#define EXT2_FILE_TYPES                                                        \
    8u // unknown, file, dir, char, block, fifo, socket, link
