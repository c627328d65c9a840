// userland/tests/fdcalls.h - between fdcalls.c and its parts
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <unistd.h>

#include "fails.h"
#include "ktap.h"

// fork_child - fork, which cannot fail: who waits for a child that is not there
// waits for ever, and to kill -1 is to kill everybody.
static inline pid_t fork_child(void)
{
    pid_t child = fork();

    if (child < 0)
        ktap_bail("no child");
    return child;
}

extern const struct ktap_suite event_suite;   // fdcalls_event.c
extern const struct ktap_suite timer_suite;   // fdcalls_timer.c
extern const struct ktap_suite signal_suite;  // fdcalls_signal.c
extern const struct ktap_suite splice_suite;  // fdcalls_splice.c
extern const struct ktap_suite pidfd_suite;   // fdcalls_pidfd.c
extern const struct ktap_suite unnamed_suite; // fdcalls_unnamed.c
extern const struct ktap_suite pipe_suite;    // fdcalls_pipe.c
