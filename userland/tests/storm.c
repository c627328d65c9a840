// userland/tests/storm.c - very many of one thing at a time
// SPDX-License-Identifier: MIT
//
// Signals between processes, processes alive at once, a chain of pipes, nested
// scripts, timers, waits: what goes in comes out, by count and by sum. Prints
// KTAP; runs on Linux too.

#include "storm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

static const struct {
    const char *name;
    bool (*run)(void);
} rows[] = {
    {"signals, real-time ones all arrive", storm_signals},
    {"processes, 500 at once", storm_forks},
    {"a chain of 50 pipes", storm_pipes},
    {"scripts in scripts", storm_scripts},
    {"timers", storm_timers},
    {"waits", storm_waits},
};

enum {
    ROWS = sizeof(rows) / sizeof(rows[0])
};

bool storm_wait(pid_t pid, int expected)
{
    int status;

    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == expected;
}

// In a process of its own: what it does to signals and timers goes with it.
static bool run_row(unsigned i)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(rows[i].run() ? EXIT_SUCCESS : EXIT_FAILURE);
    return pid > 0 && storm_wait(pid, EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "level") == 0)
        return storm_level(argc, argv);
    ktap_plan(ROWS);
    for (unsigned i = 0; i < ROWS; i++)
        ktap_result(run_row(i), "%s", rows[i].name);
    return ktap_finish();
}
