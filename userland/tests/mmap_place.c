// userland/tests/mmap_place.c - where things are mapped, and what limits them
// SPDX-License-Identifier: MIT

#include "mmap.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define TOP  0xc0000000u // TASK_SIZE
#define MIB  (1u << 20)

#define OLD_LAYOUT "/proc/sys/vm/legacy_va_layout"

// ---- places ----------------------------------------------------------------

// Areas below each other, the highest hole that fits first, at its end.
static bool from_the_top(void)
{
    uint8_t *at = map_at(0, 40 * PAGE, PROT_NONE, ANON, -1, 0);
    bool ok = munmap(at + 10 * PAGE, 4 * PAGE) == 0 &&
              munmap(at + 30 * PAGE, 2 * PAGE) == 0;

    ok = ok && map_at(0, 4 * PAGE, RW, ANON, -1, 0) == at + 10 * PAGE &&
         munmap(at + 10 * PAGE, 4 * PAGE) == 0;
    ok = ok && map_at(0, 2 * PAGE, RW, ANON, -1, 0) == at + 30 * PAGE &&
         map_at(0, 2 * PAGE, RW, ANON, -1, 0) == at + 12 * PAGE &&
         map_at(0, 4 * PAGE, RW, ANON, -1, 0) == at - 4 * PAGE;
    munmap(at - 4 * PAGE, 4 * PAGE);
    return munmap(at, 40 * PAGE) == 0 && ok;
}

static bool hint_gives(uintptr_t hint, size_t pages, uintptr_t place)
{
    uint8_t *at = map_at(hint, pages * PAGE, RW, ANON, -1, 0);
    bool ok = at != MAP_FAILED && munmap(at, pages * PAGE) == 0;

    if (ok && (uintptr_t)at != place)
        ktap_note("hint %lx: %p, not %lx", (unsigned long)hint, (void *)at,
                  (unsigned long)place);
    return ok && (uintptr_t)at == place;
}

static bool hints(void)
{
    uint8_t *taken = map_at(0x20000000, 2 * PAGE, RW, ANON, -1, 0);
    uint8_t *free = map_at(0, 2 * PAGE, RW, ANON, -1, 0);
    uintptr_t usual = (uintptr_t)free;
    bool ok = taken == (uint8_t *)0x20000000 && munmap(free, 2 * PAGE) == 0;

    ok = hint_gives(0x30000000, 2, 0x30000000) && ok;
    ok = hint_gives(0x30000fff, 2, 0x30000000) && ok;
    ok = hint_gives(0x20000000, 2, usual) && ok;
    ok = hint_gives(0x1ffff000, 2, usual) && ok;
    ok = hint_gives(0x20001000, 2, usual) && ok;
    ok = hint_gives(0x1fffe000, 2, 0x1fffe000) && ok;
    ok = hint_gives(0x20002000, 2, 0x20002000) && ok;
    ok = hint_gives(0xfff, 2, usual) && ok;    // page 0: none
    ok = hint_gives(0x1000, 2, 0x10000) && ok; // the lowest there may be
    ok = hint_gives(TOP - PAGE, 2, usual) && ok;
    ok = hint_gives(TOP, 2, usual) && ok;
    ok = hint_gives(0xfffff000, 2, usual) && ok;
    return munmap(taken, 2 * PAGE) == 0 && ok;
}

// Until nothing is left, above the usual place, too.
static int all_there_is(void *unused)
{
    uint8_t *first = map_at(0, PAGE, PROT_NONE, ANON, -1, 0), *at;
    unsigned mib = 0;
    bool above = false;

    (void)unused;
    for (unsigned size = 64; size; size /= 4)
        while ((at = map_at(0, size * MIB, PROT_NONE, ANON, -1, 0)) !=
               MAP_FAILED) {
            mib += size;
            above |= at > first;
        }
    if (errno != ENOMEM || !above)
        return 1;
    return mib > 2800 && mib < 3072 ? 0 : 2;
}

static bool exhausted(void)
{
    return in_child(all_there_is, NULL) == 0;
}

void mmap_test_places(void)
{
    static const struct ktap_test tests[] = {
        {"from the top", from_the_top},
        {"hints", hints},
        {"all there is", exhausted},
    };

    ktap_run_suite("places", tests, sizeof(tests) / sizeof(*tests));
}

// ---- layouts ---------------------------------------------------------------

#define MEASURED_UP   0x40000000u // a third of user space
#define NO_STACK_ROOM 0xb8000000u // 128 MiB below the top

// Two areas that are not one: the second lies where the layout has it.
static bool goes_down(uintptr_t below)
{
    uint8_t *a = map_at(0, 4 * PAGE, RW, ANON, -1, 0);
    uint8_t *b = map_at(0, 4 * PAGE, PROT_READ, ANON, -1, 0);

    ktap_note("%p, %p", (void *)a, (void *)b);
    return b == a - 4 * PAGE && (uintptr_t)a < below &&
           (uintptr_t)a > below - MIB;
}

static bool goes_up(uintptr_t from)
{
    uint8_t *a = map_at(0, 4 * PAGE, RW, ANON, -1, 0);
    uint8_t *b = map_at(0, 4 * PAGE, PROT_READ, ANON, -1, 0);

    ktap_note("%p, %p", (void *)a, (void *)b);
    return b == a + 4 * PAGE && (uintptr_t)a >= from &&
           (uintptr_t)a < from + MIB;
}

static int child_goes_up(void *unused)
{
    (void)unused;
    return goes_up(MEASURED_UP) ? 0 : 1;
}

static bool is_executable(void)
{
    uint8_t *at = map_at(0, PAGE, PROT_READ, ANON, -1, 0);
    uint8_t *none = map_at(0, PAGE, PROT_NONE, ANON, -1, 0);
    uint8_t *heap = (uint8_t *)syscall(SYS_brk, 0);

    if (strcmp(area_prot(at), "r-xp") != 0 ||
        strcmp(area_prot(none), "---p") != 0 || mprotect(none, PAGE, RW) ||
        strcmp(area_prot(none), "rwxp") != 0)
        return false;
    syscall(SYS_brk, heap + 8 * PAGE);
    return strcmp(area_prot(heap + 7 * PAGE), "rwxp") == 0;
}

int mmap_placed(const char *layout)
{
    uint8_t *zero = NULL;
    bool ok = false;

    if (strcmp(layout, "down") == 0)
        ok = goes_down(NO_STACK_ROOM);
    else if (strcmp(layout, "large-stack") == 0)
        ok = goes_down(TOP - 512 * MIB - MIB); // and the gap below it
    else if (strcmp(layout, "huge-stack") == 0)
        ok = goes_down(TOP / 6);
    else if (strcmp(layout, "up") == 0)
        ok = goes_up(MEASURED_UP) && in_child(child_goes_up, NULL) == 0;
    else if (strcmp(layout, "executable") == 0)
        ok = is_executable();
    else if (strcmp(layout, "zero") == 0)
        ok = strcmp(area_prot(zero), "r-xp") == 0 && read_dies(zero) == 0 &&
             write_dies(zero) == SIGSEGV;
    return ok ? 0 : 1;
}

struct layout {
    const char *name;
    unsigned long persona;
    rlim_t stack; // 0: as it is
    const char *program;
};

static const struct layout layouts[] = {
    {"down from the stack", ADDR_NO_RANDOMIZE, 8 * MIB, "down"},
    {"a stack of 512 MiB", ADDR_NO_RANDOMIZE, 512 * MIB, "large-stack"},
    {"a stack of 3 GiB", ADDR_NO_RANDOMIZE, TOP, "huge-stack"},
    {"a stack without limit", ADDR_NO_RANDOMIZE, RLIM_INFINITY, "huge-stack"},
    {"ADDR_COMPAT_LAYOUT", ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT, 8 * MIB,
     "up"},
    {"READ_IMPLIES_EXEC", READ_IMPLIES_EXEC, 0, "executable"},
    {"MMAP_PAGE_ZERO", MMAP_PAGE_ZERO, 0, "zero"},
};

static int run_layout(void *argument)
{
    const struct layout *layout = argument;
    struct rlimit limit = {layout->stack, RLIM_INFINITY};

    if (personality(layout->persona) < 0 ||
        (unsigned long)personality(0xffffffff) != layout->persona)
        return 2;
    if (layout->stack && setrlimit(RLIMIT_STACK, &limit))
        return 3;
    execl("/proc/self/exe", "mmap", layout->program, NULL);
    return 4;
}

static bool by_sysctl(void)
{
    struct layout up = {"", ADDR_NO_RANDOMIZE, 8 * MIB, "up"};
    bool ok = set_text(OLD_LAYOUT, "1") && in_child(run_layout, &up) == 0;

    return set_text(OLD_LAYOUT, "0") && ok;
}

void mmap_test_layouts(void)
{
    const unsigned count = sizeof(layouts) / sizeof(*layouts);

    ktap_enter("layouts", count + 1);
    for (unsigned i = 0; i < count; i++) {
        struct layout layout = layouts[i];

        ktap_result(in_child(run_layout, &layout) == 0, "%s", layout.name);
    }
    ktap_result(by_sysctl(), "vm.legacy_va_layout");
    ktap_leave();
}
