// include/mm/readahead.h - what to read before it is asked for
// SPDX-License-Identifier: MIT
//
// A sequential reader has a window [start, start + size) of pages that were
// read for it. The last async_size of them were read ahead of what it asked
// for; the first of these is marked (PG_READAHEAD), and when the reader comes
// to the mark the next window is read, which is larger. So the disk works while
// the reader does. The plan is pure (mm/readahead_plan.c); the reading is in
// mm/readahead.c.
#pragma once

#include <base/types.h>

#define READAHEAD_MAX    32u // pages: 128 KiB, as Linux
#define READAHEAD_AROUND 16u // ... read around a fault in a mapping

enum readahead_hint { // posix_fadvise
    READAHEAD_NORMAL,
    READAHEAD_SEQUENTIAL, // windows of twice the size
    READAHEAD_RANDOM,     // nothing that was not asked for
};

// Of an open file; all 0 at first.
struct readahead {
    u32 start, size, async_size; // the window; size 0: none
    u32 next_index;              // behind the page read last
    enum readahead_hint hint;
};

// What a reader is about to do.
struct readahead_request {
    u32 index, want; // pages; want >= 1
    bool at_mark;    // the page is there, and marked; else it is missing
    u32 max;         // pages of a window
    u32 before;      // cached pages in a row that end before index (up to max)
    u32 hole;        // at_mark: the first page behind index that is missing
};

// What to read: pages [start, start + count); the mark goes on page `mark`
// (none when it is not among them).
struct readahead_plan {
    u32 start, count, mark;
};

// readahead_plan - @out: what to read now; count may be 0 at a mark. Changes
// the window in @ra.
void readahead_plan(struct readahead *ra, const struct readahead_request *rq,
                    struct readahead_plan *out);

// readahead_single - the founding documents' way: with each page that is read,
// the next one is. Command line: readahead=1.
extern bool readahead_single;
