// userland/tests/causes_area.c - faults that the areas decide: 1, 2, 3
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "causes.h"

enum {
    GAP_PAGES = 256,  // between a stack and what is below
    ROOM_PAGES = 600, // for a stack to grow in, and for what is below
    LIMIT_PAGES = 32,
};

#define FIRST_OF_KERNEL 0xc0000000u

// ---- 1: nothing is there ----------------------------------------------------

static bool all_accesses_give_maperr(const void *at)
{
    return access_gives(at, READING, SIGSEGV, SEGV_MAPERR) &&
           access_gives(at, WRITING, SIGSEGV, SEGV_MAPERR) &&
           access_gives(at, CALLING, SIGSEGV, SEGV_MAPERR);
}

static bool hole(void)
{
    uint8_t *at = map_pages(3);

    touch_pages(at, 3, WRITING);
    EXPECT(munmap(at + PAGE, PAGE) == 0);
    EXPECT(all_accesses_give_maperr(at + PAGE));
    EXPECT(all_accesses_give_maperr(at + 2 * PAGE - 1));
    EXPECT(access_works(at + PAGE - 1, READING));
    EXPECT(access_works(at + 2 * PAGE, READING));
    return munmap(at, 3 * PAGE) == 0;
}

static bool null_pointer(void)
{
    return all_accesses_give_maperr(NULL) &&
           all_accesses_give_maperr((void *)(uintptr_t)(PAGE + 4));
}

static bool kernel_address(void)
{
    return all_accesses_give_maperr((void *)(uintptr_t)FIRST_OF_KERNEL) &&
           all_accesses_give_maperr((void *)(uintptr_t)0xfffff000u);
}

static bool hole_is_no_minor_fault(void)
{
    uint8_t *at = map_pages(1);

    EXPECT(munmap(at, PAGE) == 0);
    EXPECT(access_gives(at, READING, SIGSEGV, SEGV_MAPERR));
    struct flt before = flt_now();
    EXPECT(access_gives(at, READING, SIGSEGV, SEGV_MAPERR));
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 0 && flt.major == 0);
    return true;
}

static const struct cause_test hole_tests[] = {
    {"a hole between pages", hole},
    {"null pointers", null_pointer},
    {"addresses of the kernel", kernel_address},
    {"is neither minor nor major", hole_is_no_minor_fault},
};
const struct cause cause_hole = {
    1, "a hole", hole_tests, sizeof(hole_tests) / sizeof(*hole_tests), NULL};

// ---- 2: below a stack -------------------------------------------------------

// A stack of one page at the upper end of a room with nothing in it.
static uint8_t *new_stack(uint8_t **room)
{
    *room = mmap(NULL, ROOM_PAGES * PAGE, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *stack = *room + (ROOM_PAGES - 1) * PAGE;

    if (*room == MAP_FAILED || munmap(*room, ROOM_PAGES * PAGE) != 0 ||
        mmap(stack, PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1,
             0) != stack)
        ktap_bail("a stack: %s", strerror(errno));
    return stack;
}

// Something else in that room, @pages below the stack.
static void put_below(uint8_t *stack, size_t pages, int protection)
{
    uint8_t *at = stack - (pages + 1) * PAGE;

    if (mmap(at, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0) != at)
        ktap_bail("below a stack: %s", strerror(errno));
}

static bool free_room(uint8_t *room)
{
    return munmap(room, ROOM_PAGES * PAGE) == 0;
}

static bool stack_grows(void)
{
    uint8_t *room, *stack = new_stack(&room);
    struct flt before = flt_now();

    touch_pages(stack - PAGE, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 1 && flt.major == 0);
    EXPECT(area_kib(stack - PAGE, "Size") == 8);
    EXPECT(is_filled(stack - PAGE + 1, PAGE - 1, 0));
    // By more than a page: those between are not there yet.
    EXPECT(access_works(stack - 10 * PAGE, READING));
    EXPECT(area_kib(stack - 10 * PAGE, "Size") == 44);
    EXPECT(!(pagemap(stack - 5 * PAGE) & PM_PRESENT));
    EXPECT(area_has_flag(stack - 10 * PAGE, "gd"));
    return free_room(room);
}

static bool gap_is_kept(void)
{
    uint8_t *room, *stack = new_stack(&room);

    // The page of the touch has to have 256 pages below it.
    put_below(stack, GAP_PAGES + 1, PROT_READ);
    EXPECT(access_works(stack - PAGE, WRITING));
    EXPECT(access_gives(stack - 2 * PAGE, WRITING, SIGSEGV, SEGV_MAPERR));
    EXPECT(
        access_gives(stack - GAP_PAGES * PAGE, READING, SIGSEGV, SEGV_MAPERR));
    EXPECT(area_kib(stack - PAGE, "Size") == 8);
    return free_room(room);
}

static bool gap_of_255(void)
{
    uint8_t *room, *stack = new_stack(&room);

    put_below(stack, GAP_PAGES, PROT_READ | PROT_WRITE);
    EXPECT(access_gives(stack - 1, WRITING, SIGSEGV, SEGV_MAPERR));
    EXPECT(area_kib(stack, "Size") == 4);
    return free_room(room);
}

static bool gap_of_257(void)
{
    uint8_t *room, *stack = new_stack(&room);

    put_below(stack, GAP_PAGES + 2, PROT_READ | PROT_WRITE);
    EXPECT(access_works(stack - PAGE - 1, WRITING));
    EXPECT(access_gives(stack - 2 * PAGE - 1, WRITING, SIGSEGV, SEGV_MAPERR));
    return free_room(room);
}

// What nobody can touch is guard enough.
static bool no_gap_above_a_guard(void)
{
    uint8_t *room, *stack = new_stack(&room);

    put_below(stack, 3, PROT_NONE);
    EXPECT(access_works(stack - 3 * PAGE, WRITING));
    EXPECT(access_gives(stack - 3 * PAGE - 1, WRITING, SIGSEGV, SEGV_ACCERR));
    return free_room(room);
}

static bool stack_limit(void)
{
    uint8_t *room, *stack = new_stack(&room);
    struct rlimit old, low;

    EXPECT(getrlimit(RLIMIT_STACK, &old) == 0);
    low = (struct rlimit){LIMIT_PAGES * PAGE, old.rlim_max};
    EXPECT(setrlimit(RLIMIT_STACK, &low) == 0);
    bool most = access_works(stack - (LIMIT_PAGES - 1) * PAGE, WRITING);
    bool more = access_gives(stack - LIMIT_PAGES * PAGE + PAGE - 1, WRITING,
                             SIGSEGV, SEGV_MAPERR);
    EXPECT(setrlimit(RLIMIT_STACK, &old) == 0);
    EXPECT(most && more);
    EXPECT(access_works(stack - LIMIT_PAGES * PAGE, WRITING));
    return free_room(room);
}

static bool other_areas_do_not_grow(void)
{
    uint8_t *at = map_pages(4);

    EXPECT(munmap(at, 2 * PAGE) == 0);
    EXPECT(access_gives(at + 2 * PAGE - 1, WRITING, SIGSEGV, SEGV_MAPERR));
    return munmap(at, 4 * PAGE) == 0;
}

static const struct cause_test stack_tests[] = {
    {"grows to the page that is touched", stack_grows},
    {"keeps its distance", gap_is_kept},
    {"255 pages are too few", gap_of_255},
    {"257 pages are enough", gap_of_257},
    {"no distance from PROT_NONE", no_gap_above_a_guard},
    {"RLIMIT_STACK", stack_limit},
    {"other areas do not grow", other_areas_do_not_grow},
};
const struct cause cause_stack = {2, "growth of a stack", stack_tests,
                                  sizeof(stack_tests) / sizeof(*stack_tests),
                                  NULL};

// ---- 3: not like this -------------------------------------------------------

static bool write_to_read_only(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 7, PAGE);
    EXPECT(mprotect(at, PAGE, PROT_READ) == 0);
    EXPECT(access_gives(at + 9, WRITING, SIGSEGV, SEGV_ACCERR));
    EXPECT(is_filled(at, PAGE, 7));
    EXPECT(mprotect(at, PAGE, PROT_READ | PROT_WRITE) == 0);
    EXPECT(access_works(at + 9, WRITING));
    EXPECT(at[9] == 0xa5 && at[8] == 7);
    return munmap(at, PAGE) == 0;
}

// Whether or not there is a page makes no difference.
static bool never_touched(void)
{
    uint8_t *at = map_pages(2);

    EXPECT(mprotect(at, PAGE, PROT_READ) == 0);
    EXPECT(access_gives(at, WRITING, SIGSEGV, SEGV_ACCERR));
    EXPECT(!(pagemap(at) & PM_PRESENT));
    EXPECT(mprotect(at, PAGE, PROT_NONE) == 0);
    EXPECT(access_gives(at, READING, SIGSEGV, SEGV_ACCERR));
    return munmap(at, 2 * PAGE) == 0;
}

static bool nothing_allowed(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 7, PAGE);
    EXPECT(mprotect(at, PAGE, PROT_NONE) == 0);
    EXPECT(access_gives(at, READING, SIGSEGV, SEGV_ACCERR));
    EXPECT(access_gives(at + PAGE - 1, WRITING, SIGSEGV, SEGV_ACCERR));
    EXPECT(mprotect(at, PAGE, PROT_READ) == 0);
    EXPECT(is_filled(at, PAGE, 7));
    return munmap(at, PAGE) == 0;
}

static bool own_text(void)
{
    return access_gives((void *)(uintptr_t)own_text, WRITING, SIGSEGV,
                        SEGV_ACCERR);
}

// i386 cannot take reading away from what may be written: neither before there
// is a page, nor of one that is to be copied when it is written to.
static bool write_only_can_be_read(void)
{
    int fd = file_of_pages("/tmp", 1);
    uint8_t *at =
        mmap(NULL, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *file = map_file(fd, 1, PROT_WRITE, MAP_PRIVATE);
    uint8_t *later = map_pages(1);

    EXPECT(at != MAP_FAILED);
    EXPECT(access_works(at, READING) && at[0] == 0);
    EXPECT(access_works(at, WRITING) && at[0] == 0xa5);
    EXPECT(access_works(file, READING) && file[0] == 1);
    EXPECT(access_works(file, WRITING) && file[0] == 0xa5);
    EXPECT(access_works(later, READING));
    EXPECT(mprotect(later, PAGE, PROT_WRITE) == 0);
    EXPECT(access_works(later, READING) && later[0] == 0);
    EXPECT(access_works(later, WRITING) && later[0] == 0xa5);
    close(fd);
    return munmap(at, PAGE) == 0 && munmap(file, PAGE) == 0 &&
           munmap(later, PAGE) == 0;
}

static const struct cause_test forbidden_tests[] = {
    {"writing to PROT_READ", write_to_read_only},
    {"where there is no page yet", never_touched},
    {"anything to PROT_NONE", nothing_allowed},
    {"writing to the program's text", own_text},
    {"PROT_WRITE alone can be read", write_only_can_be_read},
};
const struct cause cause_forbidden = {
    3, "forbidden", forbidden_tests,
    sizeof(forbidden_tests) / sizeof(*forbidden_tests), NULL};
