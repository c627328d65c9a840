// lib/rbtree.c - red-black trees through their members [P]
// SPDX-License-Identifier: MIT
//
// Invariants (rb_check): the root is black; a red node has black children;
// every path from the root down to a missing child passes equally many black
// nodes. A missing child counts as black. So the depth is at most
// 2 log2(n + 1).
//
// The cached value of an augmented tree depends on the contents of the subtree
// only, not on its shape: a rotation then changes the values of the two nodes
// that it turns and no other. Insert and erase first bring the values up to
// date from the place of the change to the root, then rebalance.
//
// Source: Cormen et al., Introduction to Algorithms, red-black trees.

#include <lib/rbtree.h>

#define RED   0u
#define BLACK 1u

// A child on one side; mirrored cases are one code with the side exchanged.
enum side {
    SIDE_LEFT,
    SIDE_RIGHT
};

static struct rb_node **child_link(struct rb_node *node, enum side side)
{
    return side == SIDE_LEFT ? &node->left : &node->right;
}

static enum side other_side(enum side side)
{
    return side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

static bool is_red(const struct rb_node *node)
{
    return node && (node->parent_color & BLACK) == RED;
}

static void set_color(struct rb_node *node, uintptr_t color)
{
    node->parent_color = (node->parent_color & ~(uintptr_t)1) | color;
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
    node->parent_color = (uintptr_t)parent | (node->parent_color & 1);
}

// The place that points at @old (a child of @parent, or the root) gets @new.
static void replace_child(struct rb_root *root, struct rb_node *parent,
                          struct rb_node *old, struct rb_node *new)
{
    if (!parent)
        root->node = new;
    else if (parent->left == old)
        parent->left = new;
    else
        parent->right = new;
}

// Turn @node down to @side; its child on the other side takes its place.
static void rotate(struct rb_root *root, struct rb_node *node, enum side side,
                   rb_update_fn update)
{
    struct rb_node **link = child_link(node, other_side(side));
    struct rb_node *up = *link;
    struct rb_node *moved = *child_link(up, side);

    *link = moved;
    if (moved)
        set_parent(moved, node);
    replace_child(root, rb_parent(node), node, up);
    set_parent(up, rb_parent(node));
    *child_link(up, side) = node;
    set_parent(node, up);
    if (update) {
        update(node);
        update(up);
    }
}

void rb_propagate(struct rb_node *node, rb_update_fn update)
{
    for (; node; node = rb_parent(node))
        update(node);
}

void rb_insert(struct rb_root *root, struct rb_node *node,
               struct rb_node *parent, struct rb_node **link,
               rb_update_fn update)
{
    node->parent_color = (uintptr_t)parent | RED;
    node->left = NULL;
    node->right = NULL;
    *link = node;
    if (update)
        rb_propagate(node, update);

    while (is_red(parent)) {
        struct rb_node *grand = rb_parent(parent); // the root is not red
        enum side side = grand->left == parent ? SIDE_LEFT : SIDE_RIGHT;
        struct rb_node *uncle = *child_link(grand, other_side(side));

        if (is_red(uncle)) {
            set_color(parent, BLACK);
            set_color(uncle, BLACK);
            set_color(grand, RED);
            node = grand;
            parent = rb_parent(node);
            continue;
        }
        if (*child_link(parent, other_side(side)) == node) {
            rotate(root, parent, side, update);
            parent = node;
        }
        set_color(parent, BLACK);
        set_color(grand, RED);
        rotate(root, grand, other_side(side), update);
        break;
    }
    set_color(root->node, BLACK);
}

// The paths through @parent's child @node (which may be missing) have one
// black node too few.
static void erase_fixup(struct rb_root *root, struct rb_node *node,
                        struct rb_node *parent, rb_update_fn update)
{
    while (parent && !is_red(node)) {
        enum side side = parent->left == node ? SIDE_LEFT : SIDE_RIGHT;
        enum side far = other_side(side);
        struct rb_node *sibling = *child_link(parent, far);

        if (is_red(sibling)) {
            set_color(sibling, BLACK);
            set_color(parent, RED);
            rotate(root, parent, side, update);
            sibling = *child_link(parent, far);
        }
        if (!is_red(sibling->left) && !is_red(sibling->right)) {
            set_color(sibling, RED);
            node = parent;
            parent = rb_parent(node);
            continue;
        }
        if (!is_red(*child_link(sibling, far))) {
            set_color(*child_link(sibling, side), BLACK);
            set_color(sibling, RED);
            rotate(root, sibling, far, update);
            sibling = *child_link(parent, far);
        }
        set_color(sibling, is_red(parent) ? RED : BLACK);
        set_color(parent, BLACK);
        set_color(*child_link(sibling, far), BLACK);
        rotate(root, parent, side, update);
        return;
    }
    if (node)
        set_color(node, BLACK);
}

// Put the successor of @node, which has two children, into its place.
// Return: the node below which the black height changed; *@child: the child
// there; *@removed_red: the colour that is missing there.
static struct rb_node *splice_successor(struct rb_root *root,
                                        struct rb_node *node,
                                        struct rb_node **child,
                                        bool *removed_red)
{
    struct rb_node *next = rb_next(node);
    struct rb_node *parent = rb_parent(next);

    *child = next->right;
    *removed_red = is_red(next);
    if (parent == node) {
        parent = next;
    } else {
        parent->left = *child;
        if (*child)
            set_parent(*child, parent);
        next->right = node->right;
        set_parent(next->right, next);
    }
    next->left = node->left;
    set_parent(next->left, next);
    next->parent_color = node->parent_color;
    replace_child(root, rb_parent(node), node, next);
    return parent;
}

void rb_erase(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
    struct rb_node *parent, *child;
    bool removed_red;

    if (node->left && node->right) {
        parent = splice_successor(root, node, &child, &removed_red);
    } else {
        child = node->left ? node->left : node->right;
        parent = rb_parent(node);
        removed_red = is_red(node);
        replace_child(root, parent, node, child);
        if (child)
            set_parent(child, parent);
    }
    if (update)
        rb_propagate(parent, update);
    if (!removed_red)
        erase_fixup(root, child, parent, update);
}

static struct rb_node *outermost(struct rb_node *node, enum side side)
{
    while (node && *child_link(node, side))
        node = *child_link(node, side);
    return node;
}

// The neighbour in order on @side.
static struct rb_node *neighbour(const struct rb_node *from, enum side side)
{
    struct rb_node *node = (struct rb_node *)(uintptr_t)from;
    struct rb_node *below = *child_link(node, side);

    if (below)
        return outermost(below, other_side(side));
    for (;;) {
        struct rb_node *parent = rb_parent(node);

        if (!parent || *child_link(parent, side) != node)
            return parent;
        node = parent;
    }
}

struct rb_node *rb_first(const struct rb_root *root)
{
    return outermost(root->node, SIDE_LEFT);
}

struct rb_node *rb_last(const struct rb_root *root)
{
    return outermost(root->node, SIDE_RIGHT);
}

struct rb_node *rb_next(const struct rb_node *node)
{
    return neighbour(node, SIDE_RIGHT);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
    return neighbour(node, SIDE_LEFT);
}

// Black nodes from @node up to the root.
static u32 black_height(const struct rb_node *node)
{
    u32 height = 0;

    for (; node; node = rb_parent(node))
        height += !is_red(node);
    return height;
}

static bool check_node(const struct rb_node *node, u32 height)
{
    if (node->left && rb_parent(node->left) != node)
        return false;
    if (node->right && rb_parent(node->right) != node)
        return false;
    if (is_red(node) && (is_red(node->left) || is_red(node->right)))
        return false;
    return (node->left && node->right) || black_height(node) == height;
}

bool rb_check(const struct rb_root *root)
{
    const struct rb_node *node = rb_first(root);
    u32 height = black_height(node);

    if (root->node && (is_red(root->node) || rb_parent(root->node)))
        return false;
    for (; node; node = rb_next(node)) {
        if (!check_node(node, height))
            return false;
    }
    return true;
}
