// userland/tests/mmap_break.c - brk: how far it goes, and what stops it
// SPDX-License-Identifier: MIT
//
// Each in a child: the heap of the tests themselves stays as it is.

#include "mmap.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define TOP  0xc0000000u // TASK_SIZE

static uintptr_t set(uintptr_t to)
{
    return (uintptr_t)syscall(SYS_brk, to);
}

// The break, at the start of a page.
static uintptr_t begin(void)
{
    uintptr_t at = (set(0) + PAGE - 1) / PAGE * PAGE;

    if (set(at) != at)
        _exit(99);
    return at;
}

static int refuses(void *unused)
{
    uintptr_t at = begin();

    (void)unused;
    if (set(1) != at || set(0x1000) != at || set(TOP) != at ||
        set(TOP + PAGE) != at || set(UINTPTR_MAX) != at)
        return 1;
    return set(0) == at ? 0 : 2;
}

static int to_the_byte(void *unused)
{
    uintptr_t at = begin();
    uint8_t *heap = (uint8_t *)at;

    (void)unused;
    if (set(at + 1) != at + 1 || area_count(heap, 1) != 1)
        return 1;
    heap[PAGE - 1] = 1; // to the end of the page
    if (set(at + PAGE) != at + PAGE || heap[PAGE - 1] != 1)
        return 2;
    if (set(at + PAGE + 5) != at + PAGE + 5 || set(at + 7) != at + 7 ||
        area_count(heap + PAGE, 1) != 0 || heap[PAGE - 1] != 1)
        return 3;
    return set(at) == at && area_count(heap, 1) == 0 ? 0 : 4;
}

// A page stays free between the heap and what lies above it.
static int stopped_by_a_mapping(void *unused)
{
    uintptr_t at = begin();

    (void)unused;
    if (map_at(at + 16 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
        return 1;
    if (set(at + 16 * PAGE) != at || set(at + 17 * PAGE) != at ||
        set(at + 100 * PAGE) != at || set(at + 15 * PAGE + 1) != at)
        return 2;
    return set(at + 15 * PAGE) == at + 15 * PAGE ? 0 : 3;
}

// ... and a gap as wide as below every stack.
static int stopped_by_a_stack(void *unused)
{
    uintptr_t at = begin(), stack = at + 300 * PAGE;

    (void)unused;
    if (map_at(stack, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0) ==
        MAP_FAILED)
        return 1;
    if (set(at + 44 * PAGE) != at)
        return 2;
    return set(at + 43 * PAGE) == at + 43 * PAGE ? 0 : 3;
}

static int is_one_area(void *unused)
{
    uintptr_t at = begin();
    uint8_t *heap = (uint8_t *)at;

    (void)unused;
    for (int pages = 1; pages <= 8; pages++)
        if (set(at + pages * PAGE) != at + pages * PAGE)
            return 1;
    if (area_count(heap, 8) != 1 || strcmp(area_prot(heap), "rw-p") != 0 ||
        !is_all(heap, 8 * PAGE, 0))
        return 2;
    // Its end is another area now; what is added is as ever.
    if (mprotect(heap + 6 * PAGE, 2 * PAGE, PROT_READ) ||
        set(at + 9 * PAGE) != at + 9 * PAGE || area_count(heap, 9) != 3)
        return 3;
    // The program may unmap what it has, and shrink over the hole.
    if (munmap(heap + 3 * PAGE, PAGE) || set(at + 2 * PAGE) != at + 2 * PAGE ||
        area_count(heap, 9) != 1)
        return 4;
    return set(at + 4 * PAGE) == at + 4 * PAGE && is_all(heap, 4 * PAGE, 0) ? 0
                                                                            : 5;
}

static int limit_of_data(void *unused)
{
    uintptr_t at = begin();

    (void)unused;
    set_limit(RLIMIT_DATA, (rlim_t)(mmap_status("VmData") << 10) + 8 * PAGE);
    if (set(at + 9 * PAGE) != at || set(at + 8 * PAGE) != at + 8 * PAGE)
        return 1;
    if (set(at + 8 * PAGE + 1) != at + 8 * PAGE || set(at) != at)
        return 2;
    set_limit(RLIMIT_DATA, PAGE); // the program has more already
    return set(at + 1) == at && set(at - 1) == at ? 0 : 3;
}

static int limit_of_all(void *unused)
{
    uintptr_t at = begin();

    (void)unused;
    set_limit(RLIMIT_AS, (rlim_t)(mmap_status("VmSize") << 10) + 8 * PAGE);
    if (set(at + 9 * PAGE) != at || set(at + 8 * PAGE) != at + 8 * PAGE)
        return 1;
    return set(at + 8 * PAGE + 1) == at + 8 * PAGE ? 0 : 2;
}

static int limit_of_locked(void *unused)
{
    uintptr_t at = begin();

    (void)unused;
    set_limit(RLIMIT_MEMLOCK, 4 * PAGE);
    if (mlockall(MCL_FUTURE) || set(at + 5 * PAGE) != at ||
        set(at + 4 * PAGE) != at + 4 * PAGE)
        return 1;
    return mmap_status("VmLck") == 16 ? 0 : 2;
}

static bool in_own(int (*run)(void *))
{
    int status = in_child(run, NULL);

    if (status)
        ktap_note("%d", status);
    return status == 0;
}

static bool run_refuses(void)
{
    return in_own(refuses);
}

static bool run_to_the_byte(void)
{
    return in_own(to_the_byte);
}

static bool run_mapping(void)
{
    return in_own(stopped_by_a_mapping) && in_own(stopped_by_a_stack);
}

static bool run_one_area(void)
{
    return in_own(is_one_area);
}

static bool run_limits(void)
{
    return in_own(limit_of_data) && in_own(limit_of_all) &&
           as_user(limit_of_locked, NULL) == 0;
}

void mmap_test_break(void)
{
    static const struct ktap_test tests[] = {
        {"refuses", run_refuses}, {"to the byte", run_to_the_byte},
        {"stopped", run_mapping}, {"is one area", run_one_area},
        {"limits", run_limits},
    };

    ktap_run_suite("brk", tests, sizeof(tests) / sizeof(*tests));
}
