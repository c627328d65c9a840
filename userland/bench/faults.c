// userland/bench/faults.c - a page fault, by its cause
// SPDX-License-Identifier: MIT
//
// PAGES faults one after another in an area of its own, which then goes.

#include "bench.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PAGES = 64,
    BYTES = PAGES * PAGE,
    TABLE_SPAN = 4 * MIB, // of a page table; 2 MiB with PAE
};

static char *pages;
static int file;
static pid_t sharer;

static void map(void)
{
    pages = bench_map(BYTES);
}

static void unmap(void)
{
    bench_unmap(pages, BYTES);
}

static void map_and_write(void)
{
    map();
    bench_write(pages, PAGES, PAGE);
}

static void map_and_read(void)
{
    map();
    bench_read(pages, PAGES, PAGE);
}

static void write_all(void)
{
    bench_write(pages, PAGES, PAGE);
}

static void read_all(void)
{
    bench_read(pages, PAGES, PAGE);
}

// ---- copy on write
// ------------------------------------------------------------

static void sleep_on(void)
{
    pause();
}

static void nothing(void) {}

static void share(void)
{
    map_and_write();
    sharer = bench_fork(sleep_on);
}

static void unshare(void)
{
    bench_kill(sharer);
    unmap();
}

static void share_for_a_time(void)
{
    map_and_write();
    bench_join(bench_fork(nothing));
}

// ---- files
// --------------------------------------------------------------------

static void make_file(void)
{
    file = bench_memfd(PAGES);
}

static void close_file(void)
{
    close(file);
}

static void map_file(int flags)
{
    pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, flags, file, 0);
    bench_check(pages != MAP_FAILED, "mmap of a file");
}

static void map_private(void)
{
    map_file(MAP_PRIVATE);
}

static void map_shared(void)
{
    map_file(MAP_SHARED);
}

// ---- a table for each page
// ------------------------------------------------------

static void map_sparse(void)
{
    pages = bench_map((size_t)PAGES * TABLE_SPAN);
}

static void write_sparse(void)
{
    bench_write(pages, PAGES, TABLE_SPAN);
}

static void map_and_write_sparse(void)
{
    map_sparse();
    write_sparse();
}

static void unmap_sparse(void)
{
    bench_unmap(pages, (size_t)PAGES * TABLE_SPAN);
}

const struct bench_op bench_faults[] = {
    {"fault_anon_read", "page", PAGES, NULL, map, read_all, unmap, NULL},
    {"fault_anon_write", "page", PAGES, NULL, map, write_all, unmap, NULL},
    {"fault_zero_write", "page", PAGES, NULL, map_and_read, write_all, unmap,
     NULL},
    {"fault_cow_copy", "page", PAGES, NULL, share, write_all, unshare, NULL},
    {"fault_cow_reuse", "page", PAGES, NULL, share_for_a_time, write_all, unmap,
     NULL},
    {"fault_file_read", "page", PAGES, make_file, map_private, read_all, unmap,
     close_file},
    {"fault_file_write_private", "page", PAGES, make_file, map_private,
     write_all, unmap, close_file},
    {"fault_file_write_shared", "page", PAGES, make_file, map_shared, write_all,
     unmap, close_file},
    {"fault_sparse", "page", PAGES, NULL, map_sparse, write_sparse,
     unmap_sparse, NULL},
    {"munmap_sparse", "page", PAGES, NULL, map_and_write_sparse, unmap_sparse,
     NULL, NULL},
    {0},
};
