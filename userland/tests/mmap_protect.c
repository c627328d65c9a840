// userland/tests/mmap_protect.c - munmap and mprotect: each error, what splits
// and what becomes one
// SPDX-License-Identifier: MIT

#include "mmap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define TOP  0xc0000000u // TASK_SIZE

enum { // of asm/mman.h
    GROWS_DOWN = 0x01000000,
    GROWS_UP = 0x02000000,
    SEMAPHORE = 8,
};

static long unmap(uintptr_t at, size_t bytes)
{
    return syscall(SYS_munmap, at, bytes);
}

static long protect(uintptr_t at, size_t bytes, int prot)
{
    return syscall(SYS_mprotect, at, bytes, prot);
}

// ---- munmap ----------------------------------------------------------------

struct row {
    const char *name;
    int page;     // from a mapping of two pages on; or:
    uintptr_t at; // if not 0
    size_t bytes;
    int prot;
    int error;
};

static const struct row unmap_rows[] = {
    {"not aligned", 0, 0x20000001, PAGE, 0, EINVAL},
    {"length 0", 0, 0, 0, 0, EINVAL},
    {"length that wraps", 0, 0, 0xffffffff, 0, EINVAL},
    {"at the top", 0, TOP, PAGE, 0, EINVAL},
    {"at the top, length 0", 0, TOP, 0, 0, EINVAL},
    {"above the top", 0, TOP + PAGE, PAGE, 0, EINVAL},
    {"across the top", 0, TOP - PAGE, 2 * PAGE, 0, EINVAL},
    {"longer than everything", 0, PAGE, TOP, 0, EINVAL},
    {"where nothing is", 0, 0x20000000, 100 * PAGE, 0, 0},
    {"part of a page", 1, 0, 1, 0, 0},
    {"one more than a page", 0, 0, PAGE + 1, 0, 0},
};

static const struct row protect_rows[] = {
    {"not aligned", 0, 0x20000001, PAGE, RW, EINVAL},
    {"not aligned, length 0", 0, 0x20000001, 0, RW, EINVAL},
    {"length 0", 0, 0, 0, RW, 0},
    {"length 0 where nothing is", 0, 0x20000000, 0, RW, 0},
    {"length 0, no protection", 0, 0, 0, 0x100, 0},
    {"length that wraps", 0, 0, 0xffffffff, RW, ENOMEM},
    {"end that wraps", 0, 0xbffff000, 0x50000000, RW, ENOMEM},
    {"no such protection", 0, 0, PAGE, 0x100, EINVAL},
    {"no such protection, wrapping", 0, 0, 0xffffffff, 0x100, ENOMEM},
    {"semaphores", 0, 0, PAGE, RW | SEMAPHORE, 0},
    {"where nothing is", 0, 0x20000000, PAGE, RW, ENOMEM},
    {"above the top", 0, TOP, PAGE, RW, ENOMEM},
    {"grows both ways", 0, 0, PAGE, RW | GROWS_DOWN | GROWS_UP, EINVAL},
    {"grows down, which it does not", 0, 0, PAGE, RW | GROWS_DOWN, EINVAL},
    {"grows up, which it does not", 0, 0, PAGE, RW | GROWS_UP, EINVAL},
    {"grows down where nothing is", 0, 0x20000000, PAGE, RW | GROWS_DOWN,
     ENOMEM},
    {"grows up where nothing is", 0, 0x20000000, PAGE, RW | GROWS_UP, ENOMEM},
    {"write only", 0, 0, PAGE, PROT_WRITE, 0},
    {"nothing", 0, 0, 2 * PAGE, PROT_NONE, 0},
    {"part of a page", 1, 0, 1, PROT_READ, 0},
    {"one more than it has", 1, 0, PAGE + 1, PROT_READ, 0}, // the guard
};

static bool run_row(const struct row *row, bool unmapping)
{
    uint8_t *two = map_alone(2, RW);
    uintptr_t at = row->at ? row->at : (uintptr_t)(two + row->page * PAGE);
    long result =
        unmapping ? unmap(at, row->bytes) : protect(at, row->bytes, row->prot);
    bool ok = gives(row->name, result, row->error);

    unmap_alone(two, 2);
    return ok;
}

static bool unmap_arguments(void)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof(unmap_rows) / sizeof(*unmap_rows); i++)
        ok = run_row(&unmap_rows[i], true) && ok;
    return ok;
}

static bool unmap_splits(void)
{
    uint8_t *at = map_alone(7, RW);

    for (int i = 0; i < 7; i++)
        memset(at + i * PAGE, i + 1, PAGE);
    bool ok = unmap((uintptr_t)at, PAGE) == 0 &&
              unmap((uintptr_t)at + 6 * PAGE, PAGE) == 0 && !*area_prot(at) &&
              !*area_prot(at + 6 * PAGE) &&
              unmap((uintptr_t)at + 3 * PAGE, PAGE) == 0 &&
              !*area_prot(at + 3 * PAGE) && is_all(at + PAGE, PAGE, 2) &&
              is_all(at + 2 * PAGE, PAGE, 3) && is_all(at + 4 * PAGE, PAGE, 5);

    ok = ok && read_dies(at) == SIGSEGV && read_dies(at + 3 * PAGE) == SIGSEGV;
    // Over holes, and once more where nothing is left.
    ok = ok && unmap((uintptr_t)at, 7 * PAGE) == 0 && !*area_prot(at + PAGE) &&
         !*area_prot(at + 5 * PAGE) && unmap((uintptr_t)at, 7 * PAGE) == 0;
    unmap_alone(at, 7);
    return ok;
}

// Each part of a file's mapping keeps its place in the file.
static bool unmap_splits_a_file(void)
{
    int fd = file_of_pages("/tmp", 5);
    uint8_t *at = map_at(0, 5 * PAGE, RW, MAP_SHARED, fd, 0);
    bool ok = unmap((uintptr_t)at + PAGE, 2 * PAGE) == 0 && at[0] == 1 &&
              at[3 * PAGE] == 4 && at[4 * PAGE] == 5;

    // Put back, it is one again.
    ok = ok &&
         map_at((uintptr_t)at + PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd,
                1) == at + PAGE &&
         at[2 * PAGE] == 3 && area_count(at, 5) == 1;
    close(fd);
    return munmap(at, 5 * PAGE) == 0 && ok;
}

static bool unmap_gives_back(void)
{
    long before = mmap_status("VmSize"), data = mmap_status("VmData");
    uint8_t *at = map_alone(100, RW);
    bool ok = mmap_status("VmSize") == before + 408 &&
              mmap_status("VmData") == data + 400;

    unmap_alone(at, 100);
    return ok && mmap_status("VmSize") == before &&
           mmap_status("VmData") == data;
}

void mmap_test_unmap(void)
{
    static const struct ktap_test tests[] = {
        {"arguments", unmap_arguments},
        {"splits", unmap_splits},
        {"splits a file", unmap_splits_a_file},
        {"gives back", unmap_gives_back},
    };

    ktap_run_suite("munmap", tests, sizeof(tests) / sizeof(*tests));
}

// ---- mprotect --------------------------------------------------------------

static bool protect_arguments(void)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof(protect_rows) / sizeof(*protect_rows); i++)
        ok = run_row(&protect_rows[i], false) && ok;
    return ok;
}

static bool protect_splits(void)
{
    uint8_t *at = map_alone(6, RW);
    bool ok = area_count(at, 6) == 1 && mprotect(at, PAGE, PROT_READ) == 0 &&
              area_count(at, 6) == 2;

    ok = ok && mprotect(at + 3 * PAGE, PAGE, PROT_READ) == 0 &&
         area_count(at, 6) == 4 && mprotect(at + PAGE, PAGE, PROT_READ) == 0 &&
         area_count(at, 6) == 4 &&
         mprotect(at + 2 * PAGE, PAGE, PROT_READ) == 0 &&
         area_count(at, 6) == 2;
    ok = ok && write_dies(at + 3 * PAGE) == SIGSEGV &&
         write_dies(at + 4 * PAGE) == 0 && read_dies(at) == 0;
    ok = ok && mprotect(at, 6 * PAGE, RW) == 0 && area_count(at, 6) == 1 &&
         write_dies(at) == 0;
    unmap_alone(at, 6);
    return ok;
}

// What comes before the hole has changed; what comes behind it has not.
static bool protect_over_a_hole(void)
{
    uint8_t *at = map_alone(5, RW);
    bool ok = munmap(at + 2 * PAGE, PAGE) == 0 &&
              fails(mprotect(at, 5 * PAGE, PROT_READ), ENOMEM) &&
              strcmp(area_prot(at + PAGE), "r--p") == 0 &&
              strcmp(area_prot(at + 3 * PAGE), "rw-p") == 0 &&
              fails(mprotect(at + 2 * PAGE, 2 * PAGE, PROT_READ), ENOMEM) &&
              strcmp(area_prot(at + 3 * PAGE), "rw-p") == 0;

    unmap_alone(at, 5);
    return ok;
}

static bool protect_across_the_top(void)
{
    uint8_t *top = (uint8_t *)(TOP - PAGE);
    uint8_t *at =
        map_at(TOP - PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
    bool ok;

    if (at == MAP_FAILED) // Linux moves the stack about: it may lie there
        return true;
    ok = fails(mprotect(top, 2 * PAGE, PROT_READ), ENOMEM) &&
         strcmp(area_prot(top), "r--p") == 0;
    return munmap(top, PAGE) == 0 && ok;
}

static bool protect_a_file(void)
{
    int fd = file_of_pages("/tmp", 3);
    char path[64];
    uint8_t *at = map_at(0, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    bool ok = mprotect(at, 3 * PAGE, RW) == 0;

    at[0] = 9; // a copy of its own
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int reader = open(path, O_RDONLY);
    uint8_t *shared = map_at(0, 3 * PAGE, PROT_READ, MAP_SHARED, reader, 0);
    ok = ok && shared != MAP_FAILED && shared[0] == 1 &&
         fails(mprotect(shared, PAGE, RW), EACCES) &&
         fails(mprotect(shared, PAGE, PROT_WRITE), EACCES) &&
         mprotect(shared, PAGE, PROT_READ | PROT_EXEC) == 0 &&
         mprotect(shared, PAGE, PROT_NONE) == 0;
    // What comes before one that refuses has changed.
    ok = ok &&
         map_at((uintptr_t)shared, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0) ==
             shared &&
         fails(mprotect(shared, 3 * PAGE, RW), EACCES) &&
         strcmp(area_prot(shared), "rw-p") == 0 &&
         strcmp(area_prot(shared + PAGE), "r--s") == 0;
    close(fd);
    close(reader);
    munmap(at, 3 * PAGE);
    return munmap(shared, 3 * PAGE) == 0 && ok;
}

// From the start of a stack on, whatever page of it is named.
static bool protect_a_stack(void)
{
    uint8_t *at = map_at(0, 8 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0);
    bool ok =
        protect((uintptr_t)at + 3 * PAGE, PAGE, PROT_READ | GROWS_DOWN) == 0 &&
        strcmp(area_prot(at), "r--p") == 0 &&
        strcmp(area_prot(at + 3 * PAGE), "r--p") == 0 &&
        strcmp(area_prot(at + 4 * PAGE), "rw-p") == 0;

    // One that begins within the range is meant, too; one above it is not.
    ok = ok && munmap(at, PAGE) == 0 &&
         protect((uintptr_t)at, 2 * PAGE, RW | GROWS_DOWN) == 0 &&
         strcmp(area_prot(at + PAGE), "rw-p") == 0 &&
         fails(protect((uintptr_t)at, PAGE, PROT_READ | GROWS_DOWN), ENOMEM);
    return munmap(at, 8 * PAGE) == 0 && ok;
}

static bool protect_keeps_content(void)
{
    uint8_t *at = map_alone(2, RW);

    memset(at, 5, 2 * PAGE);
    bool ok = mprotect(at, 2 * PAGE, PROT_NONE) == 0 &&
              read_dies(at) == SIGSEGV && mprotect(at, PAGE, PROT_READ) == 0 &&
              is_all(at, PAGE, 5) && write_dies(at) == SIGSEGV &&
              mprotect(at, 2 * PAGE, RW) == 0 && is_all(at, 2 * PAGE, 5);

    unmap_alone(at, 2);
    return ok;
}

void mmap_test_protect(void)
{
    static const struct ktap_test tests[] = {
        {"arguments", protect_arguments},
        {"splits and merges", protect_splits},
        {"over a hole", protect_over_a_hole},
        {"across the top", protect_across_the_top},
        {"a file", protect_a_file},
        {"a stack", protect_a_stack},
        {"keeps content", protect_keeps_content},
    };

    ktap_run_suite("mprotect", tests, sizeof(tests) / sizeof(*tests));
}
