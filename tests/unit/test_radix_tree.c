// tests/unit/test_radix_tree.c - lib/radix_tree.c against sorted arrays
// sources: lib/radix_tree.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <lib/radix_tree.h>

#define INDICES 1500u

// The model: the indices that are ever used, ascending, with what is there.
static struct {
    u32 index;
    void *item; // NULL: nothing
    bool tags[RADIX_TAGS];
} model[INDICES];
static u32 model_size;

static struct radix_tree tree;
static u32 nodes_out; // allocated and not freed

static void free_node(struct radix_node *node, void *arg)
{
    CHECK(arg == &nodes_out);
    nodes_out--;
    free(node);
}

static void fill_preload(struct radix_preload *pre, u32 count)
{
    while (pre->count < count) {
        struct radix_node *node = malloc(sizeof(*node));

        memset(node, 0xa5, sizeof(*node)); // the tree has to clear it
        pre->nodes[pre->count++] = node;
        nodes_out++;
    }
}

static void drain_preload(struct radix_preload *pre)
{
    while (pre->count)
        free_node(pre->nodes[--pre->count], &nodes_out);
}

static int insert(u32 index, void *item)
{
    struct radix_preload pre = {.count = 0};
    int rc;

    fill_preload(&pre, RADIX_LEVELS);
    rc = radix_tree_insert(&tree, index, item, &pre);
    drain_preload(&pre);
    return rc;
}

static void *take(u32 index)
{
    return radix_tree_delete(&tree, index, free_node, &nodes_out);
}

// A number in place of an item is counted, and no more when it goes.
static u32 leaf_values_after_number(void)
{
    u32 slot, values;
    struct radix_node *leaf = radix_tree_leaf(&tree, 0, &slot);
    void *was = radix_leaf_set(leaf, slot, radix_value(7));

    values = leaf->values;
    CHECK(radix_tree_check(&tree));
    CHECK(radix_leaf_set(leaf, slot, was) == radix_value(7));
    CHECK(leaf->values == 0 && leaf->count == 1);
    CHECK_ASSERTS(radix_leaf_clear(&tree, leaf, 1, free_node, &nodes_out));
    return values;
}

TEST(examples)
{
    int a, b;

    radix_tree_init(&tree);
    nodes_out = 0;
    CHECK(!radix_tree_lookup(&tree, 0) && !take(0));
    CHECK_EQ(insert(0, &a), 0);
    CHECK_EQ(nodes_out, 1);
    CHECK_EQ(insert(0, &b), -EEXIST);
    CHECK_EQ(insert(0xffffffffu, &b), 0);
    CHECK(radix_tree_lookup(&tree, 0) == &a);
    CHECK(radix_tree_lookup(&tree, 0xffffffffu) == &b);
    CHECK(!radix_tree_lookup(&tree, 0x80000000u));
    CHECK(!radix_tree_lookup(&tree, 64));
    CHECK(radix_tree_replace(&tree, 0, &b) == &a);
    CHECK(!radix_tree_replace(&tree, 1, &b));
    CHECK_EQ(leaf_values_after_number(), 1);
    CHECK(radix_tree_check(&tree));
    CHECK(take(0xffffffffu) == &b);
    CHECK_EQ(nodes_out, 1); // as short as before
    CHECK(take(0) == &b);
    CHECK(!tree.root && nodes_out == 0);
}

TEST(tags_and_their_assertions)
{
    int a;
    void *found;
    u32 index;

    radix_tree_init(&tree);
    CHECK_EQ(insert(5000, &a), 0);
    CHECK_ASSERTS(radix_tree_tag_set(&tree, 4999, RADIX_TAG_DIRTY));
    CHECK_ASSERTS(radix_tree_tag_clear(&tree, 4999, RADIX_TAG_DIRTY));
    CHECK_ASSERTS(radix_tree_tag_get(&tree, 1u << 31, RADIX_TAG_DIRTY));
    radix_tree_tag_set(&tree, 5000, RADIX_TAG_DIRTY);
    CHECK_EQ(insert(1u << 30, &a), 0); // taller: the tag goes along
    CHECK_EQ(insert(70, &a), 0);
    CHECK(radix_tree_check(&tree));
    CHECK_EQ(radix_tree_gang_lookup_tag(&tree, 0, 9, RADIX_TAG_DIRTY, &found,
                                        &index),
             1);
    CHECK_EQ(index, 5000);
    CHECK_EQ(radix_tree_gang_lookup_tag(&tree, 0, 9, RADIX_TAG_WRITEBACK,
                                        &found, &index),
             0);
    CHECK(take(5000) && take(70) && take(1u << 30));
    CHECK(!tree.root);
}

static int compare_u32(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return (x > y) - (x < y);
}

// Indices of every kind: dense at both ends and in the middle, and scattered.
static void make_model(void)
{
    static u32 indices[INDICES];

    for (u32 i = 0; i < INDICES; i++) {
        u32 near = test_random_below(400);

        switch (test_random_below(5)) {
        case 0: indices[i] = near; break;
        case 1: indices[i] = 0xffffffffu - near; break;
        case 2: indices[i] = (1u << 18) - 200 + near; break;
        case 3: indices[i] = test_random() & 0xff000fffu; break;
        default: indices[i] = test_random() >> test_random_below(32); break;
        }
    }
    qsort(indices, INDICES, sizeof(indices[0]), compare_u32);
    memset(model, 0, sizeof(model));
    model_size = 0;
    for (u32 i = 0; i < INDICES; i++) {
        if (i == 0 || indices[i] != indices[i - 1])
            model[model_size++].index = indices[i];
    }
}

// Insert with a preload of any size: too few nodes must change nothing.
static void random_insert(u32 i)
{
    struct radix_preload pre = {.count = 0};
    u32 before = nodes_out, used, have = test_random_below(RADIX_LEVELS + 1);
    void *item = malloc(1);
    int rc;

    fill_preload(&pre, have);
    rc = radix_tree_insert(&tree, model[i].index, item, &pre);
    used = have - pre.count;
    drain_preload(&pre);
    if (rc) {
        CHECK_EQ(rc, model[i].item ? -EEXIST : -ENOMEM);
        CHECK(rc == -EEXIST || have < RADIX_LEVELS);
        CHECK(used == 0 && nodes_out == before);
        free(item);
        return;
    }
    CHECK(!model[i].item && nodes_out == before + used);
    model[i].item = item;
    memset(model[i].tags, 0, sizeof(model[i].tags));
}

static void random_tag(u32 i)
{
    enum radix_tag tag = (enum radix_tag)test_random_below(RADIX_TAGS);

    if (!model[i].item)
        return;
    CHECK_EQ(radix_tree_tag_get(&tree, model[i].index, tag),
             model[i].tags[tag]);
    model[i].tags[tag] = test_random_one_in(2);
    if (model[i].tags[tag])
        radix_tree_tag_set(&tree, model[i].index, tag);
    else
        radix_tree_tag_clear(&tree, model[i].index, tag);
}

// @tag RADIX_TAGS: untagged. From an index that is or is not in the model.
static void random_gang(u32 i, u32 tag)
{
    void *items[64];
    u32 indices[64], max = test_random_below(64) + 1, found, expected = 0;
    u32 first = model[i].index;

    if (tag == RADIX_TAGS)
        found = radix_tree_gang_lookup(&tree, first, max, items, indices);
    else
        found = radix_tree_gang_lookup_tag(&tree, first, max,
                                           (enum radix_tag)tag, items, indices);
    for (; i < model_size && expected < max; i++) {
        if (!model[i].item || (tag < RADIX_TAGS && !model[i].tags[tag]))
            continue;
        CHECK(expected < found);
        CHECK_EQ(indices[expected], model[i].index);
        CHECK(items[expected] == model[i].item);
        expected++;
    }
    CHECK_EQ(found, expected);
}

static void random_delete(u32 i)
{
    void *item = take(model[i].index);

    CHECK(item == model[i].item);
    free(item);
    model[i].item = NULL;
}

static void random_replace(u32 i)
{
    void *item = malloc(1), *old;

    old = radix_tree_replace(&tree, model[i].index, item);
    CHECK(old == model[i].item);
    free(old ? old : item);
    if (old)
        model[i].item = item;
}

// What can be done in a leaf, where there is one.
static void random_leaf(u32 i)
{
    u32 slot;
    struct radix_node *leaf = radix_tree_leaf(&tree, model[i].index, &slot);
    void *item;

    CHECK(leaf || !model[i].item);
    if (!leaf)
        return;
    CHECK_EQ(radix_node_base(leaf) + slot, model[i].index);
    CHECK(leaf->slots[slot] == model[i].item);
    if (model[i].item && test_random_one_in(2)) {
        u32 others = leaf->count - 1u;

        CHECK_EQ(radix_leaf_clear(&tree, leaf, slot, free_node, &nodes_out),
                 others > 0);
        free(model[i].item);
        model[i].item = NULL;
        return;
    }
    item = malloc(1);
    CHECK(radix_leaf_set(leaf, slot, item) == model[i].item);
    if (!model[i].item)
        memset(model[i].tags, 0, sizeof(model[i].tags));
    free(model[i].item);
    model[i].item = item;
}

TEST(random_run)
{
    u32 bias = 4; // phases that fill and phases that empty

    make_model();
    radix_tree_init(&tree);
    nodes_out = 0;
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        u32 i = test_random_below(model_size);

        if (round % 5000 == 0)
            bias = 2 + test_random_below(5);
        CHECK(radix_tree_lookup(&tree, model[i].index) == model[i].item);
        switch (test_random_below(13)) {
        case 0: random_gang(i, test_random_below(RADIX_TAGS + 1)); break;
        case 1: random_replace(i); break;
        case 2:
        case 3: random_tag(i); break;
        case 4: random_leaf(i); break;
        default:
            if (test_random_below(8) < bias)
                random_insert(i);
            else
                random_delete(i);
        }
        if (round % 64 == 0)
            CHECK(radix_tree_check(&tree));
    }
    for (u32 i = 0; i < model_size; i++)
        random_delete(i);
    CHECK(!tree.root && nodes_out == 0);
}

TEST(check_finds_damage)
{
    int a;

    radix_tree_init(&tree);
    CHECK_EQ(insert(1, &a), 0);
    CHECK_EQ(insert(100, &a), 0);
    CHECK(radix_tree_check(&tree));
    tree.root->count++;
    CHECK(!radix_tree_check(&tree));
    tree.root->count--;
    tree.root->tags[0][0] |= 2; // nothing below has it
    CHECK(!radix_tree_check(&tree));
    tree.root->tags[0][0] &= ~2u;
    CHECK(take(1) && take(100));
}
