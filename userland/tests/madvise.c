// userland/tests/madvise.c - advice on memory, and what of it is there
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum { // of linux/mman.h; the C library's may be older
    FREE = 8,
    REMOVE = 9,
    DONTFORK = 10,
    DOFORK = 11,
    DONTDUMP = 16,
    DODUMP = 17,
    WIPEONFORK = 18,
    KEEPONFORK = 19,
    COLD = 20,
    PAGEOUT = 21,
    POPULATE_READ = 22,
    POPULATE_WRITE = 23,
};

static int advise(void *at, size_t bytes, int advice)
{
    return (int)syscall(SYS_madvise, at, bytes, advice);
}

static bool is_all(const uint8_t *at, size_t bytes, uint8_t value)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != value)
            return false;
    return true;
}

static bool is_present(const uint8_t *at)
{
    return pagemap(at) & PM_PRESENT;
}

static const int all[] = {
    MADV_NORMAL,    MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
    MADV_DONTNEED,  FREE,        REMOVE,          DONTFORK,
    DOFORK,         DONTDUMP,    DODUMP,          WIPEONFORK,
    KEEPONFORK,     COLD,        PAGEOUT,         POPULATE_READ,
    POPULATE_WRITE,
};

static bool arguments(void)
{
    uint8_t *at = map_pages(2), *above = (uint8_t *)0xc0000000u;
    bool ok =
        fails(advise(at + 1, PAGE, MADV_NORMAL), EINVAL) &&
        fails(advise(at, PAGE, 1234), EINVAL) &&
        fails(advise(at, (size_t)-1, MADV_NORMAL), EINVAL) &&
        fails(advise((void *)0xfffff000u, 2 * PAGE, MADV_NORMAL), EINVAL) &&
        advise(at, 0, MADV_DONTNEED) == 0 &&
        fails(advise(at, 0, 1234), EINVAL) &&
        fails(advise((void *)0xfffe0000u, PAGE, MADV_NORMAL), ENOMEM) &&
        advise((void *)0x10000, 0, MADV_NORMAL) == 0;

    // Nothing is there: each that looks at pages says so.
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        ok = ok && fails(advise(above, PAGE, all[i]), ENOMEM) &&
             fails(advise((void *)0x20000000, PAGE, all[i]), ENOMEM) &&
             fails(advise(at + 1, PAGE, all[i]), EINVAL);
    return munmap(at, 2 * PAGE) == 0 && ok;
}

static bool holes(void)
{
    uint8_t *at = map_pages(3);

    memset(at, 1, 3 * PAGE);
    bool ok = munmap(at + PAGE, PAGE) == 0 &&
              fails(advise(at, 3 * PAGE, MADV_DONTNEED), ENOMEM) &&
              is_all(at, PAGE, 0) && is_all(at + 2 * PAGE, PAGE, 0);

    return munmap(at, 3 * PAGE) == 0 && ok;
}

static bool dont_need(void)
{
    int fd = file_of_pages("/tmp", 2);
    uint8_t *at = map_pages(4);
    uint8_t *file =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

    memset(at, 1, 4 * PAGE);
    memset(file, 9, 2 * PAGE);
    bool ok = advise(at + PAGE, 2 * PAGE, MADV_DONTNEED) == 0 &&
              is_all(at, PAGE, 1) && is_all(at + PAGE, 2 * PAGE, 0) &&
              is_all(at + 3 * PAGE, PAGE, 1);

    // The file's own bytes come back.
    ok = ok && advise(file, PAGE, MADV_DONTNEED) == 0 &&
         is_all(file, PAGE, 1) && is_all(file + PAGE, PAGE, 9);
    close(fd);
    return munmap(at, 4 * PAGE) == 0 && munmap(file, 2 * PAGE) == 0 && ok;
}

static bool read_ahead_flags(void)
{
    uint8_t *guarded = map_pages(6), *at = guarded + PAGE;
    bool ok = mprotect(guarded, PAGE, PROT_NONE) == 0 &&
              mprotect(guarded + 5 * PAGE, PAGE, PROT_NONE) == 0 &&
              advise(at, 2 * PAGE, MADV_RANDOM) == 0 &&
              area_has_flag(at, "rr") && area_count(at, 4) == 2;

    ok = ok && advise(at, 4 * PAGE, MADV_SEQUENTIAL) == 0 &&
         area_has_flag(at, "sr") && !area_has_flag(at, "rr") &&
         area_count(at, 4) == 1;
    ok = ok && advise(at, 4 * PAGE, MADV_NORMAL) == 0 &&
         !area_has_flag(at, "sr");
    return munmap(guarded, 6 * PAGE) == 0 && ok;
}

static bool will_need(void)
{
    int fd = file_of_pages("/tmp", 2);
    uint8_t *at = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    uint8_t *anonymous = map_pages(2);
    bool ok = advise(at, 2 * PAGE, MADV_WILLNEED) == 0 && at[PAGE] == 2 &&
              advise(anonymous, 2 * PAGE, MADV_WILLNEED) == 0 &&
              !is_present(anonymous);

    close(fd);
    return munmap(at, 2 * PAGE) == 0 && munmap(anonymous, 2 * PAGE) == 0 && ok;
}

static bool free_pages(void)
{
    int fd = file_of_pages("/tmp", 1);
    uint8_t *at = map_pages(4);
    uint8_t *file =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    uint8_t *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    memset(at, 3, 4 * PAGE);
    bool ok = advise(at, 3 * PAGE, FREE) == 0 && is_present(at);
    // Each page is what it was, or zeros; what is written now stays.
    for (int i = 0; i < 3; i++)
        ok = ok &&
             (is_all(at + i * PAGE, PAGE, 3) || is_all(at + i * PAGE, PAGE, 0));
    at[PAGE] = 4;
    ok = ok && at[PAGE] == 4 && is_all(at + 3 * PAGE, PAGE, 3);
    // Reclaim takes the others, and not this.
    ok = ok && advise(at, 4 * PAGE, PAGEOUT) == 0 && at[PAGE] == 4 &&
         (at[2 * PAGE] == 0 || at[2 * PAGE] == 3) && at[3 * PAGE] == 3;
    ok = ok && fails(advise(file, PAGE, FREE), EINVAL) &&
         fails(advise(shared, PAGE, FREE), EINVAL);
    close(fd);
    return munmap(at, 4 * PAGE) == 0 && munmap(file, PAGE) == 0 &&
           munmap(shared, PAGE) == 0 && ok;
}

static bool lazy_free_is_shown(void)
{
    uint8_t *guarded = map_pages(6), *at = guarded + PAGE;

    mprotect(guarded, PAGE, PROT_NONE);
    mprotect(guarded + 5 * PAGE, PAGE, PROT_NONE);
    memset(at, 3, 4 * PAGE);
    bool ok = advise(at, 2 * PAGE, PAGEOUT) == 0; // off any batch of Linux's
    memset(at, 3, 4 * PAGE);
    ok = ok && advise(at, 4 * PAGE, FREE) == 0;
    at[0] = 1;
    ktap_note("LazyFree %ld", area_kib(at, "LazyFree"));
    ok = ok && area_kib(at, "LazyFree") <= 12 && at[0] == 1;
    return munmap(guarded, 6 * PAGE) == 0 && ok;
}

static bool remove_hole(void)
{
    int fd = file_of_pages("/tmp", 3);
    uint8_t *at =
        mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint8_t *private =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    uint8_t *shown = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    uint8_t *anonymous = map_pages(1), byte;

    bool ok = advise(at + PAGE, PAGE, REMOVE) == 0 &&
              is_all(at + PAGE, PAGE, 0) && is_all(at, PAGE, 1) &&
              is_all(at + 2 * PAGE, PAGE, 3);

    ok = ok && pread(fd, &byte, 1, PAGE) == 1 && byte == 0;
    ok = ok && fails(advise(private, PAGE, REMOVE), EACCES) &&
         advise(shown, PAGE, REMOVE) == 0 && at[0] == 0 && // it may write
         fails(advise(anonymous, PAGE, REMOVE), EINVAL);
    ok = ok && mlock(at, PAGE) == 0 && fails(advise(at, PAGE, REMOVE), EINVAL);
    close(fd);
    return munmap(at, 3 * PAGE) == 0 && munmap(private, PAGE) == 0 &&
           munmap(shown, PAGE) == 0 && munmap(anonymous, PAGE) == 0 && ok;
}

static int reads(void *at)
{
    return *(volatile uint8_t *)at;
}

static bool fork_flags(void)
{
    uint8_t *at = map_pages(1);
    uint8_t *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    at[0] = 6;
    bool ok = in_child(reads, at) == 6 && advise(at, PAGE, DONTFORK) == 0 &&
              in_child(reads, at) == -11 && area_has_flag(at, "dc") &&
              advise(at, PAGE, DOFORK) == 0 && in_child(reads, at) == 6;

    ok = ok && advise(at, PAGE, WIPEONFORK) == 0 && in_child(reads, at) == 0 &&
         at[0] == 6 && area_has_flag(at, "wf") &&
         advise(at, PAGE, KEEPONFORK) == 0 && in_child(reads, at) == 6;
    ok = ok && fails(advise(shared, PAGE, WIPEONFORK), EINVAL);
    return munmap(at, PAGE) == 0 && munmap(shared, PAGE) == 0 && ok;
}

static bool dump_flags(void)
{
    uint8_t *at = map_pages(1);
    bool ok = advise(at, PAGE, DONTDUMP) == 0 && area_has_flag(at, "dd") &&
              advise(at, PAGE, DODUMP) == 0 && !area_has_flag(at, "dd");

    return munmap(at, PAGE) == 0 && ok;
}

static bool cold(void)
{
    uint8_t *at = map_pages(4);

    memset(at, 8, 4 * PAGE);
    bool ok = advise(at, 4 * PAGE, COLD) == 0 && is_present(at) &&
              is_all(at, 4 * PAGE, 8);

    return munmap(at, 4 * PAGE) == 0 && ok;
}

static bool page_out(void)
{
    const size_t pages = 64;
    uint8_t *at = map_pages(pages);
    size_t out = 0;

    for (size_t i = 0; i < pages; i++)
        memset(at + i * PAGE, (int)i + 1, PAGE);
    bool ok = advise(at, pages * PAGE, PAGEOUT) == 0;
    // Some may still be under way.
    for (size_t i = 0; i < pages; i++)
        out += (pagemap(at + i * PAGE) & PM_SWAP) != 0;
    ktap_note("%zu of %zu are out", out, pages);
    ok = ok && out >= pages / 2;
    for (size_t i = 0; i < pages; i++)
        ok = ok && is_all(at + i * PAGE, PAGE, (uint8_t)(i + 1));
    return munmap(at, pages * PAGE) == 0 && ok;
}

static bool will_need_of_swap(void)
{
    uint8_t *at = map_pages(8), there[8];

    memset(at, 5, 8 * PAGE);
    bool ok = advise(at, 8 * PAGE, PAGEOUT) == 0 &&
              advise(at, 8 * PAGE, MADV_WILLNEED) == 0;

    for (int tries = 0; ok && tries < 100; tries++) {
        ok = syscall(SYS_mincore, at, 8 * PAGE, there) == 0;
        if (!memchr(there, 0, 8))
            break;
        usleep(10000);
    }
    ok = ok && !memchr(there, 0, 8) && is_all(at, 8 * PAGE, 5);
    return munmap(at, 8 * PAGE) == 0 && ok;
}

static bool populate(void)
{
    int fd = file_of_pages("/tmp", 1);
    uint8_t *at = map_pages(4);
    uint8_t *shown =
        mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *none =
        mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *beyond = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    bool ok = advise(at, 2 * PAGE, POPULATE_READ) == 0 && is_present(at) &&
              !(pagemap(at) & PM_EXCLUSIVE) && // the zero page
              advise(at, 2 * PAGE, POPULATE_WRITE) == 0 &&
              (pagemap(at + PAGE) & PM_EXCLUSIVE) && !is_present(at + 2 * PAGE);

    ok = ok && fails(advise(shown, PAGE, POPULATE_WRITE), EINVAL) &&
         fails(advise(none, PAGE, POPULATE_READ), EINVAL) &&
         fails(advise(beyond, 2 * PAGE, POPULATE_READ), EFAULT);
    ok = ok && munmap(at + PAGE, PAGE) == 0 &&
         fails(advise(at, 3 * PAGE, POPULATE_READ), ENOMEM) &&
         is_present(at + 2 * PAGE);
    close(fd);
    return munmap(at, 4 * PAGE) == 0 && munmap(shown, PAGE) == 0 &&
           munmap(none, PAGE) == 0 && munmap(beyond, 2 * PAGE) == 0 && ok;
}

static int populates_shared(void *at)
{
    struct rusage before, after;

    if (advise(at, 8 * PAGE, POPULATE_WRITE))
        return 1;
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < 8; i++)
        ((volatile uint8_t *)at)[i * PAGE] = 2;
    getrusage(RUSAGE_SELF, &after);
    // getrusage's own data may be a fault more.
    return after.ru_minflt - before.ru_minflt < 4 &&
                   after.ru_majflt == before.ru_majflt
               ? 0
               : 2;
}

// What is paged out and has to be copied, too, is there and writable at once.
static bool populate_shared(void)
{
    uint8_t *at = map_pages(8);

    memset(at, 1, 8 * PAGE);
    bool ok = advise(at, 8 * PAGE, PAGEOUT) == 0 &&
              in_child(populates_shared, at) == 0 && is_all(at, 8 * PAGE, 1);
    return munmap(at, 8 * PAGE) == 0 && ok;
}

static bool residency(void)
{
    int fd = file_of_pages("/tmp", 3);
    uint8_t *at = map_pages(4), there[5];
    uint8_t *file = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

    at[PAGE] = 1;
    memset(there, 0xff, sizeof(there));
    bool ok = syscall(SYS_mincore, at, 4 * PAGE - 5, there) == 0 &&
              there[0] == 0 && there[1] == 1 && there[2] == 0 &&
              there[3] == 0 && there[4] == 0xff;

    // In the cache, though not mapped here.
    ok = ok && syscall(SYS_mincore, file, 3 * PAGE, there) == 0 &&
         there[0] == 1 && there[2] == 1;
    ok = ok && fails(syscall(SYS_mincore, at + 1, PAGE, there), EINVAL) &&
         fails(syscall(SYS_mincore, at, PAGE, (void *)16), EFAULT) &&
         fails(syscall(SYS_mincore, at, PAGE, (void *)0xfffff000u), EFAULT) &&
         fails(syscall(SYS_mincore, at, 0xfffff000u, there), ENOMEM) &&
         syscall(SYS_mincore, at, 0, there) == 0;
    ok = ok && munmap(at + 2 * PAGE, PAGE) == 0 &&
         fails(syscall(SYS_mincore, at, 4 * PAGE, there), ENOMEM);
    close(fd);
    return munmap(at, 4 * PAGE) == 0 && munmap(file, 3 * PAGE) == 0 && ok;
}

static int foreign_residency(void *file)
{
    uint8_t there[64];

    if (syscall(SYS_mincore, file, 64 * PAGE, there) != 0)
        return 1;
    return memchr(there, 0, 64) ? 2 : 0;
}

// A program file of root's: nobody else is told what of it is in memory.
static bool residency_of_others(void)
{
    int fd = open("/bin/busybox", O_RDONLY);
    uint8_t *file = mmap(NULL, 64 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    bool ok = as_user(foreign_residency, file) == 0;

    close(fd);
    return munmap(file, 64 * PAGE) == 0 && ok;
}

int main(void)
{
    static const struct ktap_test tests[] = {
        {"arguments", arguments},
        {"holes", holes},
        {"dont need", dont_need},
        {"read-ahead flags", read_ahead_flags},
        {"will need", will_need},
        {"free", free_pages},
        {"lazy free is shown", lazy_free_is_shown},
        {"remove", remove_hole},
        {"fork flags", fork_flags},
        {"dump flags", dump_flags},
        {"cold", cold},
        {"page out", page_out},
        {"will need of swap", will_need_of_swap},
        {"populate", populate},
        {"populate what is shared", populate_shared},
        {"residency", residency},
        {"residency of others", residency_of_others},
    };

    return ktap_run_program(tests, sizeof(tests) / sizeof(*tests));
}
