// mm/radix_alloc.c - where the nodes of radix trees come from
// SPDX-License-Identifier: MIT
//
// An insert may need up to RADIX_LEVELS nodes and cannot sleep, so they are
// taken beforehand. Almost all inserts need none or one: nodes that were left
// over are kept in a small stock, and a preload takes from it first.

#include <mm/radix_alloc.h>

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define STOCK_MAX (4u * RADIX_LEVELS)

static struct kmem_cache *node_cache;
static struct radix_node *stock[STOCK_MAX];
static u32 stock_count;

void radix_alloc_init(void)
{
    // The pages that they lead to are reclaimed, and they with these.
    node_cache = kmem_cache_create_reclaimable(RADIX_NODE_CACHE,
                                               sizeof(struct radix_node), 0);
    if (!node_cache)
        panic("no memory for the radix node cache");
}

static struct radix_node *node_take(u32 gfp)
{
    u32 flags = irq_save();
    struct radix_node *node = stock_count ? stock[--stock_count] : NULL;

    irq_restore(flags);
    return node ? node : kmem_cache_alloc(node_cache, gfp);
}

void radix_node_put(struct radix_node *node, void *unused)
{
    u32 flags = irq_save();

    (void)unused;
    if (stock_count < STOCK_MAX) {
        stock[stock_count++] = node;
        node = NULL;
    }
    irq_restore(flags);
    if (node)
        kmem_cache_free(node_cache, node);
}

u32 radix_nodes_kept(void)
{
    return stock_count;
}

bool radix_preload_fill(struct radix_preload *pre, u32 gfp)
{
    pre->count = 0;
    while (pre->count < RADIX_LEVELS) {
        struct radix_node *node = node_take(gfp);

        if (!node) {
            radix_preload_drain(pre);
            return false;
        }
        pre->nodes[pre->count++] = node;
    }
    return true;
}

bool radix_preload_for(const struct radix_tree *tree, u32 index,
                       struct radix_preload *pre, u32 gfp)
{
    u32 slot;

    if (!radix_tree_leaf(tree, index, &slot))
        return radix_preload_fill(pre, gfp);
    pre->count = 0;
    return true;
}

void radix_preload_drain(struct radix_preload *pre)
{
    while (pre->count)
        radix_node_put(pre->nodes[--pre->count], NULL);
}
