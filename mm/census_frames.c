// mm/census_frames.c - the census of frames: mem_map from end to end
// SPDX-License-Identifier: MIT
//
// See census.c. Blocks of frames in state KERNEL and SLAB are stepped over as a
// whole, by the order in their first frame: what lies behind it belongs to it.

#include "census_private.h"

#include <lib/fmt.h>
#include <mm/pagecache.h>
#include <mm/swap_cache.h>
#include <mm/zero_page.h>
#include <mm/zone.h>

#include "swap_area.h"

#define LOG_NAME "census"
#include <kernel/log.h>

#define TOLD_MAX 10u

struct frames {
    u32 state[PAGE_STATES];
    u32 lru[LRU_LISTS]; // by the flags of the pages
    u32 owners[OWNERS];
};

static void tell(struct census_walk *walk, const char *what,
                 const struct page *page, u32 expected)
{
    if (!walk->tell || walk->told++ >= TOLD_MAX)
        return;
    log_warn("%s frame=%u flags=%08x refcount=%d mapcount=%d owner=%p "
             "index=%u private=%u expected=%u",
             what, page_to_pfn(page).v, page->flags, page->refcount,
             page->mapcount, page->owner, page->index, page->private, expected);
}

// ---- one page --------------------------------------------------------------

static u32 note_of(const struct census_walk *walk, const struct page *page)
{
    return walk->notes[page_to_pfn(page).v];
}

static void check_counts(struct census_walk *walk, struct census_totals *t,
                         const struct page *page, u32 references)
{
    u32 mappings = note_of(walk, page) & NOTE_MAPPINGS;

    if ((u32)page->mapcount != mappings) {
        t->bad_mapcount++;
        tell(walk, "mapcount", page, mappings);
    }
    if ((u32)page->refcount != references) {
        t->bad_refcount++;
        tell(walk, "refcount", page, references);
    }
}

static enum lru_list lru_of(const struct page *page)
{
    bool active = page_test(page, PG_ACTIVE);

    if (page_test(page, PG_UNEVICTABLE))
        return LRU_UNEVICTABLE;
    if (page_is_swap_backed(page))
        return active ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;
    return active ? LRU_ACTIVE_FILE : LRU_INACTIVE_FILE;
}

static void check_lru(struct census_walk *walk, struct census_totals *t,
                      struct frames *f, const struct page *page)
{
    bool locked = page_test(page, PG_MLOCKED);

    t->mlocked += locked;
    if (locked != !!(note_of(walk, page) & NOTE_LOCKED)) {
        t->bad_mlock++;
        tell(walk, "mlocked", page, !locked);
    }
    if (page_test(page, PG_LRU)) {
        f->lru[lru_of(page)]++;
    } else {
        t->off_lru++;
        tell(walk, "off the lists", page, 0);
    }
}

// Whether an entry of a page table names the slot of this page.
static bool is_wanted(const struct page *page)
{
    swap_entry_t entry = {page->private};
    const struct swap_area *area = swap_area_of(entry);

    return area && (area->map.counts[swap_entry_slot(entry)] & SWAP_COUNT_MAX);
}

static void check_anon(struct census_walk *walk, struct census_totals *t,
                       const struct page *page)
{
    bool cached = page_test(page, PG_SWAPCACHE);

    if (cached) {
        swap_entry_t entry = {page->private};
        struct page *found = swap_cache_find(entry);

        if (found)
            page_put(found);
        if (found != page) {
            t->not_in_cache++;
            tell(walk, "not in the swap cache", page, 0);
        }
    }
    t->swap_cached += cached;
    t->anon_held += page->mapcount > 0 || (cached && is_wanted(page));
    t->anon_mapped += page->mapcount > 0;
    check_counts(walk, t, page, (u32)page->mapcount + cached);
}

static void check_cached(struct census_walk *walk, struct census_totals *t,
                         const struct page *page)
{
    const struct mapping *mapping = page->owner;
    bool cached = false;

    // A page that was truncated away has no owner, and nobody but who sleeps
    // has a reference to it.
    if (mapping) {
        cached = radix_tree_lookup(&mapping->pages, page->index) == page;
        if (!cached) {
            t->not_in_cache++;
            tell(walk, "not in the page cache", page, 0);
        } else if (!mapping->swap_backed) { // those: census_shmem
            census_file_page(t, page);
        }
    }
    t->file_mapped += page->mapcount > 0;
    t->shmem += page_test(page, PG_SWAPBACKED) && mapping;
    check_counts(walk, t, page, (u32)page->mapcount + cached);
}

// ---- blocks ----------------------------------------------------------------

// Frames behind the first of a block. Return: frames of the block.
static u32 check_block(struct census_walk *walk, struct census_totals *t,
                       const struct page *head)
{
    u32 order = head->private;

    if (order >= BUDDY_ORDERS || head->refcount != 1) {
        t->bad_block++;
        tell(walk, "no block", head, 1);
        return 1;
    }
    for (u32 i = 1; i < 1u << order; i++) {
        if (page_state(&head[i]) != page_state(head) || head[i].refcount) {
            t->bad_block++;
            tell(walk, "not of its block", &head[i], 0);
        }
    }
    return 1u << order;
}

static bool claim_is_right(u32 note, u32 owner)
{
    return (owner == OWNER_VMALLOC) == !!(note & NOTE_VMALLOC) &&
           (owner == OWNER_STACK) == !!(note & NOTE_STACK);
}

static u32 check_kernel(struct census_walk *walk, struct census_totals *t,
                        struct frames *f, const struct page *page)
{
    u32 frames = check_block(walk, t, page), owner = page->index;

    if (owner >= OWNERS || !claim_is_right(note_of(walk, page), owner) ||
        page->mapcount) {
        t->bad_owner++;
        tell(walk, "nobody's", page, 0);
        return frames;
    }
    f->owners[owner] += frames;
    t->bounce += owner == OWNER_BOUNCE && page->owner;
    return frames;
}

// Return: how many frames it was about.
static u32 check_frame(struct census_walk *walk, struct census_totals *t,
                       struct frames *f, const struct page *page)
{
    enum page_state state = page_state(page);
    u32 frames = 1;

    t->writeback += page_test(page, PG_WRITEBACK);
    switch (state) {
    case PAGE_STATE_RESERVED: break;
    case PAGE_STATE_FREE: check_counts(walk, t, page, 0); break;
    case PAGE_STATE_KERNEL: frames = check_kernel(walk, t, f, page); break;
    case PAGE_STATE_SLAB:
        frames = check_block(walk, t, page);
        t->slab_objects += page->slab_inuse;
        break;
    case PAGE_STATE_TABLE:
        check_counts(walk, t, page, 1);
        t->bad_owner += !(note_of(walk, page) & NOTE_TABLE);
        break;
    case PAGE_STATE_ANON: check_anon(walk, t, page); break;
    case PAGE_STATE_CACHE: check_cached(walk, t, page); break;
    case PAGE_STATES: t->bad_block++; break;
    }
    if (state == PAGE_STATE_ANON || state == PAGE_STATE_CACHE)
        check_lru(walk, t, f, page);
    f->state[state] += frames;
    return frames;
}

// ---- zones -----------------------------------------------------------------

static void compare_of_zone(struct census_walk *walk, const struct zone *zone,
                            const char *what, u32 counted, u32 counter)
{
    char name[sizeof(walk->census->lines[0].name)];

    fmt_print(name, sizeof(name), "zone.%s.%s", zone->name, what);
    census_compare(walk, name, counted, counter);
}

static u32 list_length(const struct list_head *list, u32 limit)
{
    const struct list_head *at;
    u32 length = 0;

    list_for_each (at, list) {
        if (++length > limit) // longer than it may be: perhaps a ring
            break;
    }
    return length;
}

static void compare_zone(struct census_walk *walk, const struct zone *zone,
                         const struct frames *f)
{
    static const char *const names[LRU_LISTS] = {
        [LRU_INACTIVE_ANON] = "inactive_anon",
        [LRU_ACTIVE_ANON] = "active_anon",
        [LRU_INACTIVE_FILE] = "inactive_file",
        [LRU_ACTIVE_FILE] = "active_file",
        [LRU_UNEVICTABLE] = "unevictable",
    };
    u32 ours = zone->buddy.frames - f->state[PAGE_STATE_RESERVED];
    u32 listed = 0, counted = 0;

    if (page_zone(zero_page) == zone)
        ours++; // reserved, and yet from the page allocator
    compare_of_zone(walk, zone, "managed", ours, zone->managed);
    compare_of_zone(walk, zone, "free", f->state[PAGE_STATE_FREE],
                    zone->buddy.free_frames);
    compare_of_zone(walk, zone, "buddy_broken", !buddy_check(&zone->buddy), 0);
    for (u32 i = 0; i < LRU_LISTS; i++) {
        compare_of_zone(walk, zone, names[i], f->lru[i], zone->lru_pages[i]);
        listed += list_length(&zone->lru[i], zone->lru_pages[i]);
        counted += zone->lru_pages[i];
    }
    compare_of_zone(walk, zone, "on_lru_lists", listed, counted);
}

static void walk_zone(struct census_walk *walk, const struct zone *zone,
                      struct census_totals *t)
{
    struct frames f = {.state = {0}};
    u32 end = zone->buddy.base + zone->buddy.frames;

    for (u32 n = zone->buddy.base; n < end;)
        n += check_frame(walk, t, &f, &mem_map[n]);
    for (u32 i = 0; i < PAGE_STATES; i++)
        t->state[i] += f.state[i];
    for (u32 i = 0; i < OWNERS; i++)
        t->owners[i] += f.owners[i];
    compare_zone(walk, zone, &f);
}

void census_frames(struct census_walk *walk)
{
    struct census_totals t = {.state = {0}};

    census_begin_files();
    zone_for_each (zone)
        walk_zone(walk, zone, &t);
    census_shadows(&t);
    walk->anon_held = t.anon_held;
    census_compare_totals(walk, &t);
}
