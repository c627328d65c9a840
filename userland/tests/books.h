// userland/tests/books.h - what the kernel holds, to be compared
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    BOOKS_LINES = 96,
    BOOKS_NAME_BYTES = 32
};

// A line of /proc/faultline/census (frames), or of /proc/slabinfo (objects).
struct books_line {
    char name[BOOKS_NAME_BYTES];
    unsigned number;
};

struct books {
    bool is_balanced; // what the census itself says
    unsigned count;
    struct books_line lines[BOOKS_LINES];
};

void books_read(struct books *out);

// books_balance - whether the kernel holds what it held then, and its census is
// right; else *difference. The dead are buried in the background: look again
// before believing it.
bool books_balance(const struct books *before, char *difference, size_t size);
