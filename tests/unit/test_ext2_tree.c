// tests/unit/test_ext2_tree.c - fs/ext2/tree.c, encode.c
// sources: fs/ext2/tree.c fs/ext2/encode.c fs/ext2/parse.c
// SPDX-License-Identifier: MIT
//
// A file on a disk of memory: random blocks are hung on its tree, random cuts
// made. After each cut exactly what a walk over all indexes finds is what the
// disk says is in use, and no block was let go while something led to it.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../fs/ext2/encode.h"
#include "../../fs/ext2/tree.h"

#define BLOCKS      4096u
#define BLOCK_BYTES 1024u
#define SLOTS       (BLOCK_BYTES / 4)

static const struct ext2_geometry g = {
    .block_bytes = BLOCK_BYTES,
    .block_shift = 10,
    .blocks = BLOCKS,
    .first_data_block = 1,
    .inodes = 100,
    .has_large_files = true,
};

static u32 disk[BLOCKS][SLOTS];
static bool used[BLOCKS];
static u32 roots[EXT2_BLOCK_SLOTS];
static u32 used_count, fail_block;

static int tree_read(void *arg, u32 block, u32 *slots)
{
    (void)arg;
    CHECK(used[block]);
    if (block == fail_block)
        return -EIO;
    memcpy(slots, disk[block], BLOCK_BYTES);
    return 0;
}

static int tree_clear(void *arg, u32 block, u32 first)
{
    (void)arg;
    CHECK(used[block] && first <= SLOTS);
    memset(&disk[block][first], 0, (SLOTS - first) * 4);
    return 0;
}

static void tree_release(void *arg, u32 block)
{
    (void)arg;
    CHECK(used[block]);
    used[block] = false;
    used_count--;
}

static u32 take(void)
{
    u32 block;

    do
        block = 2 + test_random_below(BLOCKS - 2);
    while (used[block]);
    used[block] = true;
    used_count++;
    memset(disk[block], 0, BLOCK_BYTES);
    return block;
}

// The slot where block @index hangs; makes what leads there. NULL: @make is
// false, and nothing does.
static u32 *slot_of(u32 index, bool make)
{
    u32 places[EXT2_PATH_MAX], *slot;
    int depth = ext2_block_path(&g, index, places), i;

    CHECK(depth > 0);
    slot = &roots[places[0]];
    for (i = 1; i < depth; i++) {
        if (!*slot && !make)
            return NULL;
        if (!*slot)
            *slot = take();
        slot = &disk[*slot][places[i]];
    }
    return slot;
}

static u32 count_tree(u32 block, u32 level)
{
    u32 count = 1, i;

    if (!block)
        return 0;
    CHECK(used[block]); // nothing leads to what was let go
    for (i = 0; level && i < SLOTS; i++)
        count += count_tree(disk[block][i], level - 1);
    return count;
}

static u32 count_all(void)
{
    u32 count = 0, i;

    for (i = 0; i < EXT2_BLOCK_SLOTS; i++)
        count +=
            count_tree(roots[i], i < EXT2_INDIRECT ? 0 : i - EXT2_INDIRECT + 1);
    return count;
}

static int cut(u64 keep)
{
    u32 buffers[EXT2_TREE_LEVELS][SLOTS], gone[EXT2_BLOCK_SLOTS], trim;
    const struct ext2_tree_io io = {
        .read = tree_read,
        .clear = tree_clear,
        .release = tree_release,
        .slots = {buffers[0], buffers[1], buffers[2]},
    };
    int rc, error;

    trim = ext2_tree_detach(&g, keep, roots, gone);
    error = ext2_tree_release(&g, gone, &io);
    rc = trim ? ext2_tree_trim(&g, keep, trim, roots[trim], &io) : 0;
    return error ? error : rc;
}

static void start(void)
{
    memset(used, 0, sizeof(used));
    memset(roots, 0, sizeof(roots));
    used_count = fail_block = 0;
}

// Indexes of every level, and near their borders.
static u32 random_index(void)
{
    static const u32 borders[] = {0, 12, 12 + SLOTS,
                                  12 + SLOTS + SLOTS * SLOTS};
    u32 border = borders[test_random_below(4)];

    if (test_random_one_in(2))
        return border + test_random_below(5);
    if (test_random_one_in(2) && border)
        return border - 1 - test_random_below(5);
    return test_random_below(12 + SLOTS + SLOTS * SLOTS + 5 * SLOTS * SLOTS);
}

TEST(examples)
{
    u32 i;

    start();
    for (i = 0; i < 12 + SLOTS + 3; i++)
        *slot_of(i, true) = take();
    CHECK_EQ(used_count, 12 + SLOTS + 3 + 1 + 2);
    CHECK_EQ(cut(12 + SLOTS + 1), 0);
    CHECK_EQ(used_count, 12 + SLOTS + 1 + 1 + 2);
    CHECK_EQ(cut(12 + SLOTS), 0);
    CHECK_EQ(used_count, 12 + SLOTS + 1);
    CHECK_EQ(cut(13), 0);
    CHECK_EQ(used_count, 14);
    CHECK_EQ(cut(12), 0);
    CHECK_EQ(used_count, 12);
    CHECK_EQ(cut(0), 0);
    CHECK_EQ(used_count, 0);
}

TEST(against_a_walk)
{
    u32 round, index, keep, kept[64], i, *slot;

    for (round = 0; round < TEST_ROUNDS / 200; round++) {
        start();
        for (i = 0; i < 64; i++) {
            kept[i] = index = random_index();
            slot = slot_of(index, true);
            if (!*slot)
                *slot = take();
        }
        CHECK_EQ(count_all(), used_count);
        for (i = 0; i < 4; i++) {
            keep = random_index();
            CHECK_EQ(cut(keep), 0);
            CHECK_EQ(count_all(), used_count);
            for (u32 k = 0; k < 64; k++) {
                if (kept[k] >= keep)
                    kept[k] = ~0u;
                if (kept[k] != ~0u)
                    CHECK(slot_of(kept[k], false) && *slot_of(kept[k], false));
            }
        }
        CHECK_EQ(cut(0), 0);
        CHECK_EQ(used_count, 0);
    }
}

TEST(what_is_damaged_is_passed_over)
{
    u32 *slot;

    start();
    *slot_of(12, true) = take();
    *slot_of(12 + SLOTS, true) = take();
    fail_block = roots[EXT2_INDIRECT];
    CHECK_EQ(cut(0), -EIO);
    CHECK_EQ(used_count, 1); // what hung on the block that cannot be read
    start();
    slot = slot_of(12, true);
    *slot = BLOCKS + 7;
    *slot_of(13, true) = take();
    CHECK_EQ(cut(0), -EUCLEAN);
    CHECK_EQ(used_count, 0);
}

// ---- encode -----------------------------------------------------------------

static struct ext2_node random_node(void)
{
    static const u32 modes[] = {EXT2_MODE_FILE, EXT2_MODE_DIR, EXT2_MODE_FIFO,
                                EXT2_MODE_CHAR};
    struct ext2_node n = {0};
    u32 i;

    n.mode = modes[test_random_below(4)] | test_random_below(07777);
    n.links = 1 + test_random_below(EXT2_LINKS_MAX);
    n.uid = test_random();
    n.gid = test_random();
    n.sectors = test_random();
    n.atime = test_random();
    n.mtime = test_random();
    n.ctime = test_random();
    for (i = 0; i < EXT2_BLOCK_SLOTS; i++)
        n.block[i] = test_random();
    if ((n.mode & EXT2_MODE_TYPE) == EXT2_MODE_FILE)
        n.size = test_random() % (1ull << 34);
    if ((n.mode & EXT2_MODE_TYPE) == EXT2_MODE_DIR)
        n.size = (1 + test_random_below(1000)) * BLOCK_BYTES;
    if ((n.mode & EXT2_MODE_TYPE) == EXT2_MODE_CHAR) {
        n.rdev = test_random();
        ext2_rdev_encode(n.rdev, n.block);
    }
    return n;
}

TEST(encode_is_the_inverse_of_parse)
{
    struct ext2_disk_inode inode;
    struct ext2_node in, out;
    const char *why;

    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        memset(&inode, 0, sizeof(inode));
        inode.generation = round;
        in = random_node();
        ext2_inode_encode(&in, &inode);
        CHECK_EQ(ext2_inode_parse(&g, &inode, &out, &why), 0);
        CHECK_EQ(inode.generation, round);
        CHECK_EQ(out.mode, in.mode);
        CHECK_EQ(out.links, in.links);
        CHECK_EQ(out.uid, in.uid);
        CHECK_EQ(out.gid, in.gid);
        CHECK_EQ(out.size, in.size);
        CHECK_EQ(out.sectors, in.sectors);
        CHECK_EQ(out.mtime, in.mtime);
        CHECK_EQ(out.rdev, in.rdev);
        CHECK_EQ(memcmp(out.block, in.block, sizeof(in.block)), 0);
    }
}

TEST(longest_files)
{
    struct ext2_geometry big = g;

    CHECK_EQ(ext2_max_bytes(&g, 0), 0x7fffffff);
    CHECK_EQ(ext2_max_bytes(&g, 1), (12ull + 256 + 256 * 256 + 256 * 256 * 256)
                                        << 10);
    big.block_shift = 12;
    big.block_bytes = 4096;
    // 2^32 - 1 sectors hold the data and the indirect blocks.
    CHECK(ext2_max_bytes(&big, 1) < 1ull << 41);
    CHECK(ext2_max_bytes(&big, 1) > (1ull << 41) - (1ull << 32));
}
