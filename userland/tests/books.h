// userland/tests/books.h - what the kernel holds, to be compared
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    BOOKS_CACHES = 64,
    BOOKS_NAME_BYTES = 32
};

struct books {
    // Frames (in KiB) that no line of /proc/meminfo says the use of, and those
    // that processes have.
    long unaccounted, anonymous, tables;
    unsigned caches;
    struct {
        char name[BOOKS_NAME_BYTES];
        unsigned objects;
    } cache[BOOKS_CACHES];
};

void books_read(struct books *out);

// books_balance - whether the kernel holds what it held then; else *difference.
// The dead are buried in the background: look again before believing it.
bool books_balance(const struct books *before, char *difference, size_t size);
