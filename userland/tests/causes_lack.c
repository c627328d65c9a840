// userland/tests/causes_lack.c - what cannot be read, and no memory: 14, 15
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "causes.h"

enum {
    FILE_PAGES = 16,
    BAD_PAGE = 8, // which cannot be read
    SWAP_PAGES = 8192,
    HOG_MOST_KIB = 2 << 20, // more memory than that one process cannot take
};

// ---- 14 ---------------------------------------------------------------------

static const char *nothing_fails(void)
{
    return cause_failing ? NULL : "no disk that fails";
}

static bool fails_every_time(const uint8_t *at)
{
    return access_gives(at + 5, READING, SIGBUS, BUS_ADRERR) &&
           access_gives(at + 5, READING, SIGBUS, BUS_ADRERR) &&
           access_gives(at + 6, WRITING, SIGBUS, BUS_ADRERR);
}

// Its neighbours can be read, though they were asked for together with it.
static bool page_of_a_file(void)
{
    int fd, ends[2];
    uint8_t byte;

    if (strcmp(cause_failing, "swap") == 0)
        return cause_skip("it is swap that fails");
    fd = open(cause_failing, O_RDONLY);
    if (fd < 0)
        ktap_bail("%s: %s", cause_failing, strerror(errno));
    uint8_t *at = map_file(fd, FILE_PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    EXPECT(fails_every_time(at + BAD_PAGE * PAGE));
    for (size_t i = 0; i < FILE_PAGES; i++)
        EXPECT(i == BAD_PAGE || access_works(at + i * PAGE, READING));
    // And by a system call.
    EXPECT(pipe(ends) == 0);
    EXPECT(fails(write(ends[1], at + BAD_PAGE * PAGE, 8), EFAULT));
    EXPECT(fails(pread(fd, &byte, 1, BAD_PAGE * PAGE), EIO));
    EXPECT(write(ends[1], at, 8) == 8);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    return munmap(at, FILE_PAGES * PAGE) == 0;
}

static bool slots_of_swap(void)
{
    size_t lost = 0;

    if (strcmp(cause_failing, "swap") != 0)
        return cause_skip("it is a file that fails");
    uint8_t *at = map_pages(SWAP_PAGES);
    for (size_t i = 0; i < SWAP_PAGES; i++)
        memset(at + i * PAGE, (int)(i % 251) + 1, PAGE);
    EXPECT(madvise(at, SWAP_PAGES * PAGE, MADV_PAGEOUT) == 0);
    // What is written stays in memory until that is wanted for something.
    size_t more = (size_t)meminfo_kib("MemFree") / 4 + SWAP_PAGES / 2;
    uint8_t *other = map_pages(more);
    touch_pages(other, more, WRITING);
    EXPECT(munmap(other, more * PAGE) == 0);
    for (size_t i = 0; i < SWAP_PAGES; i++) {
        uint8_t *page = at + i * PAGE;

        if (access_works(page + 3, READING)) {
            EXPECT(is_filled(page, PAGE, (uint8_t)(i % 251 + 1)));
            continue;
        }
        lost++;
        EXPECT(access_gives(page + 3, READING, SIGBUS, BUS_ADRERR));
        EXPECT(access_gives(page + 4, WRITING, SIGBUS, BUS_ADRERR));
    }
    ktap_note("%zu of %d pages are lost", lost, SWAP_PAGES);
    EXPECT(lost >= 1 && lost < 8);
    return munmap(at, SWAP_PAGES * PAGE) == 0;
}

static const struct cause_test io_tests[] = {
    {"a page of a file", page_of_a_file},
    {"slots of swap", slots_of_swap},
};
const struct cause cause_io_error = {14, "cannot be read", io_tests,
                                     sizeof(io_tests) / sizeof(*io_tests),
                                     nothing_fails};

// ---- 15 ---------------------------------------------------------------------

static const char *too_much_memory(void)
{
    return meminfo_kib("MemTotal") < HOG_MOST_KIB ? NULL : "too much memory";
}

// Locked as it is touched, so that swap does not help.
static int take_all(void *unused)
{
    size_t bytes = (size_t)meminfo_kib("MemTotal") * 1024;
    uint8_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)unused;
    if (at == MAP_FAILED || !set_text("/proc/self/oom_score_adj", "1000") ||
        mlock2(at, bytes, MLOCK_ONFAULT) != 0)
        return 1;
    touch_pages(at, bytes / PAGE, WRITING);
    return 2;
}

static bool the_taker_is_killed(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 9, PAGE);
    EXPECT(in_child(take_all, NULL) == -SIGKILL);
    EXPECT(is_filled(at, PAGE, 9));
    return munmap(at, PAGE) == 0;
}

static bool there_is_memory_again(void)
{
    uint8_t *at = map_pages(512);

    touch_pages(at, 512, WRITING);
    EXPECT(at[511 * PAGE] == 0xa5);
    return munmap(at, 512 * PAGE) == 0;
}

static const struct cause_test memory_tests[] = {
    {"who takes all of it is killed", the_taker_is_killed},
    {"and others get what it had", there_is_memory_again},
};
const struct cause cause_no_memory = {
    15, "no memory", memory_tests, sizeof(memory_tests) / sizeof(*memory_tests),
    too_much_memory};
