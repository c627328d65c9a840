// include/lib/rbtree.h - red-black trees through their members [P]
// SPDX-License-Identifier: MIT
//
// Intrusive: the caller descends and compares, then links the node at the
// place found and lets it be rebalanced. A tree can be augmented: each node
// then caches something about its subtree, and `update` recomputes it from the
// node and its two children.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct rb_node {
    uintptr_t parent_color; // parent | colour in bit 0 (0 red, 1 black)
    struct rb_node *left, *right;
};

struct rb_root {
    struct rb_node *node;
};

// Recomputes the cached value of @node from its children. NULL: not augmented.
typedef void (*rb_update_fn)(struct rb_node *node);

// rb_insert - link @node as the child *@link of @parent (both found by the
// caller's descent), recolour, rotate, and update up to the root.
void rb_insert(struct rb_root *root, struct rb_node *node,
               struct rb_node *parent, struct rb_node **link,
               rb_update_fn update);

// rb_erase - take @node out.
void rb_erase(struct rb_root *root, struct rb_node *node, rb_update_fn update);

// rb_propagate - @node's own value changed: update it and all above it.
void rb_propagate(struct rb_node *node, rb_update_fn update);

struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
    return (struct rb_node *)(node->parent_color & ~(uintptr_t)1);
}

// rb_check - root black, no red child of a red node, equal black heights,
// parents right. Return: true when it holds.
bool rb_check(const struct rb_root *root);
