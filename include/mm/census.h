// include/mm/census.h - do the books balance: everything counted anew
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define CENSUS_LINES_MAX 100u

enum census_verdict {
    CENSUS_OK,
    CENSUS_MISMATCH,
    CENSUS_NO_COUNTER, // only counted
};

struct census_line {
    char name[28];
    u32 counted; // by walking
    u32 counter; // what the kernel believed
    enum census_verdict verdict;
};

struct census {
    u32 mismatches;
    u32 count;
    struct census_line lines[CENSUS_LINES_MAX];
};

// census_take - walk everything and compare. What is in motion (pages that
// somebody who sleeps has a reference to, I/O) would be counted as wrong: while
// there are mismatches it is done again, for a second at most, so what is left
// has stayed wrong. The frames concerned are then logged, some of them.
// Interrupts are off during each walk, whose time is O(frames).
// Return: 0; -ENOMEM. Context: task, may sleep.
__must_check int census_take(struct census *census);

// census_check - the same, logged: each mismatch, and "census: ok" or
// "census: N mismatches". Return: whether it is ok. Context: as above.
bool census_check(void);
