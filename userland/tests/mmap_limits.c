// userland/tests/mmap_limits.c - limits on mappings, to the page
// SPDX-License-Identifier: MIT
//
// Each in a child, whose limits go with it.

#include "mmap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

#define MAX_MAP_COUNT "/proc/sys/vm/max_map_count"
#define MIN_ADDR      "/proc/sys/vm/mmap_min_addr"

static int of_all(void *unused)
{
    uint8_t *at = map_alone(4, RW);

    (void)unused;
    set_limit(RLIMIT_AS, ((rlim_t)mmap_status("VmSize") << 10) + 8 * PAGE);
    if (!fails(map_at(0, 9 * PAGE, PROT_NONE, ANON, -1, 0), ENOMEM) ||
        !fails(map_at(0, 9 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
               ENOMEM) ||
        map_at(0, 8 * PAGE, PROT_NONE, ANON, -1, 0) == MAP_FAILED)
        return 1;
    // What is replaced does not count; what is not, does.
    if (map_at((uintptr_t)at, 4 * PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0) !=
            at ||
        munmap(at, PAGE) ||
        map_at((uintptr_t)at, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0) != at ||
        !fails(map_at(0, PAGE, RW, ANON, -1, 0), ENOMEM))
        return 2;
    set_limit(RLIMIT_AS, PAGE);
    return munmap(at, 2 * PAGE) == 0 && mprotect(at + 2 * PAGE, PAGE, RW) == 0
               ? 0
               : 3;
}

static int of_data(void *unused)
{
    uint8_t *shown = map_alone(9, PROT_READ);

    (void)unused;
    set_limit(RLIMIT_DATA, ((rlim_t)mmap_status("VmData") << 10) + 8 * PAGE);
    if (!fails(map_at(0, 9 * PAGE, RW, ANON, -1, 0), ENOMEM) ||
        !fails(mprotect(shown, 9 * PAGE, RW), ENOMEM) ||
        map_at(0, 9 * PAGE, PROT_READ, ANON, -1, 0) == MAP_FAILED ||
        map_at(0, 9 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
            MAP_FAILED ||
        map_at(0, 9 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0) == MAP_FAILED)
        return 1;
    if (mprotect(shown, 8 * PAGE, RW) ||
        !fails(mprotect(shown + 8 * PAGE, PAGE, RW), ENOMEM) ||
        !fails(map_at(0, PAGE, RW, ANON, -1, 0), ENOMEM))
        return 2;
    // What is data already may go on being that.
    return mprotect(shown, 8 * PAGE, RW | PROT_EXEC) ? 3 : 0;
}

// A limit of 0 was once the way to say: no break.
static int of_no_data(void *unused)
{
    (void)unused;
    set_limit(RLIMIT_DATA, 0);
    return map_at(0, 9 * PAGE, RW, ANON, -1, 0) == MAP_FAILED;
}

static int of_the_stack(void *unused)
{
    uint8_t *low = map_at(0, 400 * PAGE, PROT_NONE, ANON, -1, 0);
    uint8_t *top = low + 399 * PAGE;

    (void)unused;
    if (munmap(low, 400 * PAGE) ||
        map_at((uintptr_t)top, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1,
               0) != top)
        return 1;
    set_limit(RLIMIT_STACK, 8 * PAGE);
    if (write_dies(top - 7 * PAGE) || write_dies(top - 8 * PAGE) != SIGSEGV)
        return 2;
    set_limit(RLIMIT_STACK, 16 * PAGE);
    if (write_dies(top - 15 * PAGE) || write_dies(top - 16 * PAGE) != SIGSEGV)
        return 3;
    // Growth is mapping: the other limit holds as well.
    set_limit(RLIMIT_AS, (rlim_t)mmap_status("VmSize") << 10);
    return write_dies(top - PAGE) == SIGSEGV ? 0 : 4;
}

static int of_locked(void *unused)
{
    uint8_t *at = map_alone(4, RW);

    (void)unused;
    set_limit(RLIMIT_MEMLOCK, 4 * PAGE);
    if (map_at(0, 4 * PAGE, RW, ANON | MAP_LOCKED, -1, 0) == MAP_FAILED ||
        !fails(map_at(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0), EAGAIN) ||
        map_at(0, PAGE, RW, ANON, -1, 0) == MAP_FAILED)
        return 1;
    // The place is looked at first.
    if (!fails(map_at((uintptr_t)at, PAGE, RW,
                      ANON | MAP_LOCKED | MAP_FIXED_NOREPLACE, -1, 0),
               EEXIST))
        return 2;
    set_limit(RLIMIT_MEMLOCK, 0);
    return fails(map_at(0, PAGE, RW, ANON | MAP_LOCKED, -1, 0), EPERM) ? 0 : 3;
}

// Ten more than there are: mmap makes one more than the limit, a split none.
static int of_areas(void *unused)
{
    uint8_t *at = map_alone(100, RW);
    unsigned limit = mmap_areas() + 10;
    char text[16];
    int made = 0;

    (void)unused;
    snprintf(text, sizeof(text), "%u", limit);
    if (!set_text(MAX_MAP_COUNT, text))
        return 1;
    while (mprotect(at + (2 * made + 1) * PAGE, PAGE, PROT_READ) == 0)
        made++;
    if (errno != ENOMEM || mmap_areas() != limit || made != 5)
        return 2;
    if (!fails(munmap(at + 50 * PAGE, PAGE), ENOMEM) ||
        !fails(mprotect(at + 50 * PAGE, PAGE, PROT_NONE), ENOMEM) ||
        !fails(mlock(at + 50 * PAGE, PAGE), ENOMEM) ||
        !fails(madvise(at + 50 * PAGE, PAGE, 10), EAGAIN) ||
        !fails(mremap(at, PAGE, 200 * PAGE, MREMAP_MAYMOVE), ENOMEM))
        return 3;
    // From an end on no area is added; nor by giving back.
    if (munmap(at + 99 * PAGE, PAGE) || mmap_areas() != limit)
        return 4;
    if (map_at(0, PAGE, PROT_EXEC, ANON, -1, 0) == MAP_FAILED ||
        mmap_areas() != limit + 1 ||
        !fails(map_at(0, PAGE, PROT_READ, ANON, -1, 0), ENOMEM) ||
        !fails(map_at((uintptr_t)at, PAGE, RW, ANON | MAP_FIXED, -1, 0),
               ENOMEM))
        return 5;
    return munmap(at, 99 * PAGE) == 0 ? 0 : 6;
}

static bool area_limit(void)
{
    int status = in_child(of_areas, NULL);

    if (status)
        ktap_note("areas %d", status);
    return set_text(MAX_MAP_COUNT, "65530") && status == 0;
}

static int maps_at(void *at)
{
    uint8_t *got =
        map_at((uintptr_t)at, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);

    return got == at ? 0 : errno;
}

static bool lowest_address(void)
{
    void *low = (void *)0x2000, *first = (void *)0x4000;
    bool ok = as_user(maps_at, low) == EPERM &&
              as_user(maps_at, first) == EPERM && set_text(MIN_ADDR, "16384");

    ok = ok && as_user(maps_at, low) == EPERM && as_user(maps_at, first) == 0 &&
         in_child(maps_at, low) == 0;
    return set_text(MIN_ADDR, "65536") && ok &&
           as_user(maps_at, first) == EPERM;
}

static bool run(const char *name, int status)
{
    if (status)
        ktap_note("%s %d", name, status);
    return status == 0;
}

void mmap_test_limits(void)
{
    ktap_enter("limits", 7);
    ktap_result(run("all", in_child(of_all, NULL)), "RLIMIT_AS");
    ktap_result(run("data", in_child(of_data, NULL)), "RLIMIT_DATA");
    ktap_result(run("no data", in_child(of_no_data, NULL)), "RLIMIT_DATA of 0");
    ktap_result(run("stack", in_child(of_the_stack, NULL)), "RLIMIT_STACK");
    ktap_result(run("locked", as_user(of_locked, NULL)), "RLIMIT_MEMLOCK");
    ktap_result(area_limit(), "max_map_count");
    ktap_result(lowest_address(), "mmap_min_addr");
    ktap_leave();
}
