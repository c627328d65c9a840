// userland/bench/tasks.c - processes, and changing from one to another
// SPDX-License-Identifier: MIT

#include "bench.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    TURNS = 16,
    LARGE_BYTES = 64 * MIB,
    STREAM_BYTES = 64 * 1024,
};

// ---- fork, execve
// -------------------------------------------------------------

static char *large;
static char self[PATH_MAX];

static void nothing(void) {}

static void fork_and_wait(void)
{
    bench_join(bench_fork(nothing));
}

static void be_large(void)
{
    large = bench_map(LARGE_BYTES);
    bench_write(large, LARGE_BYTES / PAGE, PAGE);
}

static void be_small(void)
{
    bench_unmap(large, LARGE_BYTES);
}

static void find_self(void)
{
    ssize_t bytes = readlink("/proc/self/exe", self, sizeof(self) - 1);

    bench_check(bytes > 0, "readlink of /proc/self/exe");
    self[bytes] = '\0';
}

static void execute(void)
{
    execl(self, self, BENCH_EXEC_ARGUMENT, (char *)NULL);
    bench_check(false, "execve");
}

static void fork_execute_and_wait(void)
{
    bench_join(bench_fork(execute));
}

// ---- sched_yield
// ---------------------------------------------------------------

static pid_t other;
static volatile unsigned *turns; // of the other

_Noreturn static void yield_for_ever(void)
{
    for (;;) {
        ++*turns;
        sched_yield();
    }
}

static void start_yielder(void)
{
    turns = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    bench_check(turns != MAP_FAILED, "mmap");
    other = bench_fork(yield_for_ever);
}

static void stop_yielder(void)
{
    bench_kill(other);
    bench_unmap((void *)turns, PAGE);
}

// Counted by the other one's turns: Linux may come back without one.
static void yield(void)
{
    unsigned last = *turns + TURNS;

    while ((int)(last - *turns) > 0)
        sched_yield();
}

// ---- pipes
// ------------------------------------------------------------------------

static int there[2], back[2];
static char stream[STREAM_BYTES];

static void open_pipes(void)
{
    bench_check(pipe(there) == 0 && pipe(back) == 0, "pipe");
}

static void close_pipes(void)
{
    close(there[0]);
    close(there[1]);
    close(back[0]);
    close(back[1]);
}

_Noreturn static void echo(void)
{
    char byte;

    for (;;)
        bench_check(read(there[0], &byte, 1) == 1 &&
                        write(back[1], &byte, 1) == 1,
                    "echo");
}

static void start_echo(void)
{
    open_pipes();
    other = bench_fork(echo);
}

static void stop_pipes(void)
{
    bench_kill(other);
    close_pipes();
}

static void round_trip(void)
{
    char byte = 0;

    for (int i = 0; i < TURNS; i++)
        bench_check(write(there[1], &byte, 1) == 1 &&
                        read(back[0], &byte, 1) == 1,
                    "round trip");
}

// Takes a stream and says when it has it all.
_Noreturn static void swallow(void)
{
    for (size_t got = 0;;) {
        ssize_t bytes = read(there[0], stream, sizeof(stream));

        bench_check(bytes > 0, "read of a pipe");
        got += (size_t)bytes;
        if (got < STREAM_BYTES)
            continue;
        got = 0;
        bench_check(write(back[1], stream, 1) == 1, "write to a pipe");
    }
}

static void start_swallow(void)
{
    open_pipes();
    other = bench_fork(swallow);
}

static void send_stream(void)
{
    char byte;

    bench_check(write(there[1], stream, STREAM_BYTES) == STREAM_BYTES &&
                    read(back[0], &byte, 1) == 1,
                "stream");
}

const struct bench_op bench_tasks[] = {
    {"fork_exit_wait", "process", 1, .run = fork_and_wait},
    {"fork_64m_exit_wait", "process", 1, be_large, NULL, fork_and_wait, NULL,
     be_small},
    {"fork_exec_wait", "process", 1, .begin = find_self,
     .run = fork_execute_and_wait},
    {"yield", "turn", TURNS, start_yielder, NULL, yield, NULL, stop_yielder},
    {"pipe_round_trip", "trip", TURNS, start_echo, NULL, round_trip, NULL,
     stop_pipes},
    {"pipe_64k", "64 KiB", 1, start_swallow, NULL, send_stream, NULL,
     stop_pipes},
    {0},
};
