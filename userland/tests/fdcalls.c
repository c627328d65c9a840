// userland/tests/fdcalls.c - files that are made by system calls of their own,
// and calls that move bytes between files
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. The suites are in
// fdcalls_*.c.

#include "fdcalls.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct ktap_suite *const suites[] = {
    &event_suite, &timer_suite,   &signal_suite, &splice_suite,
    &pidfd_suite, &unnamed_suite, &pipe_suite,
};

void await_rest(pid_t child)
{
    char path[32], text[64], state = 'R';

    snprintf(path, sizeof(path), "/proc/%d/stat", child);
    while (!strchr("SDZ", state)) {
        int fd = open(path, O_RDONLY);
        ssize_t bytes = read(fd, text, sizeof(text) - 1);

        close(fd);
        text[bytes > 0 ? bytes : 0] = '\0';
        const char *end = strchr(text, ')');
        state = end ? end[2] : 'Z';
        usleep(1000);
    }
}

int main(void)
{
    return ktap_run_suites(suites, sizeof(suites) / sizeof(suites[0]));
}
