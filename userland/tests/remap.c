// userland/tests/remap.c - remap_file_pages(2): pages of a file in any order
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    PAGES = 64,
    ADDRESSES = 16,
};

// The C library's own may be a mapping made by itself.
static long remap(void *at, size_t bytes, int prot, size_t page, int flags)
{
    return syscall(SYS_remap_file_pages, at, bytes, prot, page, flags);
}

static uint8_t *map_file(int fd, size_t pages, int prot, int flags)
{
    uint8_t *at = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    return at;
}

// PAGES pages, each with its number + 1 in all bytes.
static uint8_t *map_numbered(const char *folder)
{
    int fd = file_of_pages(folder, PAGES);
    uint8_t *at = map_file(fd, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED);

    close(fd);
    return at;
}

static bool page_is(const uint8_t *at, size_t number)
{
    for (size_t i = 0; i < PAGE; i++)
        if (at[i] != (uint8_t)(number + 1))
            return false;
    return true;
}

static bool unmap(uint8_t *at)
{
    return munmap(at, PAGES * PAGE) == 0;
}

static bool backwards_in(const char *folder)
{
    uint8_t *at = map_numbered(folder);
    bool ok = true;

    for (size_t i = 0; i < PAGES; i++)
        ok = ok && remap(at + i * PAGE, PAGE, 0, PAGES - 1 - i, 0) == 0;
    for (size_t i = 0; i < PAGES; i++)
        ok = ok && page_is(at + i * PAGE, PAGES - 1 - i);
    ok = ok && area_count(at, PAGES) == PAGES;
    // Each page once more at its place: one area again.
    for (size_t i = 0; i < PAGES; i++)
        ok = ok && remap(at + i * PAGE, PAGE, 0, i, 0) == 0;
    for (size_t i = 0; i < PAGES; i++)
        ok = ok && page_is(at + i * PAGE, i);
    ok = ok && area_count(at, PAGES) == 1;
    return unmap(at) && ok;
}

static bool backwards(void)
{
    return backwards_in("/tmp");
}

static bool backwards_on_disk(void)
{
    return backwards_in("/root");
}

// One page at many addresses: what one writes, all read.
static bool many_addresses(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = true;

    for (size_t i = 0; i < ADDRESSES; i++)
        ok = ok && remap(at + 2 * i * PAGE, PAGE, 0, 7, 0) == 0;
    at[0] = 0xab;
    for (size_t i = 0; i < ADDRESSES; i++)
        ok = ok && at[2 * i * PAGE] == 0xab && at[2 * i * PAGE + 1] == 8 &&
             page_is(at + (2 * i + 1) * PAGE, 2 * i + 1) == (2 * i + 1 != 7);
    return unmap(at) && ok;
}

// A window of several pages, moved over the file.
static bool window(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = true;

    for (size_t first = 0; first + 4 <= PAGES; first += 3) {
        ok = ok && remap(at + 8 * PAGE, 4 * PAGE, 0, first, 0) == 0;
        for (size_t i = 0; i < 4; i++)
            ok = ok && page_is(at + (8 + i) * PAGE, first + i);
    }
    ok = ok && page_is(at + 7 * PAGE, 7) && page_is(at + 12 * PAGE, 12);
    return unmap(at) && ok;
}

// Over areas that are next to each other and alike.
static bool several_areas(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = remap(at + 2 * PAGE, PAGE, 0, 40, 0) == 0 &&
              remap(at + 5 * PAGE, PAGE, 0, 50, 0) == 0 &&
              remap(at + PAGE, 6 * PAGE, 0, 20, 0) == 0;

    for (size_t i = 0; i < 6; i++)
        ok = ok && page_is(at + (1 + i) * PAGE, 20 + i);
    ok = ok && page_is(at, 0) && page_is(at + 7 * PAGE, 7) &&
         area_count(at, PAGES) == 3;
    return unmap(at) && ok;
}

static bool rounds_down(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = remap(at + PAGE + 5, 2 * PAGE - 1, 0, 30, 0) == 0 &&
              page_is(at + PAGE, 30) && page_is(at + 2 * PAGE, 2);

    return unmap(at) && ok;
}

static bool behind_the_end(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = remap(at, PAGE, 0, PAGES, 0) == 0;
    int fd[2];

    if (pipe(fd) != 0)
        return false;
    ok = ok && fails(write(fd[1], at, 1), EFAULT) &&
         remap(at, PAGE, 0, PAGES - 1, 0) == 0 && page_is(at, PAGES - 1);
    close(fd[0]);
    close(fd[1]);
    return unmap(at) && ok;
}

static bool faults_in(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = remap(at, 2 * PAGE, 0, 10, 0) == 0 &&
              (pagemap(at) & PM_PRESENT) && (pagemap(at + PAGE) & PM_PRESENT) &&
              remap(at, 2 * PAGE, 0, 20, MAP_NONBLOCK) == 0 &&
              !(pagemap(at) & PM_PRESENT) && page_is(at, 20);

    return unmap(at) && ok;
}

static bool keeps_rights(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = mprotect(at, 2 * PAGE, PROT_READ) == 0 &&
              remap(at, PAGE, 0, 9, 0) == 0 && page_is(at, 9) &&
              fails(syscall(SYS_getcwd, at, PAGE), EFAULT) &&
              mprotect(at, PAGE, PROT_READ | PROT_WRITE) == 0;

    at[0] = 1;
    return unmap(at) && ok;
}

static bool anonymous(void)
{
    uint8_t *at =
        map_file(-1, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
    bool ok = true;

    for (size_t i = 0; i < PAGES; i++)
        at[i * PAGE] = (uint8_t)i;
    for (size_t i = 0; i < PAGES; i++)
        ok = ok && remap(at + i * PAGE, PAGE, 0, i ^ 1, 0) == 0;
    for (size_t i = 0; i < PAGES; i++)
        ok = ok && at[i * PAGE] == (i ^ 1);
    return unmap(at) && ok;
}

static bool segment(void)
{
    int id = shmget(IPC_PRIVATE, 8 * PAGE, IPC_CREAT | 0600);
    uint8_t *at = shmat(id, NULL, 0);
    struct shmid_ds info;
    bool ok;

    if (id < 0 || at == (void *)-1)
        return false;
    at[0] = 1;
    at[5 * PAGE] = 6;
    ok = remap(at, PAGE, 0, 5, 0) == 0 && at[0] == 6 &&
         remap(at + 5 * PAGE, PAGE, 0, 0, 0) == 0 && at[5 * PAGE] == 1 &&
         shmctl(id, IPC_STAT, &info) == 0 && info.shm_nattch == 4 &&
         munmap(at, 8 * PAGE) == 0 && shmctl(id, IPC_STAT, &info) == 0 &&
         info.shm_nattch == 0;
    return shmctl(id, IPC_RMID, NULL) == 0 && ok;
}

static int stays_locked(void *unused)
{
    uint8_t *at = map_numbered("/tmp");

    (void)unused;
    if (mlock(at, PAGES * PAGE) != 0 || remap(at, PAGE, 0, 3, 0) != 0)
        return 1;
    return !(area_has_flag(at, "lo") && page_is(at, 3) &&
             status_kib("VmLck") == PAGES * PAGE / 1024);
}

static bool locked(void)
{
    return in_child(stays_locked, NULL) == 0;
}

// Locked memory that must not become more: it is counted before the old goes.
static int is_limited(void *unused)
{
    struct rlimit limit = {PAGES * PAGE, PAGES * PAGE};
    uint8_t *at = map_numbered("/tmp");

    (void)unused;
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0 || setuid(1000) != 0 ||
        mlock(at, PAGES * PAGE) != 0)
        return 1;
    return !fails(remap(at, PAGE, 0, 3, 0), EAGAIN) || !page_is(at, 0);
}

static bool lock_limit(void)
{
    return in_child(is_limited, NULL) == 0;
}

static int sees_parents(void *at)
{
    return !page_is(at, 11) || remap(at, PAGE, 0, 12, 0) != 0 ||
           !page_is(at, 12);
}

static bool forked(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = remap(at, PAGE, 0, 11, 0) == 0 &&
              in_child(sees_parents, at) == 0 && page_is(at, 11);

    return unmap(at) && ok;
}

// ---- what is refused -------------------------------------------------------

static bool refuses_arguments(void)
{
    uint8_t *at = map_numbered("/tmp");
    bool ok = fails(remap(at, PAGE, PROT_READ, 1, 0), EINVAL) &&
              fails(remap(at, 0, 0, 1, 0), EINVAL) &&
              fails(remap(at, PAGE - 1, 0, 1, 0), EINVAL) &&
              fails(remap(at, ~0ul, 0, 1, 0), EINVAL) &&
              fails(remap(at, 2 * PAGE, 0, ~0ul, 0), EINVAL) &&
              fails(remap(at, PAGE, 0, ~0ul, 0), EINVAL) &&
              fails(remap((void *)0xc0000000, PAGE, 0, 1, 0), EINVAL) &&
              fails(remap(NULL, PAGE, 0, 1, 0), EINVAL) &&
              remap(at, PAGE, 0, 1, ~MAP_NONBLOCK) == 0 && page_is(at, 1);

    return unmap(at) && ok;
}

static bool refuses_private(void)
{
    uint8_t *at = map_pages(2);
    int fd = file_of_pages("/tmp", 2);
    uint8_t *file = map_file(fd, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    bool ok = fails(remap(at, PAGE, 0, 1, 0), EINVAL) &&
              fails(remap(file, PAGE, 0, 1, 0), EINVAL) && page_is(file, 0);

    close(fd);
    return munmap(at, 2 * PAGE) == 0 && munmap(file, 2 * PAGE) == 0 && ok;
}

static bool refuses_read_only_files(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    uint8_t *at = map_file(fd, 2, PROT_READ, MAP_SHARED);
    bool ok = fails(remap(at, PAGE, 0, 1, 0), EINVAL);

    close(fd);
    return munmap(at, 2 * PAGE) == 0 && ok;
}

static bool refuses_holes_and_neighbours(void)
{
    uint8_t *at = map_numbered("/tmp");
    int fd = file_of_pages("/tmp", 2);
    bool ok = munmap(at + 4 * PAGE, PAGE) == 0 &&
              fails(remap(at + 3 * PAGE, 3 * PAGE, 0, 9, 0), EINVAL) &&
              fails(remap(at + 3 * PAGE, 2 * PAGE, 0, 9, 0), EINVAL) &&
              fails(remap(at + 4 * PAGE, PAGE, 0, 9, 0), EINVAL) &&
              mprotect(at + 8 * PAGE, PAGE, PROT_READ) == 0 &&
              fails(remap(at + 7 * PAGE, 2 * PAGE, 0, 9, 0), EINVAL);

    ok = ok &&
         mmap(at + 4 * PAGE, PAGE, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_FIXED, fd, 0) == at + 4 * PAGE &&
         fails(remap(at + 3 * PAGE, 2 * PAGE, 0, 9, 0), EINVAL) &&
         page_is(at + 3 * PAGE, 3) && page_is(at + 7 * PAGE, 7);
    close(fd);
    return unmap(at) && ok;
}

static const struct ktap_test tests[] = {
    {"backwards", backwards},
    {"backwards, on disk", backwards_on_disk},
    {"one page at many addresses", many_addresses},
    {"a window over the file", window},
    {"several areas at a time", several_areas},
    {"address and size are rounded down", rounds_down},
    {"behind the end of the file", behind_the_end},
    {"pages are faulted in, or not", faults_in},
    {"access rights stay", keeps_rights},
    {"shared anonymous memory", anonymous},
    {"System V shared memory", segment},
    {"locked memory", locked},
    {"locked memory at its limit", lock_limit},
    {"fork", forked},
    {"wrong arguments", refuses_arguments},
    {"private memory", refuses_private},
    {"a file that may not be written", refuses_read_only_files},
    {"holes, other files, other rights", refuses_holes_and_neighbours},
};

int main(void)
{
    return ktap_run_program(tests, sizeof(tests) / sizeof(*tests));
}
