// userland/tests/causes_swap.c - pages that were paged out: 9, 12
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "causes.h"

enum {
    PAGES = 64,
    RACE_PAGES = 1024,
    RACE_YIELDS = 10000,
    LINE_BYTES = 256,
};

static uint8_t *filled_pages(size_t pages)
{
    uint8_t *at = map_pages(pages);

    for (size_t i = 0; i < pages; i++)
        memset(at + i * PAGE, (int)(i % 251) + 1, PAGE);
    return at;
}

static bool all_have_their_content(const uint8_t *at, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        if (!is_filled(at + i * PAGE, PAGE, (uint8_t)(i % 251 + 1)))
            return false;
    return true;
}

// ---- 9 ----------------------------------------------------------------------

// In order, so that it is worth while to read ahead.
static bool comes_back(void)
{
    uint8_t *at = filled_pages(PAGES);

    EXPECT(put_to_swap(at, PAGES));
    long read = vmstat("pswpin");
    struct flt before = flt_now();
    touch_pages(at, PAGES, READING);
    struct flt flt = flt_since(before);
    ktap_note("%ld major, %ld minor faults, %ld pages read", flt.major,
              flt.minor, vmstat("pswpin") - read);
    EXPECT(flt.major + flt.minor == PAGES);
    EXPECT(flt.major >= 1 && flt.major <= PAGES / 2);
    EXPECT(vmstat("pswpin") - read >= PAGES);
    EXPECT(all_have_their_content(at, PAGES));
    return munmap(at, PAGES * PAGE) == 0;
}

static bool write_takes_it_back(void)
{
    uint8_t *at = filled_pages(1);

    EXPECT(put_to_swap(at, 1));
    EXPECT(!(pagemap(at) & PM_PRESENT));
    struct flt before = flt_now();
    touch_pages(at, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.major == 1 && flt.minor == 0);
    EXPECT(at[0] == 0xa5 && is_filled(at + 1, PAGE - 1, 1));
    EXPECT((pagemap(at) & PM_PRESENT) && (pagemap(at) & PM_EXCLUSIVE));
    EXPECT(!(pagemap(at) & PM_SWAP));
    return munmap(at, PAGE) == 0;
}

// Unchanged, it can leave again without being written.
static bool read_keeps_the_slot(void)
{
    uint8_t *at = filled_pages(PAGES);

    EXPECT(put_to_swap(at, PAGES));
    EXPECT(all_have_their_content(at, PAGES));
    long written = vmstat("pswpout");
    EXPECT(put_to_swap(at, PAGES));
    EXPECT(vmstat("pswpout") - written <= PAGES / 4);
    EXPECT(all_have_their_content(at, PAGES));
    return munmap(at, PAGES * PAGE) == 0;
}

static int child_writes(void *at)
{
    uint8_t *pages = at;

    EXPECT(all_have_their_content(pages, PAGES));
    touch_pages(pages, PAGES, WRITING);
    EXPECT(is_filled(pages + PAGE + 1, PAGE - 1, 2) && pages[PAGE] == 0xa5);
    return 7;
}

static bool after_fork(void)
{
    uint8_t *at = filled_pages(PAGES);

    EXPECT(put_to_swap(at, PAGES));
    EXPECT(in_child(child_writes, at) == 7);
    EXPECT(all_have_their_content(at, PAGES));
    return munmap(at, PAGES * PAGE) == 0;
}

static bool shared_memory(void)
{
    uint8_t *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    EXPECT(at != MAP_FAILED);
    for (size_t i = 0; i < PAGES; i++)
        memset(at + i * PAGE, (int)i + 1, PAGE);
    EXPECT(madvise(at, PAGES * PAGE, MADV_PAGEOUT) == 0);
    EXPECT(in_child(child_writes, at) == 7);
    EXPECT(at[0] == 0xa5 && is_filled(at + PAGE + 1, PAGE - 1, 2));
    return munmap(at, PAGES * PAGE) == 0;
}

static const struct cause_test swapped_tests[] = {
    {"comes back, with what is around", comes_back},
    {"writing takes it out of swap", write_takes_it_back},
    {"reading leaves it there, too", read_keeps_the_slot},
    {"a parent's and a child's", after_fork},
    {"of shared memory", shared_memory},
};
const struct cause cause_swapped = {
    9, "paged out", swapped_tests,
    sizeof(swapped_tests) / sizeof(*swapped_tests), no_swap};

// ---- 12 ---------------------------------------------------------------------

static bool swap_device(char *path, size_t size)
{
    FILE *file = fopen("/proc/swaps", "r");
    char line[LINE_BYTES];
    bool found = false;

    if (!file)
        return false;
    // A heading, then one line: of several areas it is not known which.
    if (fgets(line, sizeof(line), file) && fgets(line, sizeof(line), file)) {
        snprintf(path, size, "%.*s", (int)strcspn(line, " \t"), line);
        found = !fgets(line, sizeof(line), file);
    }
    fclose(file);
    return found;
}

// swapoff brings pages back while they are touched, in the same order: for some
// the fault finds that it has come too late.
static bool race_with_swapoff(void)
{
    uint8_t *at = filled_pages(RACE_PAGES);
    char path[LINE_BYTES];
    int status;

    if (!swap_device(path, sizeof(path)))
        return cause_skip("not one area of swap");
    EXPECT(put_to_swap(at, RACE_PAGES));
    pid_t child = fork();
    if (child == 0)
        _exit(swapoff(path) == 0 ? 7 : errno);
    // Once it has begun it is caught up with.
    for (int n = 0; n < RACE_YIELDS && !(pagemap(at) & PM_PRESENT); n++)
        sched_yield();
    struct flt before = flt_now();
    EXPECT(all_have_their_content(at, RACE_PAGES));
    struct flt flt = flt_since(before);
    EXPECT(flt.major + flt.minor <= RACE_PAGES);
    EXPECT(waitpid(child, &status, 0) == child && swapon(path, 0) == 0);
    EXPECT(WEXITSTATUS(status) == 7);
    EXPECT(all_have_their_content(at, RACE_PAGES));
    return munmap(at, RACE_PAGES * PAGE) == 0;
}

static const struct cause_test stale_tests[] = {
    {"swapoff was first", race_with_swapoff},
};
const struct cause cause_stale = {12, "answered already", stale_tests,
                                  sizeof(stale_tests) / sizeof(*stale_tests),
                                  no_swap};
