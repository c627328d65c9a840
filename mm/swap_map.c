// mm/swap_map.c - reference counts of the slots of a swap area [P]
// SPDX-License-Identifier: MIT
//
// Invariants (swap_map_check): a cluster's `used` counts its slots that are
// not free; the list of free clusters holds exactly those with none used, but
// for the current one; free_slots, bad_slots and bad_held are what a recount
// gives.
//
// The current cluster is searched upwards from next_slot once; slots freed
// behind it are found when the cluster's turn comes again. When no cluster is
// wholly free, the next one with any free slot becomes the current one: at
// most one look at each cluster, and one at each slot of one cluster.

#include <mm/swap_map.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>

static u32 cluster_count(const struct swap_map *m)
{
    return DIV_ROUND_UP(m->slots, SWAP_CLUSTER_SLOTS);
}

static u32 cluster_of(u32 slot)
{
    return slot / SWAP_CLUSTER_SLOTS;
}

static u32 cluster_end(const struct swap_map *m, u32 cluster)
{
    return min((cluster + 1) * SWAP_CLUSTER_SLOTS, m->slots);
}

// The last cluster may have fewer slots than the others.
static u32 cluster_slots(const struct swap_map *m, u32 cluster)
{
    return cluster_end(m, cluster) - cluster * SWAP_CLUSTER_SLOTS;
}

static void free_list_push(struct swap_map *m, u32 cluster)
{
    m->clusters[cluster].next = m->free_head;
    m->free_head = cluster;
}

// Take @cluster off the list, if it is on it.
static void free_list_remove(struct swap_map *m, u32 cluster)
{
    u32 *link = &m->free_head;

    while (*link != SWAP_CLUSTER_NONE && *link != cluster)
        link = &m->clusters[*link].next;
    if (*link == cluster)
        *link = m->clusters[cluster].next;
}

void swap_map_init(struct swap_map *m, u32 slots, u16 *counts,
                   struct swap_cluster *clusters)
{
    ASSERT(slots);
    *m = (struct swap_map){
        .counts = counts,
        .clusters = clusters,
        .slots = slots,
        .free_slots = slots - 1,
        .bad_slots = 1,
        .current = 0,
        .next_slot = 1,
        .free_head = SWAP_CLUSTER_NONE,
    };
    for (u32 i = 0; i < slots; i++)
        counts[i] = 0;
    counts[0] = SWAP_BAD;
    for (u32 i = cluster_count(m); i-- > 1;) { // the lowest is the list's first
        clusters[i].used = 0;
        free_list_push(m, i);
    }
    clusters[0] = (struct swap_cluster){.used = 1, .next = SWAP_CLUSTER_NONE};
}

// @slot was free and is not any more.
static void account_used(struct swap_map *m, u32 slot)
{
    m->free_slots--;
    m->clusters[cluster_of(slot)].used++;
}

// @slot has become free.
static void account_free(struct swap_map *m, u32 slot)
{
    u32 cluster = cluster_of(slot);

    m->free_slots++;
    m->clusters[cluster].used--;
    if (m->clusters[cluster].used == 0 && cluster != m->current)
        free_list_push(m, cluster);
}

// Somebody let go of @slot. Return: what is left.
static u16 account_put(struct swap_map *m, u32 slot)
{
    if (m->counts[slot] == 0)
        account_free(m, slot);
    else if (m->counts[slot] == SWAP_BAD)
        m->bad_held--;
    return m->counts[slot];
}

int swap_map_mark_bad(struct swap_map *m, u32 slot)
{
    u32 cluster = cluster_of(slot);

    if (slot >= m->slots)
        return -EINVAL;
    if (m->counts[slot] & SWAP_BAD)
        return 0;
    if (m->counts[slot] == 0) {
        if (m->clusters[cluster].used == 0)
            free_list_remove(m, cluster);
        account_used(m, slot);
    } else {
        m->bad_held++;
    }
    m->counts[slot] |= SWAP_BAD;
    m->bad_slots++;
    return 0;
}

// A free slot of the current cluster at or above next_slot.
static bool find_in_current(struct swap_map *m, u32 *out_slot)
{
    u32 end = cluster_end(m, m->current);

    for (u32 slot = m->next_slot; slot < end; slot++) {
        if (m->counts[slot] == 0) {
            *out_slot = slot;
            return true;
        }
    }
    return false;
}

// The cluster behind the current one, cyclically, that has a free slot.
static u32 next_partly_free(const struct swap_map *m)
{
    u32 clusters = cluster_count(m), cluster = m->current;

    for (u32 i = 0; i < clusters; i++) {
        cluster = cluster + 1 < clusters ? cluster + 1 : 0;
        if (m->clusters[cluster].used < cluster_slots(m, cluster))
            return cluster;
    }
    return SWAP_CLUSTER_NONE;
}

// Go on in another cluster, or from the start of this one if it is all free
// again. Some slot is free.
static void change_cluster(struct swap_map *m)
{
    if (m->clusters[m->current].used == 0)
        free_list_push(m, m->current);
    if (m->free_head != SWAP_CLUSTER_NONE) {
        m->current = m->free_head;
        m->free_head = m->clusters[m->current].next;
    } else {
        m->current = next_partly_free(m);
        ASSERT(m->current != SWAP_CLUSTER_NONE);
    }
    m->next_slot = m->current * SWAP_CLUSTER_SLOTS;
}

int swap_map_alloc(struct swap_map *m, u32 *out_slot)
{
    u32 slot;
    bool found;

    if (m->free_slots == 0)
        return -ENOSPC;
    found = find_in_current(m, &slot);
    if (!found) {
        change_cluster(m);
        found = find_in_current(m, &slot);
        ASSERT(found);
    }
    m->counts[slot] = SWAP_HAS_CACHE;
    account_used(m, slot);
    m->next_slot = slot + 1;
    *out_slot = slot;
    return 0;
}

// Held by somebody; a bad slot that nobody holds is as gone as a free one.
static bool is_held(const struct swap_map *m, u32 slot)
{
    return slot < m->slots && (m->counts[slot] & ~SWAP_BAD);
}

int swap_map_get(struct swap_map *m, u32 slot)
{
    if (!is_held(m, slot))
        return -ENOENT;
    if ((m->counts[slot] & SWAP_COUNT_MAX) == SWAP_COUNT_MAX)
        return -EOVERFLOW;
    m->counts[slot]++;
    return 0;
}

u16 swap_map_put(struct swap_map *m, u32 slot)
{
    ASSERT(slot < m->slots && (m->counts[slot] & SWAP_COUNT_MAX));
    m->counts[slot]--;
    return account_put(m, slot);
}

int swap_map_cache_get(struct swap_map *m, u32 slot)
{
    if (!is_held(m, slot))
        return -ENOENT;
    if (m->counts[slot] & SWAP_HAS_CACHE)
        return -EEXIST;
    m->counts[slot] |= SWAP_HAS_CACHE;
    return 0;
}

u16 swap_map_cache_put(struct swap_map *m, u32 slot)
{
    ASSERT(slot < m->slots && (m->counts[slot] & SWAP_HAS_CACHE));
    m->counts[slot] &= (u16)~SWAP_HAS_CACHE;
    return account_put(m, slot);
}

u32 swap_map_count(const struct swap_map *m, u32 slot)
{
    return slot < m->slots ? m->counts[slot] & SWAP_COUNT_MAX : 0;
}

u32 swap_map_used(const struct swap_map *m)
{
    return m->slots - m->free_slots - m->bad_slots + m->bad_held;
}

// The list is exactly as long as it must be, and has no cluster in use. (A
// cycle would make it longer.)
static bool check_free_list(const struct swap_map *m, u32 expected)
{
    u32 length = 0;

    for (u32 i = m->free_head; i != SWAP_CLUSTER_NONE;
         i = m->clusters[i].next) {
        if (i >= cluster_count(m) || m->clusters[i].used || i == m->current ||
            ++length > expected)
            return false;
    }
    return length == expected;
}

bool swap_map_check(const struct swap_map *m)
{
    u32 free_slots = 0, bad_slots = 0, bad_held = 0, free_clusters = 0;

    for (u32 i = 0; i < cluster_count(m); i++) {
        u32 used = 0;

        for (u32 slot = i * SWAP_CLUSTER_SLOTS; slot < cluster_end(m, i);
             slot++) {
            used += m->counts[slot] != 0;
            bad_slots += (m->counts[slot] & SWAP_BAD) != 0;
            bad_held += m->counts[slot] > SWAP_BAD;
        }
        free_slots += cluster_slots(m, i) - used;
        free_clusters += used == 0 && i != m->current;
        if (used != m->clusters[i].used)
            return false;
    }
    return free_slots == m->free_slots && bad_slots == m->bad_slots &&
           bad_held == m->bad_held && check_free_list(m, free_clusters);
}
