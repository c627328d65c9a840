// include/lib/radix_tree.h - map from u32 to pointer, with tags [P]
// SPDX-License-Identifier: MIT
//
// A tree of 64-way nodes whose height grows with the largest index. Used for
// the pages of a file and the swap cache. Each entry has RADIX_TAGS tags
// (dirty, writeback), also kept as "some entry below has it" in inner nodes,
// so that tagged entries are found without visiting the others.
//
// Nodes come from the caller: radix_tree_insert takes them from a preload
// that radix_tree_preload filled beforehand, so that inserting never
// allocates (and so never sleeps) in the middle.
#pragma once

#include <base/compiler.h>
#include <base/list.h>
#include <base/types.h>

#define RADIX_SHIFT  6u
#define RADIX_SLOTS  (1u << RADIX_SHIFT)
#define RADIX_LEVELS 6u // 6 * 6 bits cover 32
#define RADIX_TAGS   2u

enum radix_tag {
    RADIX_TAG_DIRTY = 0,
    RADIX_TAG_WRITEBACK = 1,
};

struct radix_node {
    struct radix_node *parent;
    u8 shift;  // index bits below this node's
    u8 offset; // slot in the parent
    u8 count;  // slots in use
    u8 values; // of these, in a leaf: numbers
    u32 tags[RADIX_TAGS][RADIX_SLOTS / 32];
    void *slots[RADIX_SLOTS];
    // The owner of the tree may keep leaves on a list (mm/workingset.c). Both
    // are NULL in a new leaf, and up to the owner from then on.
    struct list_head link;
    struct radix_tree *tree;
};

struct radix_tree {
    struct radix_node *root;
};

// An item is a pointer to something aligned, or a number of 31 bits in its
// place; lookups return either.
static inline void *radix_value(u32 value)
{
    return (void *)(uintptr_t)(value << 1 | 1u);
}
static inline bool radix_is_value(const void *item)
{
    return (uintptr_t)item & 1u;
}
static inline u32 radix_value_of(const void *item)
{
    return (u32)(uintptr_t)item >> 1;
}

// A reserve of nodes, enough for one insert. At most RADIX_LEVELS are needed.
struct radix_preload {
    struct radix_node *nodes[RADIX_LEVELS];
    u32 count;
};

void radix_tree_init(struct radix_tree *tree);

// radix_tree_insert - put @item (not NULL) at @index, taking nodes from @pre.
// Return: 0; -EEXIST: something is there; -ENOMEM: @pre had too few nodes
// (nothing changed; fill it to RADIX_LEVELS and try again).
__must_check int radix_tree_insert(struct radix_tree *tree, u32 index,
                                   void *item, struct radix_preload *pre);

void *radix_tree_lookup(const struct radix_tree *tree, u32 index);

// radix_tree_leaf - the node that has, or would have, @index in a slot, which
// goes to *@out_slot. NULL: there is none. For several things to be done at an
// index with one descent; valid until something is deleted from the tree.
struct radix_node *radix_tree_leaf(const struct radix_tree *tree, u32 index,
                                   u32 *out_slot);

// radix_leaf_set - put @item (not NULL) in a slot of a leaf: as
// radix_tree_insert where it is empty, else as radix_tree_replace.
// Return: what was there, or NULL.
static inline void *radix_leaf_set(struct radix_node *leaf, u32 slot,
                                   void *item)
{
    void *was = leaf->slots[slot];

    leaf->slots[slot] = item;
    leaf->count += !was;
    leaf->values += radix_is_value(item);
    leaf->values -= radix_is_value(was);
    return was;
}

// radix_node_base - the index of slot 0 of a node.
u32 radix_node_base(const struct radix_node *node);

// radix_tree_replace - put another item (not NULL) in an occupied place,
// keeping its tags. Return: the old item; NULL: the place is empty.
void *radix_tree_replace(struct radix_tree *tree, u32 index, void *item);

// radix_tree_delete - take out what is at @index, with its tags. Nodes that
// become empty go to @free_node(node, arg).
// Return: the item; NULL: there was none.
void *radix_tree_delete(struct radix_tree *tree, u32 index,
                        void (*free_node)(struct radix_node *, void *),
                        void *arg);

// radix_leaf_clear - the same for a slot of a leaf that has an item (asserted).
// Return: whether the leaf is still there.
bool radix_leaf_clear(struct radix_tree *tree, struct radix_node *leaf,
                      u32 slot, void (*free_node)(struct radix_node *, void *),
                      void *arg);

// radix_tree_gang_lookup - up to @max items at or above @first, in order.
// Return: how many; indices go to @indices when it is not NULL.
u32 radix_tree_gang_lookup(const struct radix_tree *tree, u32 first, u32 max,
                           void **items, u32 *indices);

// The same, of those with @tag.
u32 radix_tree_gang_lookup_tag(const struct radix_tree *tree, u32 first,
                               u32 max, enum radix_tag tag, void **items,
                               u32 *indices);

// Tags of an occupied place (asserted).
void radix_tree_tag_set(struct radix_tree *tree, u32 index, enum radix_tag tag);
void radix_tree_tag_clear(struct radix_tree *tree, u32 index,
                          enum radix_tag tag);
bool radix_tree_tag_get(const struct radix_tree *tree, u32 index,
                        enum radix_tag tag);

// radix_tree_nodes - how many nodes it is made of: all are visited.
u32 radix_tree_nodes(const struct radix_tree *tree);

bool radix_tree_check(const struct radix_tree *tree);
