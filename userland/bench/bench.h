// userland/bench/bench.h - operations whose cost is measured
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PAGE = 4096,
    MIB = 1 << 20,
};

// One operation. What is not needed is NULL.
struct bench_op {
    const char *name;
    const char *unit;    // what is done @per times by one run
    unsigned per;        // > 0
    void (*begin)(void); // once, first
    void (*before)(void);
    void (*run)(void); // measured
    void (*after)(void);
    void (*end)(void); // once, last
};

// Lists that end with an operation without a name, by subject.
extern const struct bench_op bench_calls[];
extern const struct bench_op bench_faults[];
extern const struct bench_op bench_areas[];
extern const struct bench_op bench_tasks[];
extern const struct bench_op bench_signals[];
extern const struct bench_op bench_files[];
extern const struct bench_op bench_swap[];

// bench_program - to run argv[0] with these arguments, up to a NULL.
const struct bench_op *bench_program(char **argv);

// What runs when nothing else would (idle.c): the time stamp goes on meanwhile,
// and is not to be counted. bench_idle_turns: how often it went round its loop
// of BENCH_IDLE_INSTRUCTIONS, modulo 2^32; 0 while there is none.
#define BENCH_IDLE_INSTRUCTIONS 2
void bench_idle_start(void);
void bench_idle_stop(void);
uint32_t bench_idle_turns(void);

// bench_check - end the program with a message unless @ok.
void bench_check(bool ok, const char *what);

// bench_map - private anonymous memory, readable and writable.
char *bench_map(size_t bytes);

// bench_unmap - and end the program if that fails.
void bench_unmap(void *at, size_t bytes);

// bench_write, bench_read - touch the first byte of @count pages, @stride bytes
// apart.
void bench_write(char *at, size_t count, size_t stride);
void bench_read(const char *at, size_t count, size_t stride);

// bench_memfd - a file in memory of so many pages, all there.
int bench_memfd(size_t pages);

// bench_fork - a child that does @run and ends. -> its pid.
pid_t bench_fork(void (*run)(void));

// bench_join - wait for a child. bench_kill - end it first.
void bench_join(pid_t pid);
void bench_kill(pid_t pid);

// What the arguments of the program are when the measurement of execve starts
// it: it ends at once.
#define BENCH_EXEC_ARGUMENT "-x"
