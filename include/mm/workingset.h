// include/mm/workingset.h - what reclaim remembers of pages that it took
// SPDX-License-Identifier: MIT
//
// Of pages of files and devices, in their trees; of what is in swap (shmem's
// pages, too), in that of the swap cache, until the slot is given up.
#pragma once

#include <mm/page_alloc.h>

struct mapping;
struct radix_node;
struct radix_tree;

// workingset_eviction - @page is about to be taken: the item that is to be in
// its place. It has PG_WORKINGSET if it had been active. No sleep.
void *workingset_eviction(struct page *page);

// workingset_refault - @page, new and on no list yet, takes the place of the
// number @value, a shadow. Makes it active if it was missed. Its state says of
// which kind it is.
void workingset_refault(struct page *page, u32 value);

// workingset_activation - @page has left the inactive list for the active one.
void workingset_activation(struct page *page);

// workingset_changed - what is in a leaf of @tree has changed: leaves that hold
// nothing but shadows are kept on a list, and go when they are too many.
// workingset_free_node - the free_node of radix_tree_delete for such trees.
// Context: interrupts off.
void workingset_changed(struct radix_tree *tree, struct radix_node *leaf);
void workingset_free_node(struct radix_node *node, void *unused);

// workingset_exchange - @item (NULL: nothing) takes the place of what is in a
// slot of a leaf; and workingset_changed. Context: interrupts off.
void workingset_exchange(struct radix_tree *tree, struct radix_node *leaf,
                         u32 slot, void *item);

// workingset_nodes - how many such leaves there are.
u32 workingset_nodes(void);

// workingset_each_mapping - visit(mapping, arg) for the mapping of each of
// them that is a file's, for one several times. For the census; interrupts off.
void workingset_each_mapping(void (*visit)(struct mapping *mapping, void *arg),
                             void *arg);

// workingset_init - boot: the shrinker.
void workingset_init(void);
