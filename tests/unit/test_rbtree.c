// tests/unit/test_rbtree.c - lib/rbtree.c against an array of flags
// sources: lib/rbtree.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <lib/rbtree.h>

#define KEYS 600u

struct item {
    u32 key;
    u32 sum; // of the keys in the subtree: what is augmented
    bool in_tree;
    struct rb_node node;
};

static struct item items[KEYS];
static struct rb_root root;

static struct item *item_of(struct rb_node *node)
{
    return container_of(node, struct item, node);
}

static u32 sum_of(struct rb_node *node)
{
    return node ? item_of(node)->sum : 0;
}

static void update(struct rb_node *node)
{
    item_of(node)->sum =
        item_of(node)->key + sum_of(node->left) + sum_of(node->right);
}

static void reset(void)
{
    root.node = NULL;
    for (u32 i = 0; i < KEYS; i++)
        items[i] = (struct item){.key = i + 1};
}

static void insert(struct item *item)
{
    struct rb_node **link = &root.node, *parent = NULL;

    while (*link) {
        parent = *link;
        link =
            item->key < item_of(parent)->key ? &parent->left : &parent->right;
    }
    rb_insert(&root, &item->node, parent, link, update);
    item->in_tree = true;
}

static void erase(struct item *item)
{
    rb_erase(&root, &item->node, update);
    item->in_tree = false;
}

static void check_sums(struct rb_node *node)
{
    if (!node)
        return;
    CHECK_EQ(sum_of(node),
             item_of(node)->key + sum_of(node->left) + sum_of(node->right));
    check_sums(node->left);
    check_sums(node->right);
}

// The tree has the items of the array, in order, forwards and backwards.
static void check_all(void)
{
    struct rb_node *up = rb_first(&root), *down = rb_last(&root);

    CHECK(rb_check(&root));
    check_sums(root.node);
    for (u32 i = 0; i < KEYS; i++) {
        if (items[i].in_tree) {
            CHECK(up == &items[i].node);
            up = rb_next(up);
        }
        if (items[KEYS - 1 - i].in_tree) {
            CHECK(down == &items[KEYS - 1 - i].node);
            down = rb_prev(down);
        }
    }
    CHECK(!up && !down);
}

TEST(empty)
{
    reset();
    CHECK(!rb_first(&root) && !rb_last(&root) && rb_check(&root));
}

TEST(ascending_then_erase_in_order)
{
    reset();
    for (u32 i = 0; i < KEYS; i++)
        insert(&items[i]);
    check_all();
    for (u32 i = 0; i < KEYS; i++) {
        erase(&items[i]);
        CHECK(rb_check(&root));
    }
    CHECK(!root.node);
}

TEST(propagate)
{
    reset();
    for (u32 i = 0; i < KEYS; i++)
        insert(&items[i]);
    items[17].key += 1000;
    rb_propagate(&items[17].node, update);
    check_sums(root.node);
    CHECK_EQ(sum_of(root.node), KEYS * (KEYS + 1) / 2 + 1000);
}

TEST(random_run)
{
    u32 range = KEYS;

    reset();
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        struct item *item;

        if (test_random_one_in(500)) // small trees too
            range = 1 + test_random_below(test_random_one_in(2) ? 9 : KEYS);
        item = &items[test_random_below(range)];
        if (item->in_tree)
            erase(item);
        else
            insert(item);
        if (range < 10 || i % 16 == 0)
            check_all();
    }
}

TEST(check_finds_damage)
{
    reset();
    for (u32 i = 0; i < 8; i++)
        insert(&items[i]);
    root.node->parent_color ^= 1; // a red root
    CHECK(!rb_check(&root));
    root.node->parent_color ^= 1;
    rb_first(&root)->parent_color ^= 1; // another black height
    CHECK(!rb_check(&root));
}
