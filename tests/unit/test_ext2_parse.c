// tests/unit/test_ext2_parse.c - fs/ext2/parse.c
// sources: fs/ext2/parse.c
// SPDX-License-Identifier: MIT
//
// Examples, a model for the paths to blocks, and random bytes: whatever a disk
// holds, the parsers return numbers within bounds or an error. Blocks are
// allocated at their exact size, so that the sanitizer sees reads beyond.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../fs/ext2/parse.h"

#define DEVICE_BYTES (64ull << 20)

static struct ext2_disk_super good_super(u32 log_block_size)
{
    struct ext2_disk_super s;
    u32 block_bytes = 1024u << log_block_size;

    memset(&s, 0, sizeof(s));
    s.magic = EXT2_MAGIC;
    s.revision = 1;
    s.log_block_size = log_block_size;
    s.log_frag_size = log_block_size;
    s.first_data_block = log_block_size == 0;
    s.blocks_count = (u32)(DEVICE_BYTES / block_bytes);
    s.blocks_per_group = block_bytes * 8;
    s.inodes_per_group = 1024;
    s.inodes_count =
        ((s.blocks_count - s.first_data_block - 1) / s.blocks_per_group + 1) *
        1024;
    s.first_ino = 11;
    s.inode_size = 256;
    s.feature_incompat = EXT2_INCOMPAT_FILETYPE;
    s.feature_ro_compat =
        EXT2_RO_COMPAT_SPARSE_SUPER | EXT2_RO_COMPAT_LARGE_FILE;
    return s;
}

static struct ext2_geometry geometry_of(u32 log_block_size)
{
    struct ext2_disk_super s = good_super(log_block_size);
    struct ext2_geometry g;
    const char *why;

    CHECK_EQ(ext2_super_parse(&s, DEVICE_BYTES, &g, &why), 0);
    return g;
}

static int parse(const struct ext2_disk_super *s)
{
    struct ext2_geometry g;
    const char *why = NULL;
    int rc = ext2_super_parse(s, DEVICE_BYTES, &g, &why);

    CHECK(why && (rc == 0 || *why));
    return rc;
}

TEST(super_good)
{
    struct ext2_geometry g = geometry_of(0);

    CHECK_EQ(g.block_bytes, 1024);
    CHECK_EQ(g.blocks, 65536);
    CHECK_EQ(g.groups, 8);
    CHECK_EQ(g.table_blocks, 256);
    // Superblocks and descriptors (1 block) in groups 0, 1, 3, 5, 7; and the
    // boot block.
    CHECK_EQ(g.overhead_blocks, 1 + 8 * (2 + 256) + 5 * 2);
    CHECK(g.has_file_types && g.has_large_files);
    g = geometry_of(2);
    CHECK_EQ(g.block_bytes, 4096);
    CHECK_EQ(g.groups, 1);
}

TEST(super_revision_0)
{
    struct ext2_disk_super s = good_super(0);
    struct ext2_geometry g;
    const char *why;

    s.revision = 0;
    s.inode_size = 77; // not looked at
    s.feature_incompat = 0xffffffff;
    CHECK_EQ(ext2_super_parse(&s, DEVICE_BYTES, &g, &why), 0);
    CHECK_EQ(g.inode_bytes, 128);
    CHECK(!g.has_file_types && !g.has_large_files);
}

TEST(super_refused)
{
    struct ext2_disk_super s = good_super(0);

    s.magic = 0;
    CHECK_EQ(parse(&s), -EINVAL);
    s = good_super(0);
    s.revision = 2;
    CHECK_EQ(parse(&s), -EINVAL);
    s = good_super(0);
    s.feature_incompat |= 0x40;
    CHECK_EQ(parse(&s), -EINVAL);
    CHECK_EQ(ext2_unknown_features(&s), 0x40);
    CHECK(strcmp(ext2_feature_name(0x40), "extents") == 0);
    CHECK(strcmp(ext2_feature_name(0x4), "needs_recovery") == 0);
    CHECK(strcmp(ext2_feature_name(0x20000), "casefold") == 0);
    CHECK(strcmp(ext2_feature_name(0x80000000), "unknown") == 0);
}

TEST(super_damaged)
{
    static const struct {
        u32 offset, bytes, value;
    } bad[] = {
#define BAD(field, value)                                                      \
    {offsetof(struct ext2_disk_super, field),                                  \
     sizeof(((struct ext2_disk_super *)0)->field), value}
        BAD(log_block_size, 3),
        BAD(log_block_size, 0xffffffff),
        BAD(log_frag_size, 1),
        BAD(inode_size, 0),
        BAD(inode_size, 64),
        BAD(inode_size, 192),
        BAD(inode_size, 2048),
        BAD(blocks_per_group, 0),
        BAD(blocks_per_group, 8193),
        BAD(inodes_per_group, 0),
        BAD(inodes_per_group, 0xffffffff),
        BAD(first_data_block, 0),
        BAD(first_data_block, 2),
        BAD(blocks_count, 0),
        BAD(blocks_count, 1),
        BAD(blocks_count, 2),
        BAD(blocks_count, 65537),
        BAD(blocks_count, 0xffffffff),
        BAD(inodes_count, 0),
        BAD(inodes_count, 8193),
        BAD(first_ino, 0xffffffff),
    };
    u32 i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ext2_disk_super s = good_super(0);

        memcpy((u8 *)&s + bad[i].offset, &bad[i].value, bad[i].bytes);
        CHECK_EQ(parse(&s), -EUCLEAN);
    }
}

// What a parsed superblock promises.
static void check_geometry(const struct ext2_geometry *g, u64 device_bytes)
{
    u64 group_end;
    u32 group, offset;

    CHECK(g->block_bytes == 1u << g->block_shift);
    CHECK((u64)g->blocks << g->block_shift <= device_bytes);
    CHECK(g->groups && g->inodes_per_group && g->blocks_per_group);
    group_end = ext2_group_position(g, g->groups - 1) + 32;
    CHECK(group_end <= (u64)g->blocks << g->block_shift);
    CHECK(g->overhead_blocks <= g->blocks);
    CHECK_EQ(ext2_inode_position(g, 0, &group, &offset), -EUCLEAN);
    CHECK_EQ(ext2_inode_position(g, g->inodes + 1, &group, &offset), -EUCLEAN);
    CHECK_EQ(ext2_inode_position(g, g->inodes, &group, &offset), 0);
    CHECK(group < g->groups);
    CHECK(offset + g->inode_bytes <= g->table_blocks << g->block_shift);
}

TEST(super_random)
{
    u32 round, accepted = 0, i;

    for (round = 0; round < TEST_ROUNDS; round++) {
        struct ext2_disk_super s = good_super(test_random_below(3));
        struct ext2_geometry g;
        const char *why;

        for (i = test_random_below(4); i; i--) {
            u32 at = test_random_below(26) * 4;
            u32 value = test_random() >> test_random_below(32);

            memcpy((u8 *)&s + at, &value, sizeof(value));
        }
        if (ext2_super_parse(&s, DEVICE_BYTES, &g, &why))
            continue;
        check_geometry(&g, DEVICE_BYTES);
        accepted++;
    }
    CHECK(accepted > TEST_ROUNDS / 10);
}

TEST(group_table)
{
    struct ext2_geometry g = geometry_of(0);
    struct ext2_disk_group group = {.inode_table = 100};
    u32 block;

    CHECK_EQ(ext2_group_table(&g, &group, &block), 0);
    CHECK_EQ(block, 100);
    group.inode_table = 0;
    CHECK_EQ(ext2_group_table(&g, &group, &block), -EUCLEAN);
    group.inode_table = 1;
    CHECK_EQ(ext2_group_table(&g, &group, &block), -EUCLEAN);
    group.inode_table = g.blocks - g.table_blocks;
    CHECK_EQ(ext2_group_table(&g, &group, &block), 0);
    group.inode_table++;
    CHECK_EQ(ext2_group_table(&g, &group, &block), -EUCLEAN);
    group.inode_table = 0xffffffff;
    CHECK_EQ(ext2_group_table(&g, &group, &block), -EUCLEAN);
}

static struct ext2_disk_inode good_inode(u32 mode)
{
    struct ext2_disk_inode inode;

    memset(&inode, 0, sizeof(inode));
    inode.mode = (u16)mode;
    inode.links = 1;
    inode.size = 1024;
    inode.sectors = 2;
    inode.uid = 1;
    inode.uid_high = 2;
    return inode;
}

static int parse_inode(const struct ext2_disk_inode *inode,
                       struct ext2_node *out)
{
    struct ext2_geometry g = geometry_of(0);
    const char *why;

    return ext2_inode_parse(&g, inode, out, &why);
}

TEST(inode_kinds)
{
    struct ext2_disk_inode inode = good_inode(EXT2_MODE_FILE | 0644);
    struct ext2_node node;

    inode.size_high = 1;
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK_EQ(node.size, (1ull << 32) + 1024);
    CHECK_EQ(node.uid, 0x20001);

    inode = good_inode(EXT2_MODE_DIR | 0755);
    inode.size_high = 1; // the ACL of a directory
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK_EQ(node.size, 1024);

    inode = good_inode(EXT2_MODE_LINK | 0777);
    inode.size = 59;
    inode.sectors = 0;
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK(node.fast_link);
    inode.sectors = 2; // of extended attributes
    inode.file_acl = 77;
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK(node.fast_link);
    inode.sectors = 4;
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK(!node.fast_link);

    inode = good_inode(EXT2_MODE_CHAR | 0600);
    inode.block[0] = 0x0501;
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK_EQ(node.rdev, 0x0501);
    CHECK_EQ(node.size, 0);
    inode.block[0] = 0;
    inode.block[1] = 0x12345;
    CHECK_EQ(parse_inode(&inode, &node), 0);
    CHECK_EQ(node.rdev, 0x12345);
}

TEST(inode_damaged)
{
    struct ext2_disk_inode inode = good_inode(0x3000 | 0644);
    struct ext2_node node;

    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN); // no such type
    inode = good_inode(EXT2_MODE_FILE);
    inode.links = 0;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode = good_inode(EXT2_MODE_FILE);
    inode.flags = EXT2_FLAG_EXTENTS;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode = good_inode(EXT2_MODE_FILE);
    inode.size_high = 0xffffffff;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode = good_inode(EXT2_MODE_DIR);
    inode.size = 1023;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode.size = 0;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode = good_inode(EXT2_MODE_LINK);
    inode.sectors = 0;
    inode.size = 60;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode.sectors = 2;
    inode.size = 4096;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
    inode.size = 0;
    CHECK_EQ(parse_inode(&inode, &node), -EUCLEAN);
}

// The index that a path stands for, counted up in the other direction.
static u64 index_of(const u32 *places, int depth, u32 slots)
{
    u64 index = 0, before = EXT2_DIRECT_BLOCKS, span = slots;
    int i;

    if (depth == 1)
        return places[0];
    for (i = 2; i < depth; i++) {
        before += span;
        span *= slots;
    }
    for (i = 1; i < depth; i++)
        index = index * slots + places[i];
    return before + index;
}

static void check_path(const struct ext2_geometry *g, u32 index)
{
    u32 slots = g->block_bytes / 4, places[EXT2_PATH_MAX];
    u64 longest =
        12ull + slots + (u64)slots * slots + (u64)slots * slots * slots;
    int depth = ext2_block_path(g, index, places), i;

    if (index >= longest) {
        CHECK_EQ(depth, -EFBIG);
        return;
    }
    CHECK(depth >= 1 && depth <= 4);
    CHECK(places[0] < EXT2_BLOCK_SLOTS);
    CHECK(depth == 1 ? places[0] < 12 : places[0] == 10u + (u32)depth);
    for (i = 1; i < depth; i++)
        CHECK(places[i] < slots);
    CHECK_EQ(index_of(places, depth, slots), index);
}

TEST(block_path)
{
    static const u32 edges[] = {
        0,    11,   12,      13,      267,      268,      65803,     65804,
        1035, 1036, 1049611, 1049612, 16843019, 16843020, 0xffffffff};
    u32 log, i;

    for (log = 0; log < 3; log++) {
        struct ext2_geometry g = geometry_of(log);

        for (i = 0; i < ARRAY_SIZE(edges); i++)
            check_path(&g, edges[i]);
        for (i = 0; i < TEST_ROUNDS; i++)
            check_path(&g, test_random() >> test_random_below(32));
    }
}

TEST(block_valid)
{
    struct ext2_geometry g = geometry_of(0);

    CHECK(!ext2_block_valid(&g, 0));
    CHECK(!ext2_block_valid(&g, 1));
    CHECK(ext2_block_valid(&g, 2));
    CHECK(ext2_block_valid(&g, g.blocks - 1));
    CHECK(!ext2_block_valid(&g, g.blocks));
}

// ---- directories -----------------------------------------------------------

static u32 put_entry(u8 *block, u32 at, u32 ino, const char *name, u32 bytes)
{
    struct ext2_disk_dirent head = {ino, (u16)bytes, (u8)strlen(name), 1};

    memcpy(block + at, &head, sizeof(head));
    memcpy(block + at + sizeof(head), name, strlen(name));
    return at + bytes;
}

TEST(dir_walk)
{
    struct ext2_geometry g = geometry_of(0);
    u8 *block = calloc(1, g.block_bytes);
    struct ext2_entry entry;
    u32 at = 0, offset = 0;

    at = put_entry(block, at, 2, ".", 12);
    at = put_entry(block, at, 2, "..", 12);
    at = put_entry(block, at, 0, "gone", 16);
    at = put_entry(block, at, 12, "file", 40);
    put_entry(block, at, 13, "last", g.block_bytes - at);
    CHECK_EQ(ext2_dir_next(&g, block, &offset, &entry), 1);
    CHECK(entry.name_length == 1 && entry.ino == 2);
    CHECK_EQ(ext2_dir_next(&g, block, &offset, &entry), 1);
    CHECK_EQ(ext2_dir_next(&g, block, &offset, &entry), 1);
    CHECK(entry.name_length == 4 && memcmp(entry.name, "file", 4) == 0);
    CHECK_EQ(entry.type, 1);
    CHECK_EQ(ext2_dir_next(&g, block, &offset, &entry), 1);
    CHECK_EQ(entry.ino, 13);
    CHECK_EQ(ext2_dir_next(&g, block, &offset, &entry), 0);
    free(block);
}

static int first_entry(const u8 *from, u32 bytes)
{
    struct ext2_geometry g = geometry_of(0);
    u8 *block = calloc(1, g.block_bytes);
    struct ext2_entry entry;
    u32 offset = 0;
    int rc;

    memcpy(block, from, bytes);
    rc = ext2_dir_next(&g, block, &offset, &entry);
    free(block);
    return rc;
}

TEST(dir_damaged)
{
    u8 head[32] = {0};

    CHECK_EQ(first_entry(head, 8), -EUCLEAN); // record of no length
    put_entry(head, 0, 12, "abc", 10);
    CHECK_EQ(first_entry(head, 32), -EUCLEAN); // odd length
    put_entry(head, 0, 12, "abcdefgh", 12);
    CHECK_EQ(first_entry(head, 32), -EUCLEAN); // name beyond the record
    put_entry(head, 0, 12, "abc", 1028);
    CHECK_EQ(first_entry(head, 32), -EUCLEAN); // record beyond the block
    put_entry(head, 0, 12, "a/c", 12);
    CHECK_EQ(first_entry(head, 32), -EUCLEAN);
    put_entry(head, 0, 12, "", 12);
    CHECK_EQ(first_entry(head, 32), -EUCLEAN);
    put_entry(head, 0, 0x7fffffff, "abc", 12);
    CHECK_EQ(first_entry(head, 32), -EUCLEAN); // no such inode
    put_entry(head, 0, 12, "abc", 12);
    CHECK_EQ(first_entry(head, 32), 1);
}

// A block of random entries, some of them broken by random bytes.
TEST(dir_random)
{
    struct ext2_geometry g = geometry_of(0);
    u32 round, i;

    for (round = 0; round < TEST_ROUNDS / 10; round++) {
        u8 *block = calloc(1, g.block_bytes);
        struct ext2_entry entry;
        u32 at = 0, offset = 0, before;
        int rc;

        while (at < g.block_bytes) {
            u32 bytes = 12 + test_random_below(8) * 4;

            if (at + bytes + 12 > g.block_bytes)
                bytes = g.block_bytes - at;
            at = put_entry(block, at, test_random_below(100), "name", bytes);
        }
        for (i = test_random_below(6); i; i--)
            block[test_random_below(g.block_bytes)] = (u8)test_random();
        do {
            before = offset;
            rc = ext2_dir_next(&g, block, &offset, &entry);
            CHECK(rc == 0 || rc == 1 || rc == -EUCLEAN);
            if (rc == 1) {
                CHECK(offset > before && offset <= g.block_bytes);
                CHECK(entry.ino && entry.ino <= g.inodes);
                CHECK(entry.type < EXT2_FILE_TYPES);
                CHECK((const u8 *)entry.name + entry.name_length <=
                      block + g.block_bytes);
            }
        } while (rc > 0);
        free(block);
    }
}
