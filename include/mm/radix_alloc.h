// include/mm/radix_alloc.h - nodes for radix trees
// SPDX-License-Identifier: MIT
#pragma once

#include <lib/radix_tree.h>

// radix_preload_fill - a full preload. Return: false: no memory (and the
// preload is empty). Context: by @gfp.
__must_check bool radix_preload_fill(struct radix_preload *pre, u32 gfp);

// radix_preload_for - what an insert at @index of @tree needs, as long as
// nothing else is done to the tree: nothing, where there is a leaf already, as
// there is for most. Return, context: as radix_preload_fill; who may sleep in
// it has a full one then.
__must_check bool radix_preload_for(const struct radix_tree *tree, u32 index,
                                    struct radix_preload *pre, u32 gfp);

// radix_preload_drain - give back what was not used. Any context.
void radix_preload_drain(struct radix_preload *pre);

// radix_node_put - the free_node of radix_tree_delete.
void radix_node_put(struct radix_node *node, void *unused);

// radix_nodes_kept - nodes in no tree, kept for the next insert.
u32 radix_nodes_kept(void);

#define RADIX_NODE_CACHE "radix_node" // the slab cache
void radix_alloc_init(void);
