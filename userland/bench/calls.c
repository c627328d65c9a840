// userland/bench/calls.c - into the kernel and out again; waiting for nothing
// SPDX-License-Identifier: MIT

#include "bench.h"

#include <poll.h>
#include <sys/auxv.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    CALLS = 32,
    PIPES = 4,
};

static int pipes[PIPES][2];

static void get_pid(void)
{
    for (int i = 0; i < CALLS; i++)
        syscall(SYS_getpid);
}

// The old way in, whatever the C library uses.
static void get_pid_int80(void)
{
    for (int i = 0; i < CALLS; i++) {
        int result;

        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"(SYS_getpid)
                         : "memory");
    }
}

// ... and the vDSO's, without the C library around it.
static void get_pid_vdso(void)
{
    unsigned long entry = getauxval(AT_SYSINFO);

    if (!entry)
        return;
    for (int i = 0; i < CALLS; i++) {
        int result;

        __asm__ volatile("call *%2"
                         : "=a"(result)
                         : "a"(SYS_getpid), "r"(entry)
                         : "memory");
    }
}

static void get_time(void)
{
    struct timespec now;

    for (int i = 0; i < CALLS; i++)
        clock_gettime(CLOCK_MONOTONIC, &now);
}

static void open_pipes(void)
{
    for (int i = 0; i < PIPES; i++)
        bench_check(pipe(pipes[i]) == 0, "pipe");
}

static void close_pipes(void)
{
    for (int i = 0; i < PIPES; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
}

static void poll_pipes(void)
{
    struct pollfd fds[PIPES];

    for (int i = 0; i < PIPES; i++)
        fds[i] = (struct pollfd){.fd = pipes[i][0], .events = POLLIN};
    bench_check(poll(fds, PIPES, 0) == 0, "poll");
}

static void select_pipes(void)
{
    struct timeval now = {0};
    fd_set fds;

    FD_ZERO(&fds);
    for (int i = 0; i < PIPES; i++)
        FD_SET(pipes[i][0], &fds);
    bench_check(select(pipes[PIPES - 1][0] + 1, &fds, NULL, NULL, &now) == 0,
                "select");
}

const struct bench_op bench_calls[] = {
    {"getpid", "call", CALLS, .run = get_pid},
    {"getpid_int80", "call", CALLS, .run = get_pid_int80},
    {"getpid_vdso", "call", CALLS, .run = get_pid_vdso},
    {"clock_gettime", "call", CALLS, .run = get_time},
    {"poll_4", "call", 1, open_pipes, NULL, poll_pipes, NULL, close_pipes},
    {"select_4", "call", 1, open_pipes, NULL, select_pipes, NULL, close_pipes},
    {0},
};
