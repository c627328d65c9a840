// userland/bench/program.c - the whole of another program
// SPDX-License-Identifier: MIT
//
// From fork to wait, and what the kernel does meanwhile, but for what runs
// while a disk is waited for (idle.c). What the program says goes nowhere.

#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char **arguments;

static void be_it(void)
{
    int nowhere = open("/dev/null", O_WRONLY);

    bench_check(nowhere >= 0, "/dev/null");
    bench_check(dup2(nowhere, STDOUT_FILENO) >= 0, "dup2");
    execvp(arguments[0], arguments);
    bench_check(false, arguments[0]);
}

static void run(void)
{
    pid_t child = bench_fork(be_it);
    int status;

    bench_check(waitpid(child, &status, 0) == child, "waitpid");
    bench_check(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
                "the program has failed");
}

const struct bench_op *bench_program(char **argv)
{
    static struct bench_op op = {
        .unit = "run",
        .per = 1,
        .begin = bench_idle_start,
        .run = run,
        .end = bench_idle_stop,
    };

    op.name = argv[0];
    arguments = argv;
    return &op;
}
