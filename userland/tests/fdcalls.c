// userland/tests/fdcalls.c - files that are made by system calls of their own,
// and calls that move bytes between files
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. The suites are in
// fdcalls_*.c.

#include "fdcalls.h"

static const struct ktap_suite *const suites[] = {
    &event_suite, &timer_suite,   &signal_suite, &splice_suite,
    &pidfd_suite, &unnamed_suite, &pipe_suite,
};

int main(void)
{
    return ktap_run_suites(suites, sizeof(suites) / sizeof(suites[0]));
}
