// userland/tests/mmap_sync.c - msync, mincore and brk: each error, and what
// they do
// SPDX-License-Identifier: MIT

#include "mmap.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ktap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define TOP  0xc0000000u // TASK_SIZE
#define HOLE 0x20000000u // nothing is there

struct row {
    const char *name;
    uintptr_t at; // 0: a mapping of two pages
    size_t bytes;
    int flags;
    int error;
};

// ---- msync -----------------------------------------------------------------

static const struct row sync_rows[] = {
    {"nothing", 0, PAGE, 0, 0},
    {"MS_ASYNC", 0, 2 * PAGE, MS_ASYNC, 0},
    {"MS_SYNC", 0, 2 * PAGE, MS_SYNC, 0},
    {"MS_INVALIDATE", 0, 2 * PAGE, MS_INVALIDATE, 0},
    {"MS_SYNC, MS_INVALIDATE", 0, 2 * PAGE, MS_SYNC | MS_INVALIDATE, 0},
    {"MS_SYNC, MS_ASYNC", 0, PAGE, MS_SYNC | MS_ASYNC, EINVAL},
    {"a flag that is none", 0, PAGE, 8, EINVAL},
    {"not aligned", HOLE + 1, PAGE, MS_SYNC, EINVAL},
    {"length 0", 0, 0, MS_SYNC, 0},
    {"length 0 where nothing is", HOLE, 0, MS_SYNC, 0},
    {"length 0, a flag that is none", 0, 0, 8, EINVAL},
    {"length that is rounded to 0", 0, 0xffffffff, MS_SYNC, 0},
    {"end that wraps", TOP - PAGE, 0x50000000, MS_SYNC, ENOMEM},
    {"part of a page", 0, 1, MS_SYNC, 0},
    {"one more than it has", 0, 2 * PAGE + 1, MS_SYNC, 0}, // the guard
    {"where nothing is", HOLE, PAGE, MS_SYNC, ENOMEM},
    {"where nothing is, MS_ASYNC", HOLE, PAGE, MS_ASYNC, ENOMEM},
    {"above the top", TOP, PAGE, MS_SYNC, ENOMEM},
};

static bool run_sync_rows(void)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof(sync_rows) / sizeof(*sync_rows); i++) {
        const struct row *row = &sync_rows[i];
        uint8_t *two = map_alone(2, RW);

        ok = gives(row->name,
                   syscall(SYS_msync, row->at ? row->at : (uintptr_t)two,
                           row->bytes, row->flags),
                   row->error) &&
             ok;
        unmap_alone(two, 2);
    }
    return ok;
}

static bool is_on_disk(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && fs.f_type == 0xef53;
}

// With a hole in the range all the rest is written, and the hole told.
static bool sync_over_a_hole(void)
{
    int fd = file_of_pages("/root", 3);
    uint8_t *at = map_at(0, 3 * PAGE, RW, MAP_SHARED, fd, 0);
    bool ok = fsync(fd) == 0 && munmap(at + PAGE, PAGE) == 0;

    at[0] = at[2 * PAGE] = 7;
    ok = ok && area_kib(at, "Private_Dirty") == 4 &&
         fails(msync(at, 3 * PAGE, MS_ASYNC), ENOMEM) &&
         fails(msync(at, 3 * PAGE, MS_SYNC), ENOMEM);
    if (is_on_disk(fd))
        ok = ok && area_kib(at, "Private_Dirty") == 0 &&
             area_kib(at + 2 * PAGE, "Private_Dirty") == 0;
    close(fd);
    return munmap(at, 3 * PAGE) == 0 && ok;
}

static bool sync_locked(void)
{
    uint8_t *at = map_alone(4, RW);
    bool ok = mlock(at + 2 * PAGE, PAGE) == 0 &&
              fails(msync(at, 4 * PAGE, MS_INVALIDATE), EBUSY) &&
              fails(msync(at, 4 * PAGE, MS_INVALIDATE | MS_SYNC), EBUSY) &&
              msync(at, 2 * PAGE, MS_INVALIDATE) == 0 &&
              msync(at, 4 * PAGE, MS_SYNC) == 0;

    unmap_alone(at, 4);
    return ok;
}

// ---- mincore ---------------------------------------------------------------

static const struct row core_rows[] = {
    {"two pages", 0, 2 * PAGE, 0, 0},
    {"part of a page", 0, 1, 0, 0},
    {"length 0", 0, 0, 0, 0},
    {"length 0 where nothing is", HOLE, 0, 0, 0},
    {"length 0 at the top", TOP, 0, 0, 0},
    {"length 0 above it", TOP + PAGE, 0, 0, ENOMEM},
    {"not aligned", HOLE + 1, PAGE, 0, EINVAL},
    {"not aligned, above the top", TOP + 1, PAGE, 0, EINVAL},
    {"at the top", TOP, PAGE, 0, ENOMEM},
    {"across the top", TOP - PAGE, 2 * PAGE, 0, ENOMEM},
    {"length that wraps", 0, 0xffffffff, 0, ENOMEM},
    {"where nothing is", HOLE, PAGE, 0, ENOMEM},
};

static long core(uintptr_t at, size_t bytes, void *out)
{
    return syscall(SYS_mincore, at, bytes, out);
}

static bool run_core_rows(void)
{
    uint8_t *out = map_alone(1, RW);
    bool ok = true;

    for (size_t i = 0; i < sizeof(core_rows) / sizeof(*core_rows); i++) {
        const struct row *row = &core_rows[i];
        uint8_t *two = map_alone(2, RW);
        uintptr_t at = row->at ? row->at : (uintptr_t)two;

        ok = gives(row->name, core(at, row->bytes, out), row->error) && ok;
        unmap_alone(two, 2);
    }
    unmap_alone(out, 1);
    return ok;
}

static bool core_answers(void)
{
    uint8_t *at = map_alone(3, RW), *out = map_alone(1, RW);
    uint8_t *shown = map_alone(1, PROT_READ), *last = out + PAGE - 1;
    bool ok = fails(core((uintptr_t)at, PAGE, at - PAGE), EFAULT) &&
              fails(core((uintptr_t)at, PAGE, shown), EFAULT) &&
              fails(core((uintptr_t)at, PAGE, (void *)TOP), EFAULT) &&
              fails(core((uintptr_t)at, 2 * PAGE, last), EFAULT) &&
              core((uintptr_t)at, PAGE, last) == 0 &&
              core((uintptr_t)at, 0, at - PAGE) == 0;

    // Errors in their order: place, length, answer, hole.
    ok = ok && fails(core((uintptr_t)at + 1, TOP, (void *)TOP), EINVAL) &&
         fails(core((uintptr_t)at, TOP, (void *)TOP), ENOMEM) &&
         fails(core(HOLE, PAGE, (void *)TOP), EFAULT) &&
         fails(core(HOLE, PAGE, at - PAGE), ENOMEM);
    unmap_alone(at, 3);
    unmap_alone(out, 1);
    unmap_alone(shown, 1);
    return ok;
}

// What lies before a hole is answered.
static bool core_over_a_hole(void)
{
    const size_t pages = 4100;
    uint8_t *at = map_at(0, pages * PAGE, RW, ANON, -1, 0);
    uint8_t out[4100];

    at[0] = at[4000 * PAGE] = 1;
    memset(out, 0xee, sizeof(out));
    bool ok = munmap(at + 4098 * PAGE, PAGE) == 0 &&
              fails(core((uintptr_t)at, pages * PAGE, out), ENOMEM) &&
              out[0] == 1 && out[1] == 0 && out[4000] == 1 && out[4097] == 0 &&
              out[4098] == 0xee;

    return munmap(at, pages * PAGE) == 0 && ok;
}

static bool core_states(void)
{
    int fd = file_of_pages("/tmp", 2);
    uint8_t *file = map_at(0, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    uint8_t *at = map_alone(3, RW), out[4];

    (void)*(volatile uint8_t *)at; // the page of zeros is there, too
    at[PAGE] = 1;
    bool ok = mprotect(at, 3 * PAGE, PROT_NONE) == 0 &&
              core((uintptr_t)at, 3 * PAGE, out) == 0 && out[0] == 1 &&
              out[1] == 1 && out[2] == 0;

    // In the cache, though nobody has touched it here; behind the end.
    ok = ok && core((uintptr_t)file, 4 * PAGE, out) == 0 && out[0] == 1 &&
         out[1] == 1 && out[2] == 0 && out[3] == 0;
    close(fd);
    unmap_alone(at, 3);
    return munmap(file, 4 * PAGE) == 0 && ok;
}

void mmap_test_sync(void)
{
    static const struct ktap_test tests[] = {
        {"msync arguments", run_sync_rows},
        {"msync over a hole", sync_over_a_hole},
        {"msync of locked memory", sync_locked},
        {"mincore arguments", run_core_rows},
        {"mincore answers", core_answers},
        {"mincore over a hole", core_over_a_hole},
        {"mincore states", core_states},
    };

    ktap_run_suite("msync, mincore", tests, sizeof(tests) / sizeof(*tests));
}
