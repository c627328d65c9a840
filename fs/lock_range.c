// fs/lock_range.c - ranges of bytes and who holds them [P]
// SPDX-License-Identifier: MIT
//
// Setting a range goes through the owner's ranges once. Those of the same mode
// that touch it become part of it; of others, what lies inside is cut away,
// which makes two of one that surrounds it. So at most two more ranges are
// needed than there were: the new one, and the rest of one that was cut.

#include <fs/lock_range.h>

#include <base/bits.h>

static bool overlap(const struct lock_range *a, const struct lock_range *b)
{
    return a->start <= b->last && b->start <= a->last;
}

// Overlapping, or next to each other.
static bool touch(const struct lock_range *a, const struct lock_range *b)
{
    return a->start <= b->last + 1 && b->start <= a->last + 1;
}

struct lock_range *lock_range_conflict(const struct list_head *list,
                                       const struct lock_range *want)
{
    struct lock_range *r;

    if (want->mode == LOCK_MODE_NONE)
        return NULL;
    list_for_each_entry (r, list, link)
        if (r->owner != want->owner && overlap(r, want) &&
            (want->mode == LOCK_MODE_EXCLUSIVE ||
             r->mode == LOCK_MODE_EXCLUSIVE))
            return r;
    return NULL;
}

// By start.
static void insert(struct list_head *list, struct lock_range *range)
{
    struct lock_range *r;

    list_for_each_entry (r, list, link)
        if (r->start > range->start)
            break;
    list_add_tail(&range->link, list_link_of(r, link));
}

static struct lock_range *take(struct list_head *spare)
{
    struct lock_range *range = list_first_entry(spare, struct lock_range, link);

    list_del(&range->link);
    return range;
}

// Takes what @want has away from @r, which overlaps it.
static void cut(struct lock_range *r, const struct lock_range *want,
                struct list_head *list, struct list_head *spare)
{
    struct lock_range *rest = NULL;
    bool before = r->start<want->start, after = r->last> want->last;

    if (before && after) {
        rest = take(spare);
        *rest = *r;
    } else if (after) {
        rest = r;
        list_del(&r->link);
    } else if (!before) {
        list_move_tail(&r->link, spare);
    }
    if (before)
        r->last = want->start - 1;
    if (rest) {
        rest->start = want->last + 1;
        insert(list, rest);
    }
}

bool lock_range_set(struct list_head *list, const struct lock_range *want,
                    struct list_head *spare)
{
    struct lock_range whole = *want; // with what it is merged with
    struct lock_range *r, *next;
    bool gave_up = false;

    list_for_each_entry_safe (r, next, list, link) {
        if (r->owner != want->owner || !touch(r, want))
            continue;
        if (r->mode == want->mode) {
            whole.start = min(whole.start, r->start);
            whole.last = max(whole.last, r->last);
            list_move_tail(&r->link, spare);
        } else if (overlap(r, want)) {
            gave_up |= want->mode < r->mode;
            cut(r, want, list, spare);
        }
    }
    if (want->mode != LOCK_MODE_NONE) {
        r = take(spare);
        *r = whole;
        insert(list, r);
    }
    return gave_up;
}

bool lock_range_check(const struct list_head *list)
{
    const struct lock_range *r, *other;
    u64 start = 0;

    list_for_each_entry (r, list, link) {
        if (r->start < start || r->start > r->last || r->mode == LOCK_MODE_NONE)
            return false;
        start = r->start;
        list_for_each_entry (other, list, link)
            if (other != r && other->owner == r->owner &&
                (overlap(r, other) ||
                 (touch(r, other) && r->mode == other->mode)))
                return false;
    }
    return true;
}
