// fs/epoll_nest.c - sets of files within sets: how deep, how many
// SPDX-License-Identifier: MIT
//
// A set is a file, and can be in other sets. A wake-up of a file goes up
// through all sets that it is in, with interrupts off: so there may be no
// rings, and few and short ways up. The limits are Linux's.
//
// Locking: for tasks only; nothing here sleeps.

#include "epoll_private.h"

#include <base/assert.h>
#include <base/bits.h>

#define NESTS_MAX 4u // sets above a set, and below
#define RING      (NESTS_MAX + 1)

static u32 walk; // the number of the current one

// How many sets lie below @epoll, one in the other; RING: too many, or one of
// them is @target. Each is looked at once.
static u32 height_of(struct epoll *epoll, const struct epoll *target)
{
    struct rb_node *node;

    if (epoll == target)
        return RING;
    if (epoll->visited == walk)
        return epoll->height;
    epoll->visited = walk;
    epoll->height = 0;
    for (node = rb_first(&epoll->items); node; node = rb_next(node)) {
        struct epoll *below = epoll_of(epoll_item_of(node)->file);

        if (below)
            epoll->height = max(epoll->height, height_of(below, target) + 1);
    }
    epoll->height = min(epoll->height, RING);
    return epoll->height;
}

// How many sets lie above @epoll.
static u32 depth_of(const struct epoll *epoll)
{
    struct epoll_item *item;
    u32 depth = 0;

    list_for_each_entry (item, &epoll->file->epoll_items, file_link)
        depth = max(depth, depth_of(item->epoll) + 1);
    return depth;
}

bool epoll_makes_ring(const struct epoll *epoll, struct epoll *below)
{
    walk++;
    return height_of(below, epoll) + 1 + depth_of(epoll) > NESTS_MAX;
}

// Ways up from a file that end after 1, 2, ... sets, and how many may.
struct ways {
    u32 count[NESTS_MAX + 1];
};
static const u32 ways_max[NESTS_MAX + 1] = {0xffffffffu, 500, 100, 50, 10};

static bool count_ways(const struct file *file, u32 depth, struct ways *ways)
{
    struct epoll_item *item;

    list_for_each_entry (item, &file->epoll_items, file_link) {
        const struct file *above = item->epoll->file;

        ASSERT(depth <= NESTS_MAX); // epoll_makes_ring
        if (!list_empty(&above->epoll_items)) {
            if (!count_ways(above, depth + 1, ways))
                return false;
        } else if (++ways->count[depth] > ways_max[depth]) {
            return false;
        }
    }
    return true;
}

static bool leaves_have_ways(struct file *file)
{
    struct epoll *epoll = epoll_of(file);
    struct ways ways = {{0}};
    struct rb_node *node;

    if (!epoll)
        return count_ways(file, 0, &ways);
    if (epoll->visited == walk)
        return true;
    epoll->visited = walk;
    for (node = rb_first(&epoll->items); node; node = rb_next(node))
        if (!leaves_have_ways(epoll_item_of(node)->file))
            return false;
    return true;
}

bool epoll_has_ways(struct file *file)
{
    walk++;
    return leaves_have_ways(file);
}
