// lib/radix_tree.c - map from u32 to pointer, with tags [P]
// SPDX-License-Identifier: MIT
//
// How it works. A node covers the indices [base, base + 64 << shift), 1 <<
// shift of them by each slot. The root's base is 0; a child's base is where its
// slot begins. A child need not be as tall as its slot: it is made with the
// least shift that reaches the index it is made for, and a taller node is put
// over it when an index comes that it does not reach. So
//
//   0, 1             one node of shift 0
//   + 0x1000         a root of shift 12 over it; in slot 1, a new node of
//                    shift 0, with the item in slot 0
//
// An insert makes nodes of strictly falling shifts, and so never more than
// RADIX_LEVELS, however sparse the tree is. (With children of fixed height it
// could need 2 * RADIX_LEVELS - 1.)
//
// Descending, `rest` is the index less the node's base. A slot number of 64 or
// more says that the node does not reach the index.
//
// Invariants (radix_tree_check): shifts fall downwards; counts are right, and
// not 0; no inner node has a single child that is in slot 0 (its child would
// do); a tag is set in an inner node exactly if it is set below.

#include <lib/radix_tree.h>

#include <base/assert.h>
#include <base/errno.h>
#include <lib/string.h>

#define TAG_WORDS (RADIX_SLOTS / 32)
#define ANY_ITEM  RADIX_TAGS // no tag: any entry

void radix_tree_init(struct radix_tree *tree)
{
    tree->root = NULL;
}

// The least shift of a node that reaches @rest beyond its base.
static u8 shift_for(u32 rest)
{
    u8 shift = 0;

    while (rest >> shift >= RADIX_SLOTS)
        shift += RADIX_SHIFT;
    return shift;
}

static u32 below_slot(const struct radix_node *node, u32 rest)
{
    return rest & ((1u << node->shift) - 1);
}

static bool slot_tagged(const struct radix_node *node, u32 tag, u32 slot)
{
    return node->tags[tag][slot / 32] >> slot % 32 & 1;
}

static void slot_tag(struct radix_node *node, u32 tag, u32 slot)
{
    node->tags[tag][slot / 32] |= 1u << slot % 32;
}

static void slot_untag(struct radix_node *node, u32 tag, u32 slot)
{
    node->tags[tag][slot / 32] &= ~(1u << slot % 32);
}

static bool node_tagged(const struct radix_node *node, u32 tag)
{
    for (u32 i = 0; i < TAG_WORDS; i++) {
        if (node->tags[tag][i])
            return true;
    }
    return false;
}

struct radix_node *radix_tree_leaf(const struct radix_tree *tree, u32 index,
                                   u32 *out_slot)
{
    struct radix_node *node = tree->root;
    u32 rest = index;

    while (node) {
        u32 shift = node->shift, slot = rest >> shift;

        if (slot >= RADIX_SLOTS)
            return NULL;
        if (shift == 0) {
            *out_slot = slot;
            return node;
        }
        rest -= slot << shift; // less to do than below_slot(): this is hot
        node = node->slots[slot];
    }
    return NULL;
}

// Where the way to an index ends: in slot @slot of @parent (NULL: above the
// root) is @child, NULL or a node that does not reach @rest, or an item.
struct place {
    struct radix_node *parent;
    u32 slot;
    void *child;
    u32 rest;
    bool is_item;
};

static void find_place(const struct radix_tree *tree, u32 index,
                       struct place *place)
{
    struct radix_node *node = tree->root;

    *place = (struct place){.child = node, .rest = index};
    while (node && place->rest >> node->shift < RADIX_SLOTS) {
        place->parent = node;
        place->slot = place->rest >> node->shift;
        place->rest = below_slot(node, place->rest);
        place->child = node->slots[place->slot];
        if (node->shift == 0) {
            place->is_item = true;
            return;
        }
        node = place->child;
    }
}

// How many nodes the way from a place to @rest takes.
static u32 nodes_needed(u32 rest)
{
    u32 count = 1;

    for (u8 shift = shift_for(rest); shift; shift = shift_for(rest)) {
        rest &= (1u << shift) - 1;
        count++;
    }
    return count;
}

static void set_slot(struct radix_tree *tree, struct radix_node *parent,
                     u32 slot, void *child)
{
    if (parent)
        parent->slots[slot] = child;
    else
        tree->root = child;
}

static void adopt(struct radix_node *node, struct radix_node *child)
{
    node->slots[0] = child;
    node->count = 1;
    child->parent = node;
    child->offset = 0;
    for (u32 tag = 0; tag < RADIX_TAGS; tag++) {
        if (node_tagged(child, tag))
            slot_tag(node, tag, 0);
    }
}

// A new node at @place, over what is there; @place moves into it.
static void extend(struct radix_tree *tree, struct place *place,
                   struct radix_node *node)
{
    memset(node, 0, sizeof(*node));
    node->parent = place->parent;
    node->offset = (u8)place->slot;
    node->shift = shift_for(place->rest);
    if (place->child)
        adopt(node, place->child);
    else if (place->parent)
        place->parent->count++;
    set_slot(tree, place->parent, place->slot, node);

    place->parent = node;
    place->slot = place->rest >> node->shift;
    place->rest = below_slot(node, place->rest);
    place->child = NULL; // slot 0 is for what was adopted, and this is another
    place->is_item = node->shift == 0;
}

int radix_tree_insert(struct radix_tree *tree, u32 index, void *item,
                      struct radix_preload *pre)
{
    struct place place;

    ASSERT(item);
    find_place(tree, index, &place);
    if (place.is_item && place.child)
        return -EEXIST;
    if (!place.is_item && nodes_needed(place.rest) > pre->count)
        return -ENOMEM;
    while (!place.is_item)
        extend(tree, &place, pre->nodes[--pre->count]);
    place.parent->slots[place.slot] = item;
    place.parent->count++;
    place.parent->values += radix_is_value(item);
    return 0;
}

void *radix_tree_lookup(const struct radix_tree *tree, u32 index)
{
    u32 slot;
    struct radix_node *leaf = radix_tree_leaf(tree, index, &slot);

    return leaf ? leaf->slots[slot] : NULL;
}

u32 radix_node_base(const struct radix_node *node)
{
    u32 base = 0;

    for (; node->parent; node = node->parent)
        base += (u32)node->offset << node->parent->shift;
    return base;
}

void *radix_tree_replace(struct radix_tree *tree, u32 index, void *item)
{
    u32 slot;
    struct radix_node *leaf = radix_tree_leaf(tree, index, &slot);

    ASSERT(item);
    if (!leaf || !leaf->slots[slot])
        return NULL;
    return radix_leaf_set(leaf, slot, item);
}

static void untag_upwards(struct radix_node *node, u32 tag, u32 slot)
{
    if (!slot_tagged(node, tag, slot)) // then nobody above has it from here
        return;
    slot_untag(node, tag, slot);
    while (node->parent && !node_tagged(node, tag)) {
        slot_untag(node->parent, tag, node->offset);
        node = node->parent;
    }
}

// An inner node whose only child is in slot 0 has that child's base.
static bool is_superfluous(const struct radix_node *node)
{
    return node->shift && node->count == 1 && node->slots[0];
}

// @node, which lost an item and has none left, goes, and those above that have
// nothing else.
static void collapse(struct radix_tree *tree, struct radix_node *node,
                     void (*free_node)(struct radix_node *, void *), void *arg)
{
    do {
        struct radix_node *parent = node->parent;

        set_slot(tree, parent, node->offset, NULL);
        free_node(node, arg);
        node = parent;
        if (!node)
            return;
    } while (--node->count == 0);
    if (is_superfluous(node)) {
        struct radix_node *child = node->slots[0];

        child->parent = node->parent;
        child->offset = node->offset;
        set_slot(tree, node->parent, node->offset, child);
        free_node(node, arg);
    }
}

bool radix_leaf_clear(struct radix_tree *tree, struct radix_node *leaf,
                      u32 slot, void (*free_node)(struct radix_node *, void *),
                      void *arg)
{
    ASSERT(leaf->shift == 0 && leaf->slots[slot]);
    for (u32 tag = 0; tag < RADIX_TAGS; tag++)
        untag_upwards(leaf, tag, slot);
    leaf->values -= radix_is_value(leaf->slots[slot]);
    leaf->slots[slot] = NULL;
    if (--leaf->count > 0)
        return true;
    collapse(tree, leaf, free_node, arg);
    return false;
}

void *radix_tree_delete(struct radix_tree *tree, u32 index,
                        void (*free_node)(struct radix_node *, void *),
                        void *arg)
{
    u32 slot;
    struct radix_node *leaf = radix_tree_leaf(tree, index, &slot);
    void *item = leaf ? leaf->slots[slot] : NULL;

    if (item)
        (void)radix_leaf_clear(tree, leaf, slot, free_node, arg);
    return item;
}

// The first used slot (with @tag, unless ANY_ITEM) at or above @from;
// RADIX_SLOTS: none.
static u32 next_used(const struct radix_node *node, u32 from, u32 tag)
{
    for (u32 slot = from; slot < RADIX_SLOTS; slot++) {
        if (tag == ANY_ITEM) {
            if (node->slots[slot])
                return slot;
            continue;
        }
        u32 word = node->tags[tag][slot / 32] >> slot % 32;

        if (word)
            return slot + (u32)__builtin_ctz(word);
        slot |= 31; // nothing more in this word
    }
    return RADIX_SLOTS;
}

// The leaf and slot of the first entry with @tag at or above *@index, which
// becomes that entry's. NULL: none.
static struct radix_node *seek(const struct radix_tree *tree, u32 tag,
                               u64 *index, u32 *out_slot)
{
    struct radix_node *node = tree->root;
    u64 base = 0;

    while (node) {
        u64 from = *index > base ? (*index - base) >> node->shift : 0;
        u32 slot =
            from < RADIX_SLOTS ? next_used(node, (u32)from, tag) : RADIX_SLOTS;

        if (slot == RADIX_SLOTS) { // go on behind this node, in its parent
            struct radix_node *parent = node->parent;

            if (!parent)
                return NULL;
            base -= (u64)node->offset << parent->shift;
            *index = base + ((u64)(node->offset + 1u) << parent->shift);
            node = parent;
            continue;
        }
        base += (u64)slot << node->shift;
        if (*index < base)
            *index = base;
        if (node->shift == 0) {
            *out_slot = slot;
            return node;
        }
        node = node->slots[slot];
    }
    return NULL;
}

static u32 gang_lookup(const struct radix_tree *tree, u32 first, u32 max,
                       u32 tag, void **items, u32 *indices)
{
    u64 index = first;
    u32 found = 0, slot;

    while (found < max) {
        struct radix_node *leaf = seek(tree, tag, &index, &slot);
        u64 base = index - slot;

        if (!leaf)
            break;
        for (; slot < RADIX_SLOTS && found < max; found++) {
            items[found] = leaf->slots[slot];
            if (indices)
                indices[found] = (u32)(base + slot);
            slot = next_used(leaf, slot + 1, tag);
        }
        index = base + RADIX_SLOTS;
    }
    return found;
}

u32 radix_tree_gang_lookup(const struct radix_tree *tree, u32 first, u32 max,
                           void **items, u32 *indices)
{
    return gang_lookup(tree, first, max, ANY_ITEM, items, indices);
}

u32 radix_tree_gang_lookup_tag(const struct radix_tree *tree, u32 first,
                               u32 max, enum radix_tag tag, void **items,
                               u32 *indices)
{
    return gang_lookup(tree, first, max, tag, items, indices);
}

static struct radix_node *find_item(const struct radix_tree *tree, u32 index,
                                    u32 *out_slot)
{
    struct radix_node *leaf = radix_tree_leaf(tree, index, out_slot);

    ASSERT(leaf && leaf->slots[*out_slot]);
    return leaf;
}

void radix_tree_tag_set(struct radix_tree *tree, u32 index, enum radix_tag tag)
{
    u32 slot;
    struct radix_node *node = find_item(tree, index, &slot);

    for (; node && !slot_tagged(node, tag, slot); node = node->parent) {
        slot_tag(node, tag, slot);
        slot = node->offset;
    }
}

void radix_tree_tag_clear(struct radix_tree *tree, u32 index,
                          enum radix_tag tag)
{
    u32 slot;
    struct radix_node *leaf = find_item(tree, index, &slot);

    untag_upwards(leaf, tag, slot);
}

bool radix_tree_tag_get(const struct radix_tree *tree, u32 index,
                        enum radix_tag tag)
{
    u32 slot;
    struct radix_node *leaf = find_item(tree, index, &slot);

    return slot_tagged(leaf, tag, slot);
}

static bool check_slot(const struct radix_node *node, u32 slot)
{
    const struct radix_node *child = node->shift ? node->slots[slot] : NULL;

    for (u32 tag = 0; tag < RADIX_TAGS; tag++) {
        bool tagged = slot_tagged(node, tag, slot);

        if (tagged && !node->slots[slot])
            return false;
        if (child && tagged != node_tagged(child, tag))
            return false;
    }
    return !child || (child->parent == node && child->offset == slot &&
                      child->shift < node->shift);
}

// Recursion: as deep as shifts fall, at most RADIX_LEVELS.
static bool check_node(const struct radix_node *node)
{
    u32 count = 0, values = 0;

    if (node->shift % RADIX_SHIFT || node->shift >= 32 || is_superfluous(node))
        return false;
    for (u32 slot = 0; slot < RADIX_SLOTS; slot++) {
        if (!check_slot(node, slot))
            return false;
        if (!node->slots[slot])
            continue;
        count++;
        values += !node->shift && radix_is_value(node->slots[slot]);
        if (node->shift && !check_node(node->slots[slot]))
            return false;
    }
    return count && count == node->count && values == node->values;
}

// Recursion: as above.
static u32 count_nodes(const struct radix_node *node)
{
    u32 count = 1;

    if (node->shift == 0)
        return count;
    for (u32 slot = 0; slot < RADIX_SLOTS; slot++)
        if (node->slots[slot])
            count += count_nodes(node->slots[slot]);
    return count;
}

u32 radix_tree_nodes(const struct radix_tree *tree)
{
    return tree->root ? count_nodes(tree->root) : 0;
}

bool radix_tree_check(const struct radix_tree *tree)
{
    return !tree->root || (!tree->root->parent && check_node(tree->root));
}
