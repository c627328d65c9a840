// userland/tests/overcommit.c - promises of memory, and the limits on it
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"
#include "overcommit.h"

enum {
    BIG = 16 * MIB,
    BIG_KIB = BIG / 1024,
    HUGE = 0x70000000, // fits below the stack; 1.75 GiB
    SLACK_KIB = 1024,  // Linux counts in batches
};

bool is_near(long kib, long expected)
{
    return kib >= expected - SLACK_KIB && kib <= expected + SLACK_KIB;
}

static uint8_t *map(size_t bytes, int prot, int flags)
{
    return mmap(NULL, bytes, prot, flags | MAP_ANONYMOUS, -1, 0);
}

static long committed_by(size_t bytes, int prot, int flags)
{
    long before = meminfo_kib("Committed_AS");
    uint8_t *at = map(bytes, prot, flags);
    long with = meminfo_kib("Committed_AS");

    if (at == MAP_FAILED || munmap(at, bytes))
        return -1;
    return is_near(meminfo_kib("Committed_AS"), before) ? with - before : -2;
}

static bool what_counts(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    bool ok = is_near(committed_by(BIG, rw, MAP_PRIVATE), BIG_KIB) &&
              is_near(committed_by(BIG, PROT_READ, MAP_PRIVATE), 0) &&
              is_near(committed_by(BIG, PROT_NONE, MAP_PRIVATE), 0) &&
              is_near(committed_by(BIG, rw, MAP_PRIVATE | MAP_NORESERVE), 0);

    return ok;
}

static bool shared_counts(void)
{
    const int rw = PROT_READ | PROT_WRITE;

    return is_near(committed_by(BIG, rw, MAP_SHARED), BIG_KIB) &&
           is_near(committed_by(BIG, PROT_READ, MAP_SHARED), BIG_KIB);
}

static bool protect_counts(void)
{
    long before = meminfo_kib("Committed_AS");
    uint8_t *at = map(BIG, PROT_READ, MAP_PRIVATE);
    bool ok = is_near(meminfo_kib("Committed_AS"), before) &&
              mprotect(at, BIG / 2, PROT_READ | PROT_WRITE) == 0 &&
              is_near(meminfo_kib("Committed_AS"), before + BIG_KIB / 2);

    // A promise is kept when it is read-only again.
    ok = ok && mprotect(at, BIG / 2, PROT_READ) == 0 &&
         is_near(meminfo_kib("Committed_AS"), before + BIG_KIB / 2) &&
         area_has_flag(at, "ac") && area_count(at, BIG / PAGE) == 2;
    return munmap(at, BIG) == 0 && ok &&
           is_near(meminfo_kib("Committed_AS"), before);
}

static bool moving_counts_once(void)
{
    long before = meminfo_kib("Committed_AS");
    uint8_t *at = map(BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    uint8_t *guard = mmap(at + BIG / 2, PAGE, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    uint8_t *to = mremap(at, BIG / 2, BIG, MREMAP_MAYMOVE);
    bool ok = guard != MAP_FAILED && to != MAP_FAILED && to != at &&
              is_near(meminfo_kib("Committed_AS"), before + BIG_KIB * 3 / 2);

    ok = ok && munmap(to, BIG) == 0 && munmap(at, BIG) == 0;
    return ok && is_near(meminfo_kib("Committed_AS"), before);
}

static int holds(void *argument)
{
    long before = *(long *)argument;

    return is_near(meminfo_kib("Committed_AS"), before + 2 * BIG_KIB) ? 0 : 1;
}

static bool fork_counts(void)
{
    long before = meminfo_kib("Committed_AS");
    uint8_t *at = map(BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    bool ok = in_child(holds, &before) == 0 &&
              is_near(meminfo_kib("Committed_AS"), before + BIG_KIB);

    return munmap(at, BIG) == 0 && ok;
}

static bool guess(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    size_t too_much = HUGE;
    long total = meminfo_kib("MemTotal") + meminfo_kib("SwapTotal");
    bool big_machine = total > (long)(too_much / 1024);
    uint8_t *at;
    bool ok = set_text(SYSCTL("overcommit_memory"), "0");

    at = map(too_much, rw, MAP_PRIVATE);
    ok = ok && (big_machine ? at != MAP_FAILED && munmap(at, too_much) == 0
                            : fails(at, ENOMEM));
    at = map(too_much, rw, MAP_PRIVATE | MAP_NORESERVE);
    ok = ok && at != MAP_FAILED && munmap(at, too_much) == 0;
    at = map(too_much, PROT_READ, MAP_PRIVATE);
    ok = ok && at != MAP_FAILED &&
         (big_machine || fails(mprotect(at, too_much, rw), ENOMEM)) &&
         munmap(at, too_much) == 0;
    return ok;
}

static bool always(void)
{
    bool ok = set_text(SYSCTL("overcommit_memory"), "1");
    uint8_t *at = map(HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);

    ok = ok && at != MAP_FAILED && munmap(at, HUGE) == 0;
    return set_text(SYSCTL("overcommit_memory"), "0") && ok;
}

static uint8_t *ballast;
static size_t ballast_bytes;

void promise_no_more_than(long kib)
{
    char text[32];

    // More than swap: the limit is of memory and swap together.
    ballast_bytes = (size_t)(meminfo_kib("SwapTotal") + 8 * 1024) << 10;
    ballast = map(ballast_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    if (ballast == MAP_FAILED)
        ktap_bail("ballast of %zu: %s", ballast_bytes, strerror(errno));
    snprintf(text, sizeof(text), "%ld",
             meminfo_kib("Committed_AS") - meminfo_kib("SwapTotal") + kib);
    if (!set_text(SYSCTL("user_reserve_kbytes"), "0") ||
        !set_text(SYSCTL("admin_reserve_kbytes"), "0") ||
        !set_text(SYSCTL("overcommit_kbytes"), text) ||
        !set_text(SYSCTL("overcommit_memory"), "2"))
        ktap_bail("sysctl: %s", strerror(errno));
}

bool promise_as_usual(void)
{
    return set_text(SYSCTL("overcommit_memory"), "0") &&
           set_text(SYSCTL("overcommit_ratio"), "50") &&
           munmap(ballast, ballast_bytes) == 0;
}

static bool never(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    long limit, total = meminfo_kib("MemTotal");
    bool ok;

    promise_no_more_than(BIG_KIB * 2);
    limit = meminfo_kib("CommitLimit");
    uint8_t *at = map(BIG, rw, MAP_PRIVATE);
    ok = at != MAP_FAILED && fails(map(2 * BIG, rw, MAP_PRIVATE), ENOMEM) &&
         fails(map(2 * BIG, rw, MAP_PRIVATE | MAP_NORESERVE), ENOMEM) &&
         fails(map(2 * BIG, rw, MAP_SHARED), ENOMEM) &&
         fails(mremap(at, BIG, 3 * BIG, MREMAP_MAYMOVE), ENOMEM);
    uint8_t *readable = map(2 * BIG, PROT_READ, MAP_PRIVATE);
    ok = ok && readable != MAP_FAILED &&
         fails(mprotect(readable, 2 * BIG, rw), ENOMEM);
    // All that this process has, once more.
    ok = ok && fails(fork(), ENOMEM);
    uint8_t *heap = sbrk(0);
    ok = ok && syscall(SYS_brk, heap + 2 * BIG) == (long)heap;
    ok = munmap(readable, 2 * BIG) == 0 && munmap(at, BIG) == 0 && ok;
    ok = promise_as_usual() && ok;
    ktap_note("CommitLimit %ld of %ld", limit, total);
    return ok &&
           is_near(meminfo_kib("CommitLimit"),
                   total / 2 + meminfo_kib("SwapTotal")) &&
           fails(set_text(SYSCTL("overcommit_memory"), "3") ? 0 : -1, EINVAL);
}

static int address_space(void *unused)
{
    struct rlimit limit = {(rlim_t)(status_kib("VmSize") + 64) << 10,
                           RLIM_INFINITY};
    uint8_t *heap = sbrk(0), *at;

    (void)unused;
    if (setrlimit(RLIMIT_AS, &limit))
        return 1;
    if (!fails(map(128 << 10, PROT_NONE, MAP_PRIVATE), ENOMEM))
        return 2;
    at = map(32 << 10, PROT_READ, MAP_PRIVATE);
    if (at == MAP_FAILED)
        return 3;
    // What is replaced does not count twice.
    if (mmap(at, 64 << 10, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
             0) != MAP_FAILED)
        munmap(at, 64 << 10);
    if (syscall(SYS_brk, heap + (128 << 10)) != (long)heap)
        return 4;
    return 0;
}

static int data(void *unused)
{
    struct rlimit limit = {(rlim_t)(status_kib("VmData") + 64) << 10,
                           RLIM_INFINITY};
    uint8_t *at;

    (void)unused;
    if (setrlimit(RLIMIT_DATA, &limit))
        return 1;
    if (!fails(map(128 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE), ENOMEM))
        return 2;
    at = map(128 << 10, PROT_READ, MAP_PRIVATE);
    if (at == MAP_FAILED ||
        !fails(mprotect(at, 128 << 10, PROT_READ | PROT_WRITE), ENOMEM))
        return 3;
    if (map(128 << 10, PROT_READ | PROT_WRITE, MAP_SHARED) == MAP_FAILED)
        return 4;
    uint8_t *heap = sbrk(0);
    return syscall(SYS_brk, heap + (256 << 10)) == (long)heap ? 0 : 5;
}

static bool limits(void)
{
    int as = in_child(address_space, NULL), private = in_child(data, NULL);

    if (as || private)
        ktap_note("as %d, data %d", as, private);
    return as == 0 && private == 0;
}

static int low_page(void *argument)
{
    void *at = mmap(argument, PAGE, PROT_READ,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    return at == argument ? 0 : errno;
}

static bool low_addresses(void)
{
    void *zero = NULL, *low = (void *)0x8000, *first = (void *)0x10000;

    return as_user(low_page, zero) == EPERM &&
           as_user(low_page, low) == EPERM && as_user(low_page, first) == 0 &&
           in_child(low_page, low) == 0 && in_child(low_page, zero) == 0;
}

static int many_areas(void *unused)
{
    uint8_t *at = map_pages(400);
    int made = 0;

    (void)unused;
    if (!set_text(SYSCTL("max_map_count"), "100"))
        return 1;
    for (; made < 200; made++)
        if (mprotect(at + (size_t)made * 2 * PAGE, PAGE, PROT_NONE))
            break;
    int error = errno;
    bool refused = fails(munmap(at + 300 * PAGE, PAGE), ENOMEM);
    set_text(SYSCTL("max_map_count"), "65530");
    return error == ENOMEM && made > 30 && made < 60 && refused ? 0 : 2;
}

static bool area_limit(void)
{
    bool ok = in_child(many_areas, NULL) == 0;

    return set_text(SYSCTL("max_map_count"), "65530") && ok;
}

int main(void)
{
    static const struct ktap_test tests[] = {
        {"what counts", what_counts},
        {"shared memory counts", shared_counts},
        {"mprotect counts", protect_counts},
        {"moving counts once", moving_counts_once},
        {"fork counts", fork_counts},
        {"mode 0", guess},
        {"mode 1", always},
        {"mode 2", never},
        {"mode 2, shared memory", shared_never},
        {"mode 2, segments", segments_never},
        {"mode 2, files in memory", files_never},
        {"mode 2, reserving", reserving_never},
        {"mode 2, faults", faults_never},
        {"files in memory count", files_count},
        {"limits", limits},
        {"low addresses", low_addresses},
        {"number of areas", area_limit},
    };

    return ktap_run_program(tests, sizeof(tests) / sizeof(*tests));
}
