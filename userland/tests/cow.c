// userland/tests/cow.c - pages shared by fork until one side writes
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    PAGES = 64,
    GENERATIONS = 6,
};

static volatile int data_word = 1;

static bool all_pages_hold(const uint8_t *pages, uint8_t value)
{
    for (size_t i = 0; i < PAGES; i++)
        if (pages[i * PAGE_BYTES] != value ||
            pages[i * PAGE_BYTES + PAGE_BYTES - 1] != value)
            return false;
    return true;
}

static int child_writes(void *argument)
{
    uint8_t *pages = argument;

    if (!all_pages_hold(pages, 1) || data_word != 1)
        return 1;
    memset(pages, 2, PAGES * PAGE_BYTES);
    data_word = 2;
    return all_pages_hold(pages, 2) && data_word == 2 ? 0 : 2;
}

static bool childs_writes_stay_its_own(uint8_t *pages)
{
    memset(pages, 1, PAGES * PAGE_BYTES);
    return run_in_child(child_writes, pages) == 0 && all_pages_hold(pages, 1) &&
           data_word == 1;
}

// parents_writes_stay_its_own - the child looks only after the parent wrote.
static bool parents_writes_stay_its_own(uint8_t *pages)
{
    int ends[2];
    int status;
    char byte = 0;

    memset(pages, 3, PAGES * PAGE_BYTES);
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0)
        _exit(read(ends[0], &byte, 1) == 1 && all_pages_hold(pages, 3) ? 0 : 1);
    memset(pages, 4, PAGES * PAGE_BYTES);
    bool ok = write(ends[1], &byte, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return waitpid(child, &status, 0) == child && status == 0 && ok &&
           all_pages_hold(pages, 4);
}

// A page that was only read before the fork.
static bool zero_pages_are_private(uint8_t *pages)
{
    if (munmap(pages, PAGES * PAGE_BYTES) != 0 ||
        mmap(pages, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != pages)
        return false;
    bool ok = all_pages_hold(pages, 0);
    int status = run_in_child(child_writes, pages); // finds 0, not 1

    return ok && WEXITSTATUS(status) == 1 && all_pages_hold(pages, 0);
}

// A page shared by ever more generations, each of which writes its own value
// after its child has ended.
// NOLINTNEXTLINE(misc-no-recursion)
static int descend(void *argument)
{
    uint8_t *pages = argument;
    uint8_t generation = pages[0];

    if (generation == GENERATIONS)
        return 0;
    pages[0] = generation + 1;
    if (run_in_child(descend, pages) != 0)
        return 1;
    return pages[0] == generation + 1 ? 0 : 2;
}

static bool generations(uint8_t *pages)
{
    pages[0] = 0;
    return run_in_child(descend, pages) == 0 && pages[0] == 0;
}

// The kernel writes for the program: it must break the sharing as well.
static int child_reads_into(void *argument)
{
    uint8_t *pages = argument;
    int ends[2];

    return pipe(ends) == 0 && write(ends[1], "k", 1) == 1 &&
                   read(ends[0], pages, 1) == 1 && pages[0] == 'k'
               ? 0
               : 1;
}

static bool kernels_writes_stay_private(uint8_t *pages)
{
    memset(pages, 5, PAGES * PAGE_BYTES);
    return run_in_child(child_reads_into, pages) == 0 &&
           all_pages_hold(pages, 5);
}

static const struct test {
    const char *name;
    bool (*run)(uint8_t *pages);
} tests[] = {
    {"childs-writes-stay-its-own", childs_writes_stay_its_own},
    {"parents-writes-stay-its-own", parents_writes_stay_its_own},
    {"zero-pages-are-private", zero_pages_are_private},
    {"generations", generations},
    {"kernels-writes-stay-private", kernels_writes_stay_private},
};

enum {
    TESTS = sizeof(tests) / sizeof(tests[0])
};

void suite_cow(void)
{
    uint8_t *pages = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        ktap_bail("cow: mmap: %s", strerror(errno));
    ktap_enter("cow", TESTS);
    for (int i = 0; i < TESTS; i++)
        ktap_result(tests[i].run(pages), "%s", tests[i].name);
    ktap_leave();
    munmap(pages, PAGES * PAGE_BYTES);
}
