// userland/tests/fdcalls.c - files that are made by system calls of their own,
// and calls that move bytes between files
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. The suites are in
// fdcalls_*.c.

#include "fdcalls.h"

#include <errno.h>

#include "ktap.h"

static const struct fd_suite *const suites[] = {
    &event_suite,  &timer_suite, &signal_suite,
    &splice_suite, &pidfd_suite, &unnamed_suite,
};

bool fails(long result, int error)
{
    return result == -1 && errno == error;
}

int main(void)
{
    const unsigned count = sizeof(suites) / sizeof(suites[0]);

    ktap_plan(count);
    for (unsigned i = 0; i < count; i++) {
        ktap_enter(suites[i]->name, suites[i]->count);
        for (unsigned t = 0; t < suites[i]->count; t++)
            ktap_result(suites[i]->tests[t].run(), "%s",
                        suites[i]->tests[t].name);
        ktap_leave();
    }
    return ktap_finish();
}
