// fs/ext2/parse.c - from bytes of an ext2 disk to checked numbers [P]
// SPDX-License-Identifier: MIT
//
// Every number of the disk that is used as an index, a length or a divisor is
// checked here, once, when it is read. What is only reported (times, owners,
// counts) is not.

#include "parse.h"

#include <base/bits.h>
#include <base/errno.h>

#define INODE_BYTES_MIN 128u
#define FIRST_INO_REV0  11u
#define LOG_BLOCK_MAX   2u           // 4 KiB: blocks are not larger than pages
#define SIZE_MAX_BYTES  (1ull << 44) // what a 32-bit page index reaches
#define LINK_TARGET_MAX 4095u

static int damaged(const char **why, const char *what)
{
    *why = what;
    return -EUCLEAN;
}

static const char *const feature_names[] = {
    "compression",
    "filetype",
    "needs_recovery",
    "journal_dev",
    "meta_bg",
    "bit5",
    "extents",
    "64bit",
    "mmp",
    "flex_bg",
    "ea_inode",
    "bit11",
    "dirdata",
    "metadata_csum_seed",
    "large_dir",
    "inline_data",
    "encrypt",
    "casefold",
};

const char *ext2_feature_name(u32 bit)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(feature_names); i++)
        if (bit == 1u << i)
            return feature_names[i];
    return "unknown";
}

u32 ext2_unknown_features(const struct ext2_disk_super *super)
{
    if (super->revision == 0)
        return 0;
    return super->feature_incompat & ~(u32)EXT2_INCOMPAT_FILETYPE;
}

static bool is_power_of(u32 n, u32 base)
{
    while (n > 1 && n % base == 0)
        n /= base;
    return n == 1;
}

static bool group_has_super(const struct ext2_disk_super *super, u32 group)
{
    if (super->revision == 0 ||
        !(super->feature_ro_compat & EXT2_RO_COMPAT_SPARSE_SUPER))
        return true;
    return group <= 1 || is_power_of(group, 3) || is_power_of(group, 5) ||
           is_power_of(group, 7);
}

static u32 descriptor_blocks(const struct ext2_geometry *g)
{
    u64 bytes = (u64)g->groups * sizeof(struct ext2_disk_group);

    return (u32)((bytes + g->block_bytes - 1) >> g->block_shift);
}

u32 ext2_group_head(const struct ext2_disk_super *super,
                    const struct ext2_geometry *g, u32 group)
{
    return group_has_super(super, group) ? 1 + descriptor_blocks(g) : 0;
}

// Blocks of superblocks, descriptors, bitmaps and inode tables.
static u32 count_overhead(const struct ext2_disk_super *super,
                          const struct ext2_geometry *g)
{
    u64 blocks = g->first_data_block;
    u32 group;

    for (group = 0; group < g->groups; group++) {
        blocks += 2 + g->table_blocks;
        blocks += ext2_group_head(super, g, group);
    }
    return (u32)min(blocks, (u64)g->blocks);
}

static int check_sizes(const struct ext2_disk_super *super,
                       struct ext2_geometry *g, const char **why)
{
    u32 bits;

    if (super->log_block_size > LOG_BLOCK_MAX)
        return damaged(why, "block size");
    g->block_shift = 10 + super->log_block_size;
    g->block_bytes = 1u << g->block_shift;
    bits = g->block_bytes * 8;
    if (super->log_frag_size != super->log_block_size)
        return damaged(why, "fragment size");
    g->inode_bytes = super->revision ? super->inode_size : INODE_BYTES_MIN;
    if (g->inode_bytes < INODE_BYTES_MIN || g->inode_bytes > g->block_bytes ||
        !is_power_of_2(g->inode_bytes))
        return damaged(why, "inode size");
    if (super->blocks_per_group == 0 || super->blocks_per_group > bits)
        return damaged(why, "blocks per group");
    g->blocks_per_group = super->blocks_per_group;
    if (super->inodes_per_group == 0 || super->inodes_per_group > bits)
        return damaged(why, "inodes per group");
    g->inodes_per_group = super->inodes_per_group;
    g->table_blocks =
        DIV_ROUND_UP(g->inodes_per_group * g->inode_bytes, g->block_bytes);
    if (g->table_blocks >= g->blocks_per_group)
        return damaged(why, "inode table longer than its group");
    return 0;
}

static int check_counts(const struct ext2_disk_super *super, u64 device_bytes,
                        struct ext2_geometry *g, const char **why)
{
    u32 first_ino = super->revision ? super->first_ino : FIRST_INO_REV0;

    g->blocks = super->blocks_count;
    g->first_data_block = super->first_data_block;
    if (g->first_data_block != (g->block_bytes == EXT2_SUPER_BYTES ? 1 : 0))
        return damaged(why, "first data block");
    if (g->blocks <= g->first_data_block)
        return damaged(why, "no blocks");
    if (g->blocks > device_bytes >> g->block_shift)
        return damaged(why, "larger than the device");
    g->groups = (g->blocks - g->first_data_block - 1) / g->blocks_per_group + 1;
    if ((u64)g->first_data_block + 1 + descriptor_blocks(g) >= g->blocks)
        return damaged(why, "no room for the group descriptors");
    g->inodes = super->inodes_count;
    if (g->inodes > (u64)g->groups * g->inodes_per_group ||
        g->inodes < EXT2_ROOT_INO || first_ino > g->inodes + 1)
        return damaged(why, "count of inodes");
    return 0;
}

int ext2_super_parse(const struct ext2_disk_super *super, u64 device_bytes,
                     struct ext2_geometry *out, const char **why)
{
    struct ext2_geometry *g = out;
    int rc;

    *why = "";
    *g = (struct ext2_geometry){.block_bytes = 0};
    if (super->magic != EXT2_MAGIC) {
        *why = "no ext2 magic number";
        return -EINVAL;
    }
    if (super->revision > 1) {
        *why = "unknown revision";
        return -EINVAL;
    }
    if (ext2_unknown_features(super)) {
        *why = "incompatible features";
        return -EINVAL;
    }
    rc = check_sizes(super, g, why);
    if (!rc)
        rc = check_counts(super, device_bytes, g, why);
    if (rc)
        return rc;
    if (super->revision) {
        g->has_file_types = super->feature_incompat & EXT2_INCOMPAT_FILETYPE;
        g->has_large_files =
            super->feature_ro_compat & EXT2_RO_COMPAT_LARGE_FILE;
    }
    g->overhead_blocks = count_overhead(super, g);
    return 0;
}

u64 ext2_group_position(const struct ext2_geometry *g, u32 group)
{
    return ((u64)(g->first_data_block + 1) << g->block_shift) +
           (u64)group * sizeof(struct ext2_disk_group);
}

int ext2_inode_position(const struct ext2_geometry *g, u32 ino, u32 *out_group,
                        u32 *out_offset)
{
    if (ino == 0 || ino > g->inodes)
        return -EUCLEAN;
    *out_group = (ino - 1) / g->inodes_per_group;
    *out_offset = (ino - 1) % g->inodes_per_group * g->inode_bytes;
    return 0;
}

int ext2_group_table(const struct ext2_geometry *g,
                     const struct ext2_disk_group *group, u32 *out_block)
{
    u32 first = group->inode_table;

    if (!ext2_block_valid(g, first) || g->table_blocks > g->blocks - first)
        return -EUCLEAN;
    *out_block = first;
    return 0;
}

bool ext2_block_valid(const struct ext2_geometry *g, u32 block)
{
    return block > g->first_data_block && block < g->blocks;
}

// Numbers of device nodes: 16 bits in the first place, else 32 in the second.
static u32 node_rdev(const struct ext2_disk_inode *inode)
{
    return inode->block[0] ? inode->block[0] & 0xffff : inode->block[1];
}

static int check_size(const struct ext2_geometry *g, const struct ext2_node *n,
                      const char **why)
{
    u64 slots = g->block_bytes / 4;
    u64 blocks =
        EXT2_DIRECT_BLOCKS + slots + slots * slots + slots * slots * slots;

    if (n->size > blocks << g->block_shift || n->size > SIZE_MAX_BYTES)
        return damaged(why, "size beyond the longest file");
    if ((n->mode & EXT2_MODE_TYPE) == EXT2_MODE_DIR &&
        (n->size == 0 || n->size & (g->block_bytes - 1)))
        return damaged(why, "size of a directory");
    return 0;
}

static int check_link(const struct ext2_node *n, const char **why)
{
    u32 max = n->fast_link ? EXT2_FAST_LINK_MAX : LINK_TARGET_MAX;

    if (n->size == 0 || n->size > max)
        return damaged(why, "length of a symbolic link");
    return 0;
}

int ext2_inode_parse(const struct ext2_geometry *g,
                     const struct ext2_disk_inode *inode, struct ext2_node *out,
                     const char **why)
{
    u32 attribute_sectors = inode->file_acl ? g->block_bytes / 512 : 0;
    u32 i;

    *why = "";
    *out = (struct ext2_node){
        .mode = inode->mode,
        .links = inode->links,
        .uid = inode->uid | (u32)inode->uid_high << 16,
        .gid = inode->gid | (u32)inode->gid_high << 16,
        .size = inode->size,
        .sectors = inode->sectors,
        .atime = inode->atime,
        .mtime = inode->mtime,
        .ctime = inode->ctime,
    };
    for (i = 0; i < EXT2_BLOCK_SLOTS; i++)
        out->block[i] = inode->block[i];
    if (inode->links == 0)
        return damaged(why, "a name of a deleted inode");
    if (inode->flags & (EXT2_FLAG_COMPRESSED_BLOCKS | EXT2_FLAG_ENCRYPTED |
                        EXT2_FLAG_EXTENTS | EXT2_FLAG_INLINE_DATA))
        return damaged(why, "flags of features that are not on");
    switch (inode->mode & EXT2_MODE_TYPE) {
    case EXT2_MODE_FILE:
        if (g->has_large_files)
            out->size |= (u64)inode->size_high << 32;
        return check_size(g, out, why);
    case EXT2_MODE_DIR: return check_size(g, out, why);
    case EXT2_MODE_LINK:
        out->fast_link = inode->sectors == attribute_sectors;
        return check_link(out, why);
    case EXT2_MODE_CHAR:
    case EXT2_MODE_BLOCK: out->rdev = node_rdev(inode); break;
    case EXT2_MODE_FIFO:
    case EXT2_MODE_SOCKET: break;
    default: return damaged(why, "type of an inode");
    }
    out->size = 0; // special files have none
    return 0;
}

int ext2_block_path(const struct ext2_geometry *g, u32 index,
                    u32 places[EXT2_PATH_MAX])
{
    u32 shift = g->block_shift - 2; // log2 of the slots of an indirect block
    u32 mask = (1u << shift) - 1;
    u64 rest = index;

    if (rest < EXT2_DIRECT_BLOCKS) {
        places[0] = index;
        return 1;
    }
    rest -= EXT2_DIRECT_BLOCKS;
    for (u32 level = 1; level < EXT2_PATH_MAX; level++) {
        if (rest < 1ull << (level * shift)) {
            places[0] = EXT2_INDIRECT + level - 1;
            for (u32 i = 1; i <= level; i++)
                places[i] = (u32)(rest >> ((level - i) * shift)) & mask;
            return (int)level + 1;
        }
        rest -= 1ull << (level * shift);
    }
    return -EFBIG;
}

static bool name_valid(const char *name, u32 length)
{
    u32 i;

    for (i = 0; i < length; i++)
        if (name[i] == '/' || name[i] == '\0')
            return false;
    return length != 0;
}

int ext2_dir_next(const struct ext2_geometry *g, const u8 *block, u32 *offset,
                  struct ext2_entry *out)
{
    const struct ext2_disk_dirent *entry;

    while (*offset < g->block_bytes) {
        u32 room = g->block_bytes - *offset;

        if (*offset % 4 || room < sizeof(*entry))
            return -EUCLEAN;
        entry = (const void *)(block + *offset);
        if (entry->record_bytes % 4 || entry->record_bytes > room ||
            entry->record_bytes < sizeof(*entry) + entry->name_length)
            return -EUCLEAN;
        if (!entry->ino) {
            *offset += entry->record_bytes;
            continue;
        }
        out->ino = entry->ino;
        out->name = (const char *)(entry + 1);
        out->name_length = entry->name_length;
        out->type = g->has_file_types ? entry->file_type & 7 : 0;
        if (entry->ino > g->inodes || !name_valid(out->name, out->name_length))
            return -EUCLEAN;
        if (!g->has_file_types && entry->file_type) // length over 255
            return -EUCLEAN;
        *offset += entry->record_bytes;
        return 1;
    }
    return 0;
}
