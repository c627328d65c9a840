// userland/bench/bench.c - what system calls and page faults cost
// SPDX-License-Identifier: MIT
//
// usage: bench [-n ROUNDS] [PREFIX...]
//        bench [-n ROUNDS] -p PROGRAM [ARGUMENT...]
//
// Every operation, or those whose names begin with a PREFIX, is run some times
// to warm up and then ROUNDS times between two time stamps. One line each:
//
// or for a run of PROGRAM:
//
//     NAME <tab> UNIT <tab> LEAST <tab> MEDIAN
//
// in time stamps for one UNIT, less what an empty loop of as many turns takes.
// Under `tools/vm --icount` a time stamp is an instruction. `loop` is there to
// see whether it is: it takes LOOP_INSTRUCTIONS. The same program runs on
// Linux. As process 1 (init=/bin/bench) it prints the time stamp that it began
// at, and nothing else.

#include "bench.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum {
    ROUNDS_DEFAULT = 31,
    ROUNDS_MAX = 1000,
    WARM_UP = 4,
    LOOP_INSTRUCTIONS = 2000,
    SETTLE_MS = 50,
};

// Operations that are measured alike.
static const struct list {
    const struct bench_op *ops;
    unsigned rounds, warm_up; // at most, or 0: as many as were asked for
    bool needs_swap;          // passed over where there is none
} lists[] = {
    {bench_calls, 0, WARM_UP, false},   {bench_faults, 0, WARM_UP, false},
    {bench_areas, 0, WARM_UP, false},   {bench_tasks, 0, WARM_UP, false},
    {bench_signals, 0, WARM_UP, false}, {bench_files, 0, WARM_UP, false},
    {bench_swap, 5, 1, true},
};

static uint64_t stamp(void)
{
    return __builtin_ia32_rdtsc();
}

static void empty(void) {}

static void loop(void)
{
    unsigned turns = LOOP_INSTRUCTIONS / 2;

    __asm__ volatile("1: dec %0; jnz 1b" : "+r"(turns));
}

static void call(void (*fn)(void))
{
    if (fn)
        fn();
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

// What the stamps, the call and a loop of @turns take.
static uint64_t overhead(unsigned turns)
{
    void (*volatile fn)(void) = empty;
    uint64_t start = stamp();

    fn();
    for (unsigned i = 1; i < turns; i++)
        __asm__ volatile("" : : "r"(i));
    return stamp() - start;
}

static uint64_t least_overhead(unsigned turns)
{
    uint64_t least = overhead(turns);

    for (unsigned i = 0; i < WARM_UP; i++) {
        uint64_t now = overhead(turns);

        if (now < least)
            least = now;
    }
    return least;
}

static uint64_t one_round(const struct bench_op *op)
{
    uint64_t start, end;
    uint32_t idle;

    call(op->before);
    idle = bench_idle_turns();
    start = stamp();
    op->run();
    end = stamp();
    idle = bench_idle_turns() - idle;
    call(op->after);
    return end - start - (uint64_t)idle * BENCH_IDLE_INSTRUCTIONS;
}

// Ticks come into some rounds, and where the first one does depends on when the
// host had this started, and took what was printed. Who has slept begins just
// after a tick, and with all that is printed gone.
static void settle(void)
{
    // The tiny Linux has no nanosleep.
    bench_check(poll(NULL, 0, SETTLE_MS) == 0, "poll");
}

static void measure(const struct bench_op *op, unsigned rounds,
                    unsigned warm_up)
{
    static uint64_t taken[ROUNDS_MAX];
    uint64_t less = least_overhead(op->per);

    call(op->begin);
    settle();
    for (unsigned i = 0; i < warm_up; i++)
        one_round(op);
    for (unsigned i = 0; i < rounds; i++) {
        uint64_t stamps = one_round(op);

        taken[i] = (stamps > less ? stamps - less : 0) / op->per;
    }
    call(op->end);
    qsort(taken, rounds, sizeof(*taken), by_size);
    dprintf(STDOUT_FILENO, "%s\t%s\t%llu\t%llu\n", op->name, op->unit,
            (unsigned long long)taken[0],
            (unsigned long long)taken[rounds / 2]);
}

static bool has_swap(void)
{
    struct sysinfo info;

    bench_check(sysinfo(&info) == 0, "sysinfo");
    return info.totalswap > 0;
}

static bool is_wanted(const char *name, char **prefixes)
{
    if (!*prefixes)
        return true;
    for (; *prefixes; prefixes++)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

static void measure_list(const struct list *list, unsigned rounds,
                         char **prefixes)
{
    if (list->needs_swap && !has_swap())
        return;
    if (list->rounds && list->rounds < rounds)
        rounds = list->rounds;
    for (const struct bench_op *op = list->ops; op->name; op++)
        if (is_wanted(op->name, prefixes))
            measure(op, rounds, list->warm_up);
}

void bench_check(bool ok, const char *what)
{
    if (ok)
        return;
    dprintf(STDERR_FILENO, "bench: %s: %s\n", what, strerror(errno));
    _exit(EXIT_FAILURE);
}

// Process 1 of a machine that is to show how long it takes to come so far: the
// time stamp, on the console. There is nothing to go on with.
_Noreturn static void tell_boot(void)
{
    dprintf(STDOUT_FILENO, "\nbench: boot %llu\n", (unsigned long long)stamp());
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    static const struct bench_op calibration = {"loop", "loop", 1, .run = loop};
    long rounds = ROUNDS_DEFAULT;
    bool is_program = false;
    int option;

    if (getpid() == 1)
        tell_boot();
    if (argc == 2 && strcmp(argv[1], BENCH_EXEC_ARGUMENT) == 0)
        return EXIT_SUCCESS;
    while ((option = getopt(argc, argv, "+n:p")) == 'n' || option == 'p') {
        if (option == 'n')
            rounds = strtol(optarg, NULL, 10);
        else
            is_program = true;
    }
    if (option != -1 || rounds < 1 || rounds > ROUNDS_MAX ||
        (is_program && optind == argc)) {
        dprintf(STDERR_FILENO,
                "usage: bench [-n ROUNDS] [PREFIX... | -p PROGRAM ...]\n");
        return 2;
    }
    measure(&calibration, (unsigned)rounds, WARM_UP);
    if (is_program) {
        measure(bench_program(argv + optind), (unsigned)rounds, 0);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        measure_list(&lists[i], (unsigned)rounds, argv + optind);
    return EXIT_SUCCESS;
}
