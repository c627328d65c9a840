// include/mm/madvise.h - advice on memory, and what of it is there
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/mm.h>

// madvise(2)'s advice, by what it does; the numbers are kernel/sys_madvise.c's.
enum advice {
    ADVICE_NORMAL, // how files are read ahead
    ADVICE_RANDOM,
    ADVICE_SEQUENTIAL,
    ADVICE_WILL_NEED, // start reading it
    ADVICE_DISCARD,   // DONTNEED: drop the pages, keep the areas
    ADVICE_FREE,      // private anonymous memory that may be dropped
    ADVICE_DONT_FORK,
    ADVICE_DO_FORK,
    ADVICE_WIPE_ON_FORK,
    ADVICE_KEEP_ON_FORK,
    ADVICE_DONT_DUMP,
    ADVICE_DO_DUMP,
    ADVICE_COLD,     // take these first
    ADVICE_PAGE_OUT, // take these now
};

// mm_advise - for [start, start + bytes), page aligned. Return: 0; -ENOMEM:
// there are holes, and what is around them is done; -EINVAL: not on such an
// area (what came before it is done); -EAGAIN: no memory for a split. Takes
// mm->lock, may sleep.
__must_check int mm_advise(struct mm *mm, user_addr_t start, u32 bytes,
                           enum advice advice);

// mm_residency - for mincore(2): @out gets a byte for each of @pages pages, 1:
// in memory. Return: how many there are up to the first that is not mapped.
// Takes mm->lock.
__must_check u32 mm_residency(struct mm *mm, user_addr_t start, u32 pages,
                              u8 *out);
