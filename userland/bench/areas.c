// userland/bench/areas.c - mapping, unmapping, protecting
// SPDX-License-Identifier: MIT

#include "bench.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    AREAS = 1000,
    BRK_PAGES = 16,
    PROTECTED_PAGES = 16,
};

static char *pages;

// ---- of 1, 16 and 256 pages -------------------------------------------------

#define SIZED(count)                                                           \
    static void map_##count(void)                                              \
    {                                                                          \
        bench_unmap(bench_map(count *PAGE), count *PAGE);                      \
    }                                                                          \
    static void touch_##count(void)                                            \
    {                                                                          \
        pages = bench_map(count * PAGE);                                       \
        bench_write(pages, count, PAGE);                                       \
    }                                                                          \
    static void unmap_##count(void)                                            \
    {                                                                          \
        bench_unmap(pages, count *PAGE);                                       \
    }

SIZED(1)
SIZED(16)
SIZED(256)

// ---- brk, mprotect
// ------------------------------------------------------------

static long brk_now;

static void find_brk(void)
{
    brk_now = syscall(SYS_brk, 0);
}

// Up and down again; nothing is touched.
static void move_brk(void)
{
    syscall(SYS_brk, brk_now + BRK_PAGES * PAGE);
    bench_check(syscall(SYS_brk, brk_now) == brk_now, "brk");
}

static void protect(int prot)
{
    bench_check(mprotect(pages, PROTECTED_PAGES * PAGE, prot) == 0, "mprotect");
}

static void protect_and_back(void)
{
    protect(PROT_READ);
    protect(PROT_READ | PROT_WRITE);
}

// ---- many areas
// -----------------------------------------------------------------

static void reserve(void)
{
    pages = mmap(NULL, 2 * AREAS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
                 -1, 0);
    bench_check(pages != MAP_FAILED, "mmap");
}

static void release(void)
{
    bench_unmap(pages, 2 * AREAS * PAGE);
}

static void map_areas(void)
{
    for (size_t i = 0; i < AREAS; i++)
        bench_check(mmap(pages + 2 * i * PAGE, PAGE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                         0) != MAP_FAILED,
                    "mmap");
}

static void reserve_and_map(void)
{
    reserve();
    map_areas();
}

static void touch_areas(void)
{
    bench_write(pages, AREAS, 2 * PAGE);
}

static void reserve_and_touch(void)
{
    reserve_and_map();
    touch_areas();
}

static void unmap_areas(void)
{
    for (size_t i = 0; i < AREAS; i++)
        bench_unmap(pages + 2 * i * PAGE, PAGE);
}

const struct bench_op bench_areas[] = {
    {"mmap_munmap_1", "pair", 1, .run = map_1},
    {"mmap_munmap_16", "pair", 1, .run = map_16},
    {"mmap_munmap_256", "pair", 1, .run = map_256},
    {"munmap_touched_1", "call", 1, .before = touch_1, .run = unmap_1},
    {"munmap_touched_16", "call", 1, .before = touch_16, .run = unmap_16},
    {"munmap_touched_256", "call", 1, .before = touch_256, .run = unmap_256},
    {"brk_16", "pair", 1, .begin = find_brk, .run = move_brk},
    {"mprotect_16", "pair", 1, touch_16, NULL, protect_and_back, NULL,
     unmap_16},
    {"areas_1000_mmap", "area", AREAS, NULL, reserve, map_areas, release, NULL},
    {"areas_1000_fault", "area", AREAS, NULL, reserve_and_map, touch_areas,
     release, NULL},
    {"areas_1000_munmap", "area", AREAS, NULL, reserve_and_touch, unmap_areas,
     release, NULL},
    {0},
};
