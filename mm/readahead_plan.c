// mm/readahead_plan.c - which pages to read ahead [P]
// SPDX-License-Identifier: MIT
//
// On demand: nothing is planned unless a page is missing, or a mark is met.
//
//   what is asked for                            what is read
//   the start of the file, or behind the page    a first window
//     read last, or more than a window at once
//   the mark of the window, or its end           the next window, larger
//   a mark of somebody else (two readers with    a window behind what is there
//     one open file, or of a reader before)
//   missing, but what lies before it is there    a window as long as that
//   anything else                                that alone: random access
//
// Sources: the rules are those of Linux 2.6.23 and later (Wu Fengguang, "On the
// design of a new Linux readahead framework", 2008), as Linux 6.1 applies them.

#include <mm/readahead.h>

#include <base/bits.h>

static u32 round_up_pow2(u32 n)
{
    u32 size = 1;

    while (size < n)
        size <<= 1;
    return size;
}

// The window of a reader that may be a sequential one: some four times what it
// asks for, up to @max.
static u32 first_size(u32 want, u32 max)
{
    u32 size = round_up_pow2(min(want, max));

    if (size <= max / 32)
        size *= 4;
    else if (size <= max / 4)
        size *= 2;
    return min(size, max);
}

// The reader has proved to be sequential.
static u32 next_size(u32 size, u32 max)
{
    if (size < max / 16)
        return min(4 * size, max);
    return min(2 * size, max);
}

static void first_window(struct readahead *ra,
                         const struct readahead_request *rq)
{
    ra->start = rq->index;
    ra->size = first_size(rq->want, rq->max);
    ra->async_size = ra->size > rq->want ? ra->size - rq->want : ra->size;
}

static void next_window(struct readahead *ra, u32 max)
{
    ra->start += ra->size;
    ra->size = next_size(ra->size, max);
    ra->async_size = ra->size;
}

// A mark that is not this window's: what is there ends at the hole.
static void window_at_hole(struct readahead *ra,
                           const struct readahead_request *rq)
{
    ra->start = rq->hole;
    ra->size = next_size(rq->hole - rq->index + rq->want, rq->max);
    ra->async_size = ra->size;
}

static void window_by_history(struct readahead *ra,
                              const struct readahead_request *rq)
{
    u32 size = rq->before;

    if (size >= rq->index) // from the start of the file on
        size *= 2;
    ra->start = rq->index;
    ra->size = min(size + rq->want, rq->max);
    ra->async_size = 1;
}

static bool is_expected(const struct readahead *ra, u32 index)
{
    return ra->size && (index == ra->start + ra->size - ra->async_size ||
                        index == ra->start + ra->size);
}

// Return: whether there is a window now; false: random access.
static bool move_window(struct readahead *ra,
                        const struct readahead_request *rq)
{
    if (is_expected(ra, rq->index)) {
        next_window(ra, rq->max);
    } else if (rq->at_mark) {
        if (rq->hole - rq->index > rq->max)
            return false; // all is there
        window_at_hole(ra, rq);
    } else if (rq->index == 0 || rq->want > rq->max ||
               rq->index == ra->next_index) {
        first_window(ra, rq);
    } else if (rq->before > rq->want) {
        window_by_history(ra, rq);
    } else {
        return false;
    }
    return true;
}

void readahead_plan(struct readahead *ra, const struct readahead_request *rq,
                    struct readahead_plan *out)
{
    u32 more;

    if (ra->hint == READAHEAD_RANDOM || !move_window(ra, rq)) {
        out->start = rq->index;
        out->count = rq->at_mark ? 0 : min(rq->want, rq->max);
        out->mark = out->start + out->count;
        return;
    }
    // Its mark would be met at once: make the next window part of this one.
    if (rq->index == ra->start && ra->size == ra->async_size) {
        more = next_size(ra->size, rq->max);
        ra->async_size = more;
        ra->size = min(ra->size + more, rq->max);
        ra->async_size = min(ra->async_size, ra->size);
    }
    out->start = ra->start;
    out->count = ra->size;
    out->mark = ra->start + ra->size - ra->async_size;
}
