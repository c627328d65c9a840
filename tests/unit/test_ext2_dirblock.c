// tests/unit/test_ext2_dirblock.c - fs/ext2/dirblock.c
// sources: fs/ext2/dirblock.c fs/ext2/parse.c
// SPDX-License-Identifier: MIT
//
// Against a list of names; entries that stay may not move. The block has
// exactly its bytes.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../fs/ext2/dirblock.h"

#define NAMES_MAX 128u

struct model_entry {
    bool used;
    u32 ino, type, at;
    char name[256];
};

static struct model_entry model[NAMES_MAX];
static const u32 sizes[] = {1024, 2048, 4096};

static struct ext2_geometry geometry(u32 bytes, bool types)
{
    struct ext2_geometry g = {
        .block_bytes = bytes, .inodes = 1000000, .has_file_types = types};
    return g;
}

static struct ext2_entry entry_of(const struct model_entry *m)
{
    return (struct ext2_entry){m->ino, m->type, (u32)strlen(m->name), m->name};
}

static int find(const struct ext2_geometry *g, const u8 *block,
                const char *name)
{
    u32 at;

    return ext2_dirblock_find(g, block, name, (u32)strlen(name), &at) ? (int)at
                                                                      : -1;
}

TEST(example)
{
    struct ext2_geometry g = geometry(1024, true);
    struct model_entry a = {.ino = 11, .type = 1, .name = "a"};
    struct model_entry b = {.ino = 12, .type = 2, .name = "bcdef"};
    u8 *block = malloc(g.block_bytes);
    struct ext2_entry e = entry_of(&a);
    u32 at;

    CHECK(block);
    ext2_dirblock_init(&g, block);
    CHECK_EQ(ext2_dirblock_check(&g, block), 0);
    CHECK(ext2_dirblock_is_empty(&g, block));
    CHECK_EQ(ext2_dirblock_insert(&g, block, &e, &at), 0);
    e = entry_of(&b);
    CHECK_EQ(ext2_dirblock_insert(&g, block, &e, &at), 0);
    CHECK_EQ(find(&g, block, "a"), 0);
    CHECK_EQ(find(&g, block, "bcdef"), 12);
    CHECK_EQ(find(&g, block, "bcde"), -1);
    CHECK(!ext2_dirblock_is_empty(&g, block));
    ext2_dirblock_remove(block, 0); // the first has nobody to join
    CHECK_EQ(find(&g, block, "a"), -1);
    CHECK_EQ(find(&g, block, "bcdef"), 12);
    ext2_dirblock_set(&g, block, 12, 99, 1);
    ext2_dirblock_remove(block, 12);
    CHECK(ext2_dirblock_is_empty(&g, block));
    free(block);
}

TEST(dots_are_nothing)
{
    struct ext2_geometry g = geometry(1024, true);
    struct ext2_entry dot = {2, 2, 1, "."}, dots = {2, 2, 2, ".."};
    struct ext2_entry three = {3, 1, 3, "..."};
    u8 *block = malloc(g.block_bytes);
    u32 at;

    CHECK(block);
    ext2_dirblock_init(&g, block);
    CHECK_EQ(ext2_dirblock_insert(&g, block, &dot, &at), 0);
    CHECK_EQ(ext2_dirblock_insert(&g, block, &dots, &at), 0);
    CHECK(ext2_dirblock_is_empty(&g, block));
    CHECK_EQ(ext2_dirblock_insert(&g, block, &three, &at), 0);
    CHECK(!ext2_dirblock_is_empty(&g, block));
    free(block);
}

static void make_name(struct model_entry *m, u32 index)
{
    u32 length = 1 + (test_random_one_in(8) ? test_random_below(255)
                                            : test_random_below(12));
    u32 i;

    for (i = 0; i < length; i++)
        m->name[i] = (char)('a' + test_random_below(26));
    m->name[length] = '\0';
    // Different for each place in the model.
    if (length >= 3) {
        m->name[0] = (char)('0' + index / 16);
        m->name[1] = (char)('0' + index % 16);
    }
}

static bool is_taken(const char *name)
{
    for (u32 i = 0; i < NAMES_MAX; i++)
        if (model[i].used && strcmp(model[i].name, name) == 0)
            return true;
    return false;
}

static void compare(const struct ext2_geometry *g, const u8 *block)
{
    u32 used = 0, seen = 0, offset = 0, i;
    struct ext2_entry e;

    CHECK_EQ(ext2_dirblock_check(g, block), 0);
    for (i = 0; i < NAMES_MAX; i++) {
        if (!model[i].used)
            continue;
        used++;
        CHECK_EQ(find(g, block, model[i].name), model[i].at);
    }
    while (ext2_dir_next(g, block, &offset, &e) > 0)
        seen++;
    CHECK_EQ(seen, used);
    CHECK_EQ(ext2_dirblock_is_empty(g, block), used == 0);
}

static void insert(const struct ext2_geometry *g, u8 *block, u32 i)
{
    struct model_entry *m = &model[i];
    struct ext2_entry e;
    u32 at;
    int rc;

    make_name(m, i);
    if (is_taken(m->name))
        return;
    m->ino = 1 + test_random_below(g->inodes);
    m->type = test_random_below(8);
    e = entry_of(m);
    rc = ext2_dirblock_insert(g, block, &e, &at);
    if (rc) {
        CHECK_EQ(rc, -ENOSPC);
        return;
    }
    m->used = true;
    m->at = (u32)find(g, block, m->name);
    CHECK_EQ(at, m->at);
}

// A disk that lost its power has some sectors of @old and the others of @new:
// the chain is whole, and entries that are in both are found.
static void check_torn(const struct ext2_geometry *g, const u8 *old,
                       const u8 *new, u32 except)
{
    u32 sectors = g->block_bytes / EXT2_SECTOR_BYTES, mask, s, i;
    u8 *torn = malloc(g->block_bytes);

    CHECK(torn);
    for (mask = 0; mask < 1u << sectors; mask++) {
        for (s = 0; s < sectors; s++)
            memcpy(torn + s * EXT2_SECTOR_BYTES,
                   (mask & 1u << s ? new : old) + s * EXT2_SECTOR_BYTES,
                   EXT2_SECTOR_BYTES);
        CHECK_EQ(ext2_dirblock_check(g, torn), 0);
        for (i = 0; i < NAMES_MAX; i++)
            if (i != except && model[i].used)
                CHECK_EQ(find(g, torn, model[i].name), model[i].at);
    }
    free(torn);
}

// A block as Linux and mke2fs make it: one record to its end.
static void init_long(const struct ext2_geometry *g, u8 *block)
{
    struct ext2_disk_dirent *r = (void *)block;

    memset(block, 0xff, g->block_bytes);
    memset(block, 0, sizeof(*r));
    r->record_bytes = (u16)g->block_bytes;
}

static void divide_torn(const struct ext2_geometry *g, u8 *block, u8 *old)
{
    u32 at;

    memcpy(old, block, g->block_bytes);
    if (!ext2_dirblock_plant(g, block, 1, &at))
        return;
    check_torn(g, old, block, NAMES_MAX);
    memcpy(old, block, g->block_bytes);
    ext2_dirblock_split(block, at);
    check_torn(g, old, block, NAMES_MAX);
}

TEST(torn_by_a_cut)
{
    struct ext2_geometry g;
    u8 *block, *old;
    u32 round, i;

    for (round = 0; round < 40; round++) {
        g = geometry(sizes[round % 3], true);
        block = malloc(g.block_bytes);
        old = malloc(g.block_bytes);
        CHECK(block && old);
        memset(model, 0, sizeof(model));
        if (round % 2)
            ext2_dirblock_init(&g, block);
        else
            init_long(&g, block);
        for (u32 step = 0; step < 200; step++) {
            i = test_random_below(NAMES_MAX);
            memcpy(old, block, g.block_bytes);
            if (model[i].used) {
                ext2_dirblock_remove(block, model[i].at);
                check_torn(&g, old, block, i);
                model[i].used = false;
            } else {
                insert(&g, block, i);
                check_torn(&g, old, block, i);
                if (!model[i].used && test_random_one_in(3))
                    divide_torn(&g, block, old);
            }
        }
        free(block);
        free(old);
    }
}

TEST(against_a_model)
{
    struct ext2_geometry g = {0};
    u8 *block = NULL;
    u32 round, i;

    for (round = 0; round < TEST_ROUNDS / 2; round++) {
        if (round % 2000 == 0) {
            free(block);
            g = geometry(sizes[test_random_below(3)], test_random_one_in(2));
            block = malloc(g.block_bytes);
            CHECK(block);
            ext2_dirblock_init(&g, block);
            memset(model, 0, sizeof(model));
        }
        i = test_random_below(NAMES_MAX);
        if (!model[i].used) {
            insert(&g, block, i);
        } else if (test_random_one_in(3)) {
            model[i].ino = 1 + test_random_below(g.inodes);
            ext2_dirblock_set(&g, block, model[i].at, model[i].ino, 1);
        } else {
            ext2_dirblock_remove(block, model[i].at);
            model[i].used = false;
        }
        compare(&g, block);
    }
    free(block);
}
