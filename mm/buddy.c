// mm/buddy.c - the buddy allocator [P]: blocks of 2^order frames
// SPDX-License-Identifier: MIT
//
// The buddy of a block is the one it makes a block of the next order with:
// its frame number with bit `order` inverted. Whether the buddy is free, and
// as a whole, its own first struct page says (PG_BUDDY and the order in
// private): two loads, and no memory beside mem_map.
//
// Free blocks are taken from the front of their list and put there, so that a
// frame just freed, still in the CPU's cache, is the next one used.
//
// When there is no block of the type asked for, another type gives its largest
// one, in the order of `fallbacks`:
//   - a whole pageblock changes its type;
//   - a movable pageblock of which a part is free changes its type for kernel
//     data, with its other free blocks, so that the next request falls into
//     the same pageblock. That costs a walk over the pageblock, once: it
//     becomes movable again only after all of it was free;
//   - else the block alone is lent. When it is freed it goes back, since the
//     list is the pageblock's, not the request's.
//
// Rejected: lists that need not agree with the pageblock's type (Linux): no
// invariant to check. One xor bit for each pair of blocks (cannot be verified,
// needs memory for each order, fails at holes); delayed merging (a zone that is
// all free must offer its largest blocks).

#include <mm/buddy.h>

#include <base/assert.h>
#include <base/bits.h>

static u32 frame_of(const struct buddy *b, const struct page *page)
{
    return (u32)(page - b->mem_map);
}

static bool in_range(const struct buddy *b, u32 frame)
{
    return frame - b->base < b->frames; // wraps below base: not less either
}

enum migrate_type buddy_block_type(const struct buddy *b, u32 frame)
{
    return (enum migrate_type)b->types[frame >> BUDDY_BLOCK_ORDER];
}

// @lists: the pageblock's, b->free[type].
static void push_block(struct buddy *b, struct page *page, u32 order,
                       struct list_head *lists)
{
    page->private = order;
    page_set(page, PG_BUDDY);
    list_add(&page->lru, &lists[order]);
    b->free_blocks[order]++;
}

static void remove_block(struct buddy *b, struct page *page, u32 order)
{
    page_clear(page, PG_BUDDY);
    list_del(&page->lru);
    b->free_blocks[order]--;
}

static bool is_free_block(const struct page *page, u32 order)
{
    return page_test(page, PG_BUDDY) && page->private == order;
}

void buddy_init(struct buddy *b, struct page *mem_map, u8 *types, u32 base,
                u32 frames)
{
    *b = (struct buddy){
        .mem_map = mem_map, .types = types, .base = base, .frames = frames};
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        for (u32 type = 0; type < MIGRATE_TYPES; type++)
            list_init(&b->free[type][order]);
}

static void set_block_type(struct buddy *b, u32 frame, enum migrate_type type)
{
    b->types[frame >> BUDDY_BLOCK_ORDER] = (u8)type;
}

void buddy_group(struct buddy *b)
{
    ASSERT(b->type_mask == 0);
    b->type_mask = ~0u;
    for (u32 i = 0; i < b->frames; i += BUDDY_BLOCK_FRAMES)
        set_block_type(b, b->base + i, MIGRATE_MOVABLE);
    if (b->frames) // the last, which the steps may have passed over
        set_block_type(b, b->base + b->frames - 1, MIGRATE_MOVABLE);
    for (u32 order = 0; order < BUDDY_ORDERS; order++)
        list_splice_tail(&b->free[MIGRATE_UNMOVABLE][order],
                         &b->free[MIGRATE_MOVABLE][order]);
}

// The pageblock of a free block changes its type, and with it the lists of all
// its free blocks. O(frames of a pageblock) unless it is free as a whole.
static void claim_pageblock(struct buddy *b, u32 frame, enum migrate_type type)
{
    u32 first = ALIGN_DOWN(frame, BUDDY_BLOCK_FRAMES);
    u32 end = min(first + BUDDY_BLOCK_FRAMES, b->base + b->frames);

    set_block_type(b, frame, type);
    for (u32 n = max(first, b->base); n < end;) {
        struct page *page = &b->mem_map[n];

        if (!page_test(page, PG_BUDDY)) {
            n++;
            continue;
        }
        n += 1u << page->private;
        list_del(&page->lru);
        list_add(&page->lru, &b->free[type][page->private]);
    }
}

// Who gives when a type has nothing, the first first.
static const u8 fallbacks[MIGRATE_TYPES][MIGRATE_TYPES - 1] = {
    [MIGRATE_UNMOVABLE] = {MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE},
    [MIGRATE_MOVABLE] = {MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE},
    [MIGRATE_RECLAIMABLE] = {MIGRATE_MOVABLE, MIGRATE_UNMOVABLE},
};

// Take a block of order @have off its list, and give back what is too much.
static __always_inline struct page *take_block(struct buddy *b,
                                               struct page *page, u32 have,
                                               u32 order,
                                               struct list_head *lists)
{
    remove_block(b, page, have);
    while (have > order) {
        have--;
        push_block(b, page + (1u << have), have, lists);
    }
    b->free_frames -= 1u << order;
    return page;
}

// The largest free block of another type, of at least @order. NULL: none.
static __noinline struct page *fall_back(struct buddy *b, u32 order,
                                         enum migrate_type type)
{
    if (!b->type_mask)
        return NULL;
    for (u32 have = BUDDY_ORDERS; have-- > order;) {
        for (u32 i = 0; i < MIGRATE_TYPES - 1; i++) {
            enum migrate_type from = (enum migrate_type)fallbacks[type][i];
            struct page *page;

            if (list_empty(&b->free[from][have]))
                continue;
            page = list_first_entry(&b->free[from][have], struct page, lru);
            if (have == BUDDY_BLOCK_ORDER || from == MIGRATE_MOVABLE) {
                claim_pageblock(b, frame_of(b, page), type);
                from = type;
            }
            return take_block(b, page, have, order, b->free[from]);
        }
    }
    return NULL;
}

struct page *buddy_alloc(struct buddy *b, u32 order, enum migrate_type type)
{
    struct list_head *lists = b->free[type & b->type_mask];

    for (u32 have = order; have < BUDDY_ORDERS; have++) {
        if (!list_empty(&lists[have]))
            return take_block(b,
                              list_first_entry(&lists[have], struct page, lru),
                              have, order, lists);
    }
    return fall_back(b, order, type);
}

#if FAULTLINE_DEBUG
// Whether any frame of the block belongs to a free block: one that begins in
// it, or a larger one that it lies in.
static bool overlaps_free(const struct buddy *b, u32 frame, u32 order)
{
    for (u32 i = 0; i < 1u << order; i++) {
        if (page_test(&b->mem_map[frame + i], PG_BUDDY))
            return true;
    }
    for (u32 above = order + 1; above < BUDDY_ORDERS; above++) {
        u32 first = ALIGN_DOWN(frame, 1u << above);

        if (in_range(b, first) && page_test(&b->mem_map[first], PG_BUDDY) &&
            b->mem_map[first].private >= above)
            return true;
    }
    return false;
}
#endif

void buddy_free(struct buddy *b, struct page *page, u32 order)
{
    u32 frame = frame_of(b, page);
    u32 zone = page_zone_id(page);

    ASSERT(order < BUDDY_ORDERS && IS_ALIGNED(frame, 1u << order));
    ASSERT(in_range(b, frame) && in_range(b, frame + (1u << order) - 1));
    ASSERT(!page_test(page, PG_BUDDY));
#if FAULTLINE_DEBUG
    ASSERT(!overlaps_free(b, frame, order));
#endif
    b->free_frames += 1u << order;
    for (; order < BUDDY_ORDERS - 1; order++) {
        u32 other = frame ^ 1u << order;
        struct page *buddy = &b->mem_map[other];

        if (!in_range(b, other) || !is_free_block(buddy, order) ||
            page_zone_id(buddy) != zone)
            break;
        remove_block(b, buddy, order);
        frame = min(frame, other);
    }
    push_block(b, &b->mem_map[frame], order,
               b->free[buddy_block_type(b, frame)]);
}

void buddy_add_range(struct buddy *b, u32 first, u32 end)
{
    while (first < end) {
        u32 order = min(ilog2(end - first), BUDDY_ORDERS - 1);

        if (first)
            order = min(order, (u32)__builtin_ctz(first));
        buddy_free(b, &b->mem_map[first], order);
        first += 1u << order;
    }
}

u32 buddy_count(const struct buddy *b, u32 order, enum migrate_type type)
{
    const struct page *page;
    u32 count = 0;

    list_for_each_entry (page, &b->free[type][order], lru)
        count++;
    return count;
}

// One free block: marked, aligned, in range, alone, not with its buddy, and on
// the list of its pageblock's type.
static bool check_block(const struct buddy *b, const struct page *page,
                        u32 order, enum migrate_type type)
{
    u32 frame = frame_of(b, page), other = frame ^ 1u << order;

    if (!is_free_block(page, order) || !IS_ALIGNED(frame, 1u << order) ||
        buddy_block_type(b, frame) != type || !in_range(b, frame) ||
        !in_range(b, frame + (1u << order) - 1))
        return false;
    for (u32 i = 1; i < 1u << order; i++) {
        if (page_test(&page[i], PG_BUDDY) ||
            page_zone_id(&page[i]) != page_zone_id(page))
            return false;
    }
    return order == BUDDY_ORDERS - 1 || !in_range(b, other) ||
           !is_free_block(&b->mem_map[other], order) ||
           page_zone_id(&b->mem_map[other]) != page_zone_id(page);
}

bool buddy_check(const struct buddy *b)
{
    u32 free_frames = 0, blocks = 0, marked = 0;

    for (u32 order = 0; order < BUDDY_ORDERS; order++) {
        u32 count = 0;

        for (u32 type = 0; type < MIGRATE_TYPES; type++) {
            const struct page *page;

            list_for_each_entry (page, &b->free[type][order], lru) {
                if (++count > b->free_blocks[order] ||
                    !check_block(b, page, order, (enum migrate_type)type))
                    return false;
            }
        }
        if (count != b->free_blocks[order])
            return false;
        free_frames += count << order;
        blocks += count;
    }
    for (u32 i = 0; i < b->frames; i++)
        marked += page_test(&b->mem_map[b->base + i], PG_BUDDY);
    return free_frames == b->free_frames && blocks == marked;
}
