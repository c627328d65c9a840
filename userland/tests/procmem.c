// userland/tests/procmem.c - what /proc says of a process's memory
// SPDX-License-Identifier: MIT
//
// The numbers are counted anew from /proc/self/pagemap and kpagecount.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    PAGES = 64,
};

// A page between two that are not: an area of its own.
static uint8_t *alone(size_t pages, int flags, int fd)
{
    uint8_t *guarded = mmap(NULL, (pages + 2) * PAGE, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *at = mmap(guarded + PAGE, pages * PAGE, PROT_READ | PROT_WRITE,
                       flags | MAP_FIXED, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    return at;
}

static bool areas(void)
{
    uint8_t *at = alone(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    bool ok = area_kib(at, "Size") == PAGES * 4 && area_kib(at, "Rss") == 0 &&
              area_kib(at, "KernelPageSize") == 4;

    memset(at, 1, 10 * PAGE);
    ok = ok && area_kib(at, "Rss") == 40 && area_kib(at, "Pss") == 40 &&
         area_kib(at, "Private_Dirty") == 40 &&
         area_kib(at, "Shared_Dirty") == 0 && area_kib(at, "Anonymous") == 40 &&
         area_kib(at, "Swap") == 0 && area_kib(at, "Locked") == 0 &&
         area_has_flag(at, "rd") && area_has_flag(at, "wr") &&
         !area_has_flag(at, "ex") && area_has_flag(at, "ac");
    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static int shares(void *at)
{
    return area_kib(at, "Rss") == 40 && area_kib(at, "Pss") == 20 &&
                   area_kib(at, "Shared_Dirty") == 40 &&
                   area_kib(at, "Private_Dirty") == 0
               ? 0
               : 1;
}

static bool shared_pages(void)
{
    uint8_t *at = alone(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    memset(at, 1, 10 * PAGE);
    bool ok = in_child(shares, at) == 0;
    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static bool resident_kinds(void)
{
    int fd = file_of_pages("/tmp", 8);
    uint8_t *shared = alone(8, MAP_SHARED, fd);
    long before = status_kib("VmRSS");
    long file = status_kib("RssFile"), shmem = status_kib("RssShmem");

    for (int i = 0; i < 8; i++)
        *(volatile uint8_t *)(shared + i * PAGE) = 9;
    // Linux sums these up in batches of 64 pages; ours are exact.
    bool ok = status_kib("VmRSS") >= before && status_kib("RssFile") >= 0 &&
              status_kib("RssShmem") >= shmem && file >= 0 &&
              status_kib("VmHWM") >= status_kib("VmRSS") &&
              status_kib("VmPeak") >= status_kib("VmSize");
    ok = ok && area_kib(shared, "Rss") == 32 && area_kib(shared, "Pss") == 32;
    ok = ok &&
         (pagemap(shared) & (PM_PRESENT | PM_FILE)) == (PM_PRESENT | PM_FILE);
    close(fd);
    return munmap(shared, 8 * PAGE) == 0 && ok;
}

static bool page_map(void)
{
    uint8_t *at = alone(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    at[0] = 1;
    bool ok = (pagemap(at) & (PM_PRESENT | PM_EXCLUSIVE | PM_FILE | PM_SWAP)) ==
                  (PM_PRESENT | PM_EXCLUSIVE) &&
              pagemap(at + PAGE) == 0 && (pagemap(at) & PM_FRAME) != 0 &&
              frame_number("/proc/kpagecount", pagemap(at) & PM_FRAME) == 1;
    // The page that all zeros are read from has no owner.
    ok = ok && *(volatile uint8_t *)(at + 2 * PAGE) == 0 &&
         (pagemap(at + 2 * PAGE) & PM_PRESENT) &&
         !(pagemap(at + 2 * PAGE) & PM_EXCLUSIVE);
    return munmap(at, 4 * PAGE) == 0 && ok;
}

static int maps_twice(void *at)
{
    return frame_number("/proc/kpagecount", pagemap(at) & PM_FRAME) == 2 ? 0
                                                                         : 1;
}

static bool page_count(void)
{
    uint8_t *at = alone(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    at[0] = 1;
    bool ok = in_child(maps_twice, at) == 0;
    return munmap(at, PAGE) == 0 && ok;
}

static int sees_no_frame(void *at)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t entry = 0;

    // What has changed its user may not look at itself, even.
    if (fd < 0)
        return errno == EACCES ? 0 : 1;
    if (pread(fd, &entry, 8, (off_t)((uintptr_t)at / PAGE * 8)) != 8)
        return 2;
    return (entry & PM_PRESENT) && !(entry & PM_FRAME) ? 0 : 3;
}

static bool frames_are_secret(void)
{
    uint8_t *at = alone(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    at[0] = 1;
    bool ok = as_user(sees_no_frame, at) == 0;
    return munmap(at, PAGE) == 0 && ok;
}

static bool page_map_reads(void)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t entries[2];
    bool ok = fails(pread(fd, entries, 8, 4), EINVAL) &&
              fails(pread(fd, entries, 7, 0), EINVAL) &&
              pread(fd, entries, 16, 0xc0000000u / PAGE * 8) == 0 &&
              pread(fd, entries, 16, 0) == 16 && entries[0] == 0;

    close(fd);
    return ok;
}

static bool clear_refs(void)
{
    uint8_t *at = alone(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    memset(at, 1, 8 * PAGE);
    bool ok = area_kib(at, "Referenced") == 32 &&
              set_text("/proc/self/clear_refs", "1") &&
              area_kib(at, "Referenced") == 0;

    at[0] = 2;
    // Linux flushes nothing: the CPU may know the page, and say no more.
    ok = ok && area_kib(at, "Referenced") <= 4 &&
         fails(set_text("/proc/self/clear_refs", "9") ? 0 : -1, EINVAL) &&
         fails(set_text("/proc/self/clear_refs", "x") ? 0 : -1, EINVAL);
    return munmap(at, 8 * PAGE) == 0 && ok;
}

static bool sizes(void)
{
    long size = status_kib("VmSize"), data = status_kib("VmData");
    uint8_t *at = map_pages(256);
    bool ok = status_kib("VmSize") >= size + 1000 &&
              status_kib("VmData") >= data + 1000;

    ok = ok && mprotect(at, 256 * PAGE, PROT_READ) == 0 &&
         status_kib("VmData") < data + 200 && status_kib("VmStk") > 0 &&
         status_kib("VmExe") > 0 && status_kib("VmPTE") > 0;
    return munmap(at, 256 * PAGE) == 0 && ok;
}

static bool rollup(void)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[256];
    long sum = 0, rss;

    if (!file)
        return false;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "Rss: %ld kB", &rss) == 1)
            sum += rss;
    fclose(file);
    rss = proc_kib("/proc/self/smaps_rollup", "Rss");
    ktap_note("sum %ld, rollup %ld", sum, rss);
    return rss >= sum - 64 && rss <= sum + 64;
}

static int uses(void *unused)
{
    uint8_t *at = map_pages(4096);
    struct rusage usage;

    (void)unused;
    memset(at, 1, 4096 * PAGE);
    munmap(at, 4096 * PAGE);
    return getrusage(RUSAGE_SELF, &usage) || usage.ru_maxrss < 15 << 10 ||
           usage.ru_minflt < 4096 / 16;
}

static bool usage(void)
{
    struct rusage usage;

    return in_child(uses, NULL) == 0 &&
           getrusage(RUSAGE_CHILDREN, &usage) == 0 &&
           usage.ru_maxrss >= 15 << 10;
}

int main(void)
{
    static const struct {
        const char *name;
        bool (*run)(void);
    } tests[] = {
        {"areas", areas},
        {"shared pages", shared_pages},
        {"resident kinds", resident_kinds},
        {"pagemap", page_map},
        {"kpagecount", page_count},
        {"frames are secret", frames_are_secret},
        {"pagemap reads", page_map_reads},
        {"clear_refs", clear_refs},
        {"sizes", sizes},
        {"rollup", rollup},
        {"usage", usage},
    };
    const unsigned count = sizeof(tests) / sizeof(*tests);

    ktap_plan(count);
    for (unsigned i = 0; i < count; i++)
        ktap_result(tests[i].run(), "%s", tests[i].name);
    return ktap_finish();
}
