// userland/tests/fdcalls.h - between fdcalls.c and its parts
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

struct fd_test {
    const char *name;
    bool (*run)(void);
};

struct fd_suite {
    const char *name;
    const struct fd_test *tests;
    unsigned count;
};

extern const struct fd_suite event_suite;   // fdcalls_event.c
extern const struct fd_suite timer_suite;   // fdcalls_timer.c
extern const struct fd_suite signal_suite;  // fdcalls_signal.c
extern const struct fd_suite splice_suite;  // fdcalls_splice.c
extern const struct fd_suite pidfd_suite;   // fdcalls_pidfd.c
extern const struct fd_suite unnamed_suite; // fdcalls_unnamed.c

#define FD_SUITE(title, array)                                                 \
    {                                                                          \
        (title), (array), sizeof(array) / sizeof((array)[0])                   \
    }

// fails - whether a call said -1 and @error.
bool fails(long result, int error);
