// userland/bench/files.c - files in memory, by name and by descriptor
// SPDX-License-Identifier: MIT

#include "bench.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LARGE_BYTES = 64 * 1024,
};

#define NAME "/tmp/bench.file"

static int file;
static char bytes[LARGE_BYTES];

static void create(void)
{
    int fd = open(NAME, O_RDWR | O_CREAT, 0644);

    bench_check(fd >= 0 && close(fd) == 0, "open of " NAME);
}

static void remove_file(void)
{
    bench_check(unlink(NAME) == 0, "unlink");
}

static void create_and_remove(void)
{
    create();
    remove_file();
}

static void open_and_close(void)
{
    int fd = open(NAME, O_RDONLY);

    bench_check(fd >= 0 && close(fd) == 0, "open");
}

static void get_status(void)
{
    struct stat status;

    bench_check(stat(NAME, &status) == 0, "stat");
}

static void make_large(void)
{
    file = bench_memfd(LARGE_BYTES / PAGE);
}

static void close_large(void)
{
    close(file);
}

static void read_page(void)
{
    bench_check(pread(file, bytes, PAGE, 0) == PAGE, "pread");
}

static void read_large(void)
{
    bench_check(pread(file, bytes, LARGE_BYTES, 0) == LARGE_BYTES, "pread");
}

static void write_page(void)
{
    bench_check(pwrite(file, bytes, PAGE, 0) == PAGE, "pwrite");
}

const struct bench_op bench_files[] = {
    {"open_close", "pair", 1, create, NULL, open_and_close, NULL, remove_file},
    {"stat", "call", 1, create, NULL, get_status, NULL, remove_file},
    {"create_unlink", "pair", 1, .run = create_and_remove},
    {"read_4k", "call", 1, make_large, NULL, read_page, NULL, close_large},
    {"read_64k", "call", 1, make_large, NULL, read_large, NULL, close_large},
    {"write_4k", "call", 1, make_large, NULL, write_page, NULL, close_large},
    {0},
};
