// userland/tests/faults.c - does a program get what Linux gives?
// SPDX-License-Identifier: MIT
//
//   faults             every suite, as KTAP
//   faults SUITE...    these suites
//   faults run PLACE   store code there and call it
//   faults die NAME    do one bad thing here, for a shell to see the end of it
//
// Every sub-test passes on Linux: run it there first when you add one.

#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

static const struct suite {
    const char *name;
    void (*run)(void);
} suites[] = {
    {"death", suite_death},     {"badptr", suite_badptr},
    {"memory", suite_memory},   {"cow", suite_cow},
    {"process", suite_process}, {"signal", suite_signal},
    {"exec", suite_exec},
};

enum {
    SUITES = sizeof(suites) / sizeof(suites[0])
};

const char *own_path;

int run_in_child(int (*function)(void *), void *argument)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        ktap_bail("fork: %s", strerror(errno));
    if (child == 0)
        _exit(function(argument));
    if (waitpid(child, &status, 0) != child)
        ktap_bail("waitpid: %s", strerror(errno));
    return status;
}

bool killed_by(int status, int signal)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

static const struct suite *find_suite(const char *name)
{
    for (int i = 0; i < SUITES; i++)
        if (strcmp(suites[i].name, name) == 0)
            return &suites[i];
    dprintf(2, "faults: no suite %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    own_path = access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : argv[0];
    if (argc == 3 && strcmp(argv[1], "die") == 0) {
        death_by_name(argv[2]);
        dprintf(2, "faults: no harm came from %s\n", argv[2]);
        return 2;
    }
    if (argc == 3 && strcmp(argv[1], "run") == 0)
        return exec_main(argv[2]);
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return child_main(argc - 2, argv + 2);
    for (int i = 1; i < argc; i++)
        find_suite(argv[i]);

    ktap_plan(argc > 1 ? (unsigned)argc - 1 : SUITES);
    for (int i = 1; i < argc; i++)
        find_suite(argv[i])->run();
    for (int i = 0; i < SUITES && argc == 1; i++)
        suites[i].run();
    return ktap_finish();
}
