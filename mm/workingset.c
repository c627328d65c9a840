// mm/workingset.c - what reclaim remembers of pages that it took
// SPDX-License-Identifier: MIT
//
// See include/mm/refault.h for what a shadow says. Here is where they are kept:
// in the tree of the file, or of the swap cache, in the place of the page,
// until
//
//   the page is read again                workingset_refault
//   the place is truncated, or the inode  mm/truncate.c
//   goes
//   the slot is nobody's any more         mm/swap_cache.c
//   there are too many                    the shrinker below
//
// A shadow costs nothing as long as its leaf has pages, too. Leaves with
// nothing but shadows are on a list, the oldest first, and the shrinker holds
// them to one for each MAX_PART pages on the lists: with an eighth of their
// slots in use, which is little, they remember as many pages as there are, and
// older ones would not be activated anyway.
//
// Context: the trees, the list and ages are changed with interrupts off.

#include <mm/workingset.h>

#include <arch/cpu.h>
#include <kernel/trace.h>
#include <mm/pagecache.h>
#include <mm/radix_alloc.h>
#include <mm/refault.h>
#include <mm/shrinker.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/swap_cache.h>
#include <mm/zone.h>

#define MAX_PART 8u // pages for each leaf

static_assert(ZONES <= 4, "two bits of a shadow");

static LIST_HEAD(shadow_nodes); // by link, the oldest first
static u32 node_count;

void *workingset_eviction(struct page *page)
{
    struct zone *zone = page_zone(page);
    struct refault_shadow shadow = {
        .zone = (u32)zone->id,
        .age = zone->age++,
        .was_active = page_test(page, PG_WORKINGSET),
    };

    return radix_value(MAPPING_VALUE_SHADOW | refault_pack(&shadow));
}

void workingset_activation(struct page *page)
{
    page_zone(page)->age++;
}

// @distance: after which it came back.
static bool was_missed(const struct zone *zone, u32 distance, bool is_file)
{
    const struct refault_lists lists = {
        .active_file = zone->lru_pages[LRU_ACTIVE_FILE],
        .inactive_file = zone->lru_pages[LRU_INACTIVE_FILE],
        .active_anon = zone->lru_pages[LRU_ACTIVE_ANON],
        .inactive_anon = zone->lru_pages[LRU_INACTIVE_ANON],
        .can_swap = swap_free_pages() > 0,
    };

    return refault_activates(distance, is_file, &lists);
}

// @event of anonymous pages; that of files is the next.
static void count_of_kind(enum vm_event event, bool is_file)
{
    static_assert(VM_WORKINGSET_REFAULT_FILE == VM_WORKINGSET_REFAULT_ANON + 1,
                  "in pairs");
    vm_count(event + is_file);
}

void workingset_refault(struct page *page, u32 value)
{
    bool is_file = !page_is_swap_backed(page);
    struct refault_shadow shadow;
    const struct zone *zone;
    u32 distance;
    bool missed;

    refault_unpack(value & ~MAPPING_VALUE_SHADOW, &shadow);
    ASSERT(shadow.zone < ZONES);
    zone = &zones[shadow.zone];
    distance = refault_distance(shadow.age, zone->age);
    missed = was_missed(zone, distance, is_file);
    count_of_kind(VM_WORKINGSET_REFAULT_ANON, is_file);
    if (trace_on(swap))
        trace_write(TRACE_REFAULT, distance,
                    (is_file ? TRACE_REFAULT_FILE : 0) |
                        (missed ? TRACE_REFAULT_ACTIVATE : 0),
                    0, 0, 0);
    if (!missed)
        return;
    page_set(page, PG_ACTIVE);
    workingset_activation(page);
    count_of_kind(VM_WORKINGSET_ACTIVATE_ANON, is_file);
    if (!shadow.was_active)
        return;
    page_set(page, PG_WORKINGSET);
    count_of_kind(VM_WORKINGSET_RESTORE_ANON, is_file);
    lru_note_cost(page_zone(page), is_file, 1);
}

// ---- leaves of shadows -----------------------------------------------------

static void forget(struct radix_node *node)
{
    if (!node->link.next)
        return;
    list_del(&node->link);
    node->link.next = NULL;
    node_count--;
}

void workingset_changed(struct radix_tree *tree, struct radix_node *leaf)
{
    if (leaf->count != leaf->values) {
        forget(leaf);
        return;
    }
    if (leaf->link.next)
        return;
    leaf->tree = tree;
    list_add_tail(&leaf->link, &shadow_nodes);
    node_count++;
}

void workingset_free_node(struct radix_node *node, void *unused)
{
    forget(node);
    radix_node_put(node, unused);
}

void workingset_exchange(struct radix_tree *tree, struct radix_node *leaf,
                         u32 slot, void *item)
{
    if (item)
        radix_leaf_set(leaf, slot, item);
    else if (!radix_leaf_clear(tree, leaf, slot, workingset_free_node, NULL))
        return;
    workingset_changed(tree, leaf);
}

u32 workingset_nodes(void)
{
    return node_count;
}

void workingset_each_mapping(void (*visit)(struct mapping *mapping, void *arg),
                             void *arg)
{
    struct radix_node *node;

    list_for_each_entry (node, &shadow_nodes, link)
        if (node->tree != swap_cache_tree())
            visit(container_of(node->tree, struct mapping, pages), arg);
}

// ---- the shrinker ----------------------------------------------------------

static u32 nodes_over(void)
{
    u32 most = 0;

    zone_for_each (zone)
        most += zone_reclaimable_pages(zone) + zone->buddy.free_frames;
    most /= MAX_PART;
    return node_count > most ? node_count - most : 0;
}

// The tree frees the leaf with its last item.
static void empty_leaf(struct radix_node *leaf)
{
    struct radix_tree *tree = leaf->tree;
    u32 base = radix_node_base(leaf), left = leaf->count;

    ASSERT(left == leaf->values);
    for (u32 i = 0; left; i++) {
        if (radix_tree_delete(tree, base + i, workingset_free_node, NULL))
            left--;
    }
}

static u32 free_nodes(u32 want)
{
    u32 freed = 0;

    while (freed < want) {
        u32 flags = irq_save();

        if (list_empty(&shadow_nodes)) {
            irq_restore(flags);
            break;
        }
        empty_leaf(list_first_entry(&shadow_nodes, struct radix_node, link));
        irq_restore(flags);
        freed++;
    }
    vm_count_many(VM_WORKINGSET_NODERECLAIM, freed);
    return freed;
}

void workingset_init(void)
{
    static struct shrinker shrinker = {
        .name = "shadows",
        .count = nodes_over,
        .scan = free_nodes,
    };

    shrinker_register(&shrinker);
}
