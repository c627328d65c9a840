// userland/bench/swap.c - twice as much memory as there is
// SPDX-License-Identifier: MIT
//
// An area of twice the memory is filled, which puts half of it out, and then
// gone through round after round, STEP pages each, so that what is touched has
// not been in memory for as long as can be. What runs while the disk does, and
// is not counted: idle.c.
//
//   swap_fill          new pages: each puts one out
//   swap_read_seq      read in sequence. What makes room for it is clean: it
//                      was read, too, and has its slot still
//   swap_read_random   the same in any order
//   swap_write_seq, swap_write_random
//                      written to: what makes room has to be written out

#include "bench.h"

#include <sys/mman.h>
#include <sys/sysinfo.h>

enum {
    STEP = 2048, // pages
    ROUNDS = 8,  // or less
};

static char *area;
static size_t area_pages, next;
static uint32_t seed;

static size_t pages_of_memory(void)
{
    struct sysinfo info;

    bench_check(sysinfo(&info) == 0, "sysinfo");
    return (size_t)((uint64_t)info.totalram * info.mem_unit / PAGE);
}

static void fill(void)
{
    bench_idle_start(); // it has not the area, which it would lock
    area_pages = 2 * pages_of_memory();
    area = bench_map(area_pages * PAGE);
    bench_write(area, area_pages, PAGE);
    next = 0;
}

static void drop(void)
{
    bench_idle_stop();
    bench_unmap(area, area_pages * PAGE);
}

// All of it once: what is in memory then was read, or written, as it is to be.
static void fill_and_read(void)
{
    fill();
    bench_read(area, area_pages, PAGE);
}

static void fill_and_write(void)
{
    fill();
    bench_write(area, area_pages, PAGE);
}

static char *next_step(void)
{
    char *at = area + next * PAGE;

    next += STEP;
    if (next + STEP > area_pages)
        next = 0;
    return at;
}

static void read_step(void)
{
    bench_read(next_step(), STEP, PAGE);
}

static void write_step(void)
{
    bench_write(next_step(), STEP, PAGE);
}

// Numerical Recipes' generator: its upper bits are good enough for a page.
static char *random_page(void)
{
    seed = seed * 1664525u + 1013904223u;
    return area + (size_t)((uint64_t)seed * area_pages >> 32) * PAGE;
}

static void read_any(void)
{
    for (int i = 0; i < STEP; i++)
        bench_read(random_page(), 1, PAGE);
}

static void write_any(void)
{
    for (int i = 0; i < STEP; i++)
        bench_write(random_page(), 1, PAGE);
}

// ---- swap_fill

static char *more[ROUNDS];
static unsigned filled;

static void fill_more(void)
{
    more[filled] = bench_map((size_t)STEP * PAGE);
    bench_write(more[filled++], STEP, PAGE);
}

static void drop_more(void)
{
    while (filled > 0)
        bench_unmap(more[--filled], (size_t)STEP * PAGE);
    drop();
}

#define SWAP_OP(name, begin, run, end)                                         \
    {                                                                          \
        name, "page", STEP, begin, NULL, run, NULL, end                        \
    }

const struct bench_op bench_swap[] = {
    SWAP_OP("swap_fill", fill, fill_more, drop_more),
    SWAP_OP("swap_read_seq", fill_and_read, read_step, drop),
    SWAP_OP("swap_read_random", fill_and_read, read_any, drop),
    SWAP_OP("swap_write_seq", fill_and_write, write_step, drop),
    SWAP_OP("swap_write_random", fill_and_write, write_any, drop),
    {0},
};
