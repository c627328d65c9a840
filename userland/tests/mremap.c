// userland/tests/mremap.c - growing, shrinking and moving mappings
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    MOVE = 1,
    FIXED = 2,
    DONTUNMAP = 4,
};

static uint8_t *remap(void *old, size_t from, size_t to, int flags, void *place)
{
    return (uint8_t *)syscall(SYS_mremap, old, from, to, flags, place);
}

// A page for each number from 1 on.
static uint8_t *numbered(size_t pages)
{
    uint8_t *at = map_pages(pages);

    for (size_t i = 0; i < pages; i++)
        memset(at + i * PAGE, (int)i + 1, PAGE);
    return at;
}

static bool is_numbered(const uint8_t *at, size_t pages, uint8_t first)
{
    for (size_t i = 0; i < pages * PAGE; i++)
        if (at[i] != (uint8_t)(first + i / PAGE))
            return false;
    return true;
}

static int reads(void *at)
{
    return *(volatile uint8_t *)at;
}

static bool is_hole(void *at)
{
    return in_child(reads, at) == -11;
}

static bool in_place(void)
{
    uint8_t *at = numbered(6);
    bool ok = munmap(at + 3 * PAGE, 3 * PAGE) == 0 &&
              remap(at, 3 * PAGE, 5 * PAGE, 0, NULL) == at &&
              is_numbered(at, 3, 1) && at[3 * PAGE] == 0 && at[4 * PAGE] == 0 &&
              area_count(at, 5) == 1;

    ok = ok && remap(at, 5 * PAGE, 2 * PAGE, 0, NULL) == at &&
         is_numbered(at, 2, 1) && is_hole(at + 2 * PAGE);
    ok = ok && remap(at, 2 * PAGE, 2 * PAGE, 0, NULL) == at;
    return munmap(at, 6 * PAGE) == 0 && ok;
}

static bool moves(void)
{
    uint8_t *at = numbered(4);
    uint8_t *to = remap(at, 2 * PAGE, 3 * PAGE, 0, NULL);
    bool ok = fails(to, ENOMEM) && is_numbered(at, 4, 1);

    to = remap(at, 2 * PAGE, 3 * PAGE, MOVE, NULL);
    ok = ok && to != MAP_FAILED && to != at && is_numbered(to, 2, 1) &&
         to[2 * PAGE] == 0 && is_hole(at) && is_numbered(at + 2 * PAGE, 2, 3);
    return munmap(to, 3 * PAGE) == 0 && munmap(at, 4 * PAGE) == 0 && ok;
}

static bool fixed(void)
{
    uint8_t *at = numbered(4), *room = map_pages(8);
    uint8_t *to = room + 2 * PAGE;
    bool ok = remap(at, 4 * PAGE, 3 * PAGE, MOVE | FIXED, to) == to &&
              is_numbered(to, 3, 1) && is_hole(at) && is_hole(at + 3 * PAGE) &&
              room[PAGE] == 0 && to[3 * PAGE] == 0;

    return munmap(room, 8 * PAGE) == 0 && ok;
}

static bool fixed_errors(void)
{
    uint8_t *at = numbered(4), *room = map_pages(4);
    void *high = (void *)0xbffff000u;
    bool ok =
        fails(remap(at, PAGE, PAGE, FIXED, room), EINVAL) &&
        fails(remap(at, PAGE, PAGE, MOVE | FIXED, room + 1), EINVAL) &&
        fails(remap(at, 2 * PAGE, 2 * PAGE, MOVE | FIXED, at + PAGE), EINVAL) &&
        fails(remap(at, PAGE, PAGE, MOVE | FIXED, at), EINVAL) &&
        fails(remap(at, PAGE, 2 * PAGE, MOVE | FIXED, high), EINVAL) &&
        fails(remap(at, PAGE, 0xc0001000u, MOVE | FIXED, room), EINVAL);

    ok = ok && is_numbered(at, 4, 1);
    return munmap(at, 4 * PAGE) == 0 && munmap(room, 4 * PAGE) == 0 && ok;
}

static bool errors(void)
{
    uint8_t *at = numbered(4);
    bool ok = munmap(at + 2 * PAGE, PAGE) == 0;

    ok = ok && fails(remap(at + 1, PAGE, PAGE, MOVE, NULL), EINVAL) &&
         fails(remap(at, PAGE, 0, MOVE, NULL), EINVAL) &&
         fails(remap(at, PAGE, PAGE, 8, NULL), EINVAL) &&
         fails(remap(at + 2 * PAGE, PAGE, PAGE, MOVE, NULL), EFAULT) &&
         fails(remap(at + 2 * PAGE, PAGE, 2 * PAGE, MOVE, NULL), EFAULT) &&
         fails(remap(at, 3 * PAGE, 4 * PAGE, MOVE, NULL), EFAULT) &&
         fails(remap(at, 2 * PAGE, 0xb0000000u, MOVE, NULL), ENOMEM) &&
         fails(remap(at, 0, PAGE, MOVE, NULL), EINVAL) &&
         fails(remap(at, 0, PAGE, 0, NULL), EINVAL);
    // Shrinking reaches over holes.
    ok = ok && remap(at, 4 * PAGE, PAGE, 0, NULL) == at && at[0] == 1 &&
         is_hole(at + 3 * PAGE);
    return munmap(at, 4 * PAGE) == 0 && ok;
}

// Ends that wrap, and what lies beyond the top.
static bool far_errors(void)
{
    uint8_t *at = numbered(2), *top = (uint8_t *)0xc0000000u;
    bool ok =
        fails(remap(at, PAGE, 0xffffffffu, MOVE, NULL), EINVAL) &&
        fails(remap(at, 0xffffffffu, PAGE, MOVE, NULL), EINVAL) &&
        fails(remap(at, 0xfffff000u, PAGE, MOVE, NULL), EINVAL) &&
        fails(remap(at, PAGE, 0xfffff000u, MOVE, NULL), ENOMEM) &&
        fails(remap(top, PAGE, PAGE, MOVE, NULL), EFAULT) &&
        fails(remap(top, PAGE, 2 * PAGE, MOVE, NULL), EFAULT) &&
        fails(remap(top - 0x1000000, 0, PAGE, 16, NULL), EINVAL) &&
        fails(remap(at, PAGE, PAGE, MOVE | FIXED, top), EINVAL) &&
        fails(remap(at, PAGE, PAGE, MOVE | FIXED, top + PAGE), EINVAL) &&
        fails(remap(at, 0, PAGE, MOVE | DONTUNMAP, NULL), EINVAL) &&
        fails(remap(at, 0, PAGE, MOVE | FIXED, (void *)0x20000000), EINVAL);

    ok = ok && is_numbered(at, 2, 1);
    return munmap(at, 2 * PAGE) == 0 && ok;
}

static int to_low_memory(void *at)
{
    void *low = (void *)0x8000, *lowest = (void *)0x10000;

    if (!fails(remap(at, PAGE, PAGE, MOVE | FIXED, low), EPERM))
        return 1;
    return remap(at, PAGE, PAGE, MOVE | FIXED, lowest) == lowest ? 0 : 2;
}

static bool low_addresses(void)
{
    uint8_t *at = numbered(1);
    bool ok = as_user(to_low_memory, at) == 0;

    return munmap(at, PAGE) == 0 && ok;
}

static bool keeps_the_old(void)
{
    uint8_t *at = numbered(3);
    uint8_t *to = remap(at, 3 * PAGE, 3 * PAGE, MOVE | DONTUNMAP, NULL);
    bool ok = to != MAP_FAILED && to != at && is_numbered(to, 3, 1) &&
              at[0] == 0 && at[2 * PAGE] == 0;

    at[PAGE] = 9;
    ok = ok && is_numbered(to, 3, 1) && at[PAGE] == 9;
    ok = ok &&
         fails(remap(to, 3 * PAGE, 2 * PAGE, MOVE | DONTUNMAP, NULL), EINVAL) &&
         fails(remap(to, 3 * PAGE, 3 * PAGE, DONTUNMAP, NULL), EINVAL);
    return munmap(to, 3 * PAGE) == 0 && munmap(at, 3 * PAGE) == 0 && ok;
}

static bool keeps_the_old_locked(void)
{
    uint8_t *at = numbered(4);
    bool ok = mlock(at, 4 * PAGE) == 0;
    uint8_t *to = remap(at + PAGE, 2 * PAGE, 2 * PAGE, MOVE | DONTUNMAP, NULL);

    ok = ok && to != MAP_FAILED && is_numbered(to, 2, 2) && at[PAGE] == 0 &&
         area_has_flag(to, "lo");
    munlockall();
    return munmap(to, 2 * PAGE) == 0 && munmap(at, 4 * PAGE) == 0 && ok;
}

static bool second_of_shared(void)
{
    uint8_t *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint8_t *to = remap(at, 0, 2 * PAGE, MOVE, NULL);
    bool ok = to != MAP_FAILED && to != at;

    at[0] = 5;
    ok = ok && to[0] == 5 && fails(remap(at, 0, PAGE, 0, NULL), ENOMEM);
    to[PAGE] = 6;
    ok = ok && at[PAGE] == 6;
    return munmap(at, 2 * PAGE) == 0 && munmap(to, 2 * PAGE) == 0 && ok;
}

static bool of_a_file(void)
{
    int fd = file_of_pages("/tmp", 4);
    uint8_t *at =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
    uint8_t *room = map_pages(6);

    at[0] = 77; // a copy, which moves with it
    uint8_t *to = remap(at, 2 * PAGE, 3 * PAGE, MOVE | FIXED, room);
    bool ok = to == room && to[0] == 77 && to[1] == 2 && to[PAGE] == 3 &&
              to[2 * PAGE] == 4;

    close(fd);
    return munmap(room, 6 * PAGE) == 0 && ok;
}

static int forked_reads(void *argument)
{
    uint8_t *at = argument;
    uint8_t *to = remap(at, 2 * PAGE, 4 * PAGE, MOVE, NULL);

    return to == MAP_FAILED || !is_numbered(to, 2, 1);
}

// What is paged out and shared after a fork moves as well.
static bool of_swap(void)
{
    uint8_t *at = numbered(3);
    bool ok = syscall(SYS_madvise, at, 2 * PAGE, 21) == 0 &&
              in_child(forked_reads, at) == 0;
    uint8_t *to = remap(at, 2 * PAGE, 4 * PAGE, MOVE, NULL);

    ok = ok && to != MAP_FAILED && is_numbered(to, 2, 1);
    return munmap(to, 4 * PAGE) == 0 && munmap(at, 3 * PAGE) == 0 && ok;
}

// Pages of a stack that was moved keep their numbers, counted from its old
// address; there is nothing below number 0.
static uint8_t *moved_stack(void)
{
    uint8_t *room = map_pages(1024), *to = room + 1000 * PAGE;
    uint8_t *at =
        mmap((void *)(32 * PAGE), PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);

    at[0] = 7;
    if (munmap(room, 1024 * PAGE) ||
        remap(at, PAGE, PAGE, MOVE | FIXED, to) != to)
        return NULL;
    return to;
}

static int grows_to_its_start(void *unused)
{
    uint8_t *at = moved_stack();

    (void)unused;
    if (!at)
        return 1;
    at[-32 * PAGE] = 8;
    // Both are found and can leave.
    if (syscall(SYS_madvise, at - 32 * PAGE, 33 * PAGE, 21))
        return 2;
    return at[0] == 7 && at[-32 * PAGE] == 8 ? 0 : 3;
}

static int grows_beyond_it(void *unused)
{
    uint8_t *at = moved_stack();

    (void)unused;
    if (!at)
        return 1;
    at[-33 * PAGE] = 8;
    return 2;
}

static bool of_a_stack(void)
{
    return in_child(grows_to_its_start, NULL) == 0 &&
           in_child(grows_beyond_it, NULL) == -11;
}

static int over_limit(void *at)
{
    // A little less than it has: what there is stays.
    struct rlimit limit = {(rlim_t)(status_kib("VmSize") - 64) << 10,
                           RLIM_INFINITY};

    if (setrlimit(RLIMIT_AS, &limit))
        return 1;
    if (!fails(remap(at, 2 * PAGE, 3 * PAGE, MOVE, NULL), ENOMEM))
        return 2;
    if (!fails(remap(at, 2 * PAGE, 2 * PAGE, MOVE | DONTUNMAP, NULL), ENOMEM))
        return 3;
    return remap(at, 2 * PAGE, PAGE, 0, NULL) == at ? 0 : 4;
}

static bool limits(void)
{
    uint8_t *at = numbered(2);
    bool ok = in_child(over_limit, at) == 0;

    return munmap(at, 2 * PAGE) == 0 && ok;
}

int main(void)
{
    static const struct ktap_test tests[] = {
        {"in place", in_place},
        {"moves", moves},
        {"fixed", fixed},
        {"errors of fixed", fixed_errors},
        {"errors", errors},
        {"errors of what is far", far_errors},
        {"low addresses", low_addresses},
        {"keeps the old", keeps_the_old},
        {"keeps the old of locked memory", keeps_the_old_locked},
        {"a second mapping of shared memory", second_of_shared},
        {"of a file", of_a_file},
        {"of what is paged out", of_swap},
        {"of a stack", of_a_stack},
        {"limits", limits},
    };

    return ktap_run_program(tests, sizeof(tests) / sizeof(*tests));
}
