// userland/tests/mlock.c - memory that stays in memory
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    ONFAULT = 1,
    MCL_FAULT = 4,
};

static void limit(rlim_t bytes)
{
    struct rlimit rlimit = {bytes, bytes};

    if (setrlimit(RLIMIT_MEMLOCK, &rlimit))
        ktap_bail("setrlimit: %s", strerror(errno));
}

static int lock2(void *at, size_t bytes, unsigned flags)
{
    return (int)syscall(SYS_mlock2, at, bytes, flags);
}

static int mlock_on_fault(void *at, size_t bytes)
{
    return lock2(at, bytes, ONFAULT);
}

// Not the C library's, which has other names for errors.
static long map_locked(void)
{
    return syscall(SYS_mmap2, NULL, PAGE, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
}

static bool is_present(const uint8_t *at)
{
    return pagemap(at) & PM_PRESENT;
}

static bool arguments(void)
{
    uint8_t *at = map_pages(1), *top = (uint8_t *)0xbffff000u;
    uint8_t *last =
        mmap(top, PAGE, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    // A length that is rounded up to 2^32 is 0.
    bool ok = mlock(at, (size_t)-1) == 0 && munlock(at, (size_t)-1) == 0 &&
              fails(mlock(at, (size_t)-1 - PAGE), EINVAL) &&
              fails(munlock(at, (size_t)-1 - PAGE), EINVAL) &&
              fails(lock2(at, (size_t)-1 - PAGE, ONFAULT), EINVAL) &&
              fails(lock2(at, PAGE, ~0u), EINVAL) && status_kib("VmLck") == 0;

    // Beyond the top there is nothing; below it, what there is is locked.
    ok = ok && fails(mlock(top + PAGE, PAGE), ENOMEM) &&
         fails(munlock(top + PAGE, PAGE), ENOMEM) && mlock(at, 0) == 0;
    if (last == top)
        ok = ok && fails(mlock(top, 2 * PAGE), ENOMEM) &&
             status_kib("VmLck") == 4 && munmap(top, PAGE) == 0;
    return munmap(at, PAGE) == 0 && ok;
}

static bool populates(void)
{
    uint8_t *at = map_pages(8);
    bool ok = !is_present(at) && mlock(at, 8 * PAGE) == 0;

    for (int i = 0; i < 8; i++)
        ok = ok && is_present(at + i * PAGE) &&
             (pagemap(at + i * PAGE) & PM_EXCLUSIVE);
    ok = ok && status_kib("VmLck") == 32 && area_has_flag(at, "lo") &&
         area_kib(at, "Locked") == 32;
    ok = ok && munlock(at, 8 * PAGE) == 0 && status_kib("VmLck") == 0 &&
         !area_has_flag(at, "lo") && is_present(at);
    return munmap(at, 8 * PAGE) == 0 && ok;
}

static bool read_only_private_is_read(void)
{
    int fd = file_of_pages("/tmp", 2);
    uint8_t *at = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    bool ok = mlock(at, 2 * PAGE) == 0 && is_present(at + PAGE) &&
              (pagemap(at) & PM_FILE); // the file's own page, no copy

    // Writable now: its own pages, at once.
    ok = ok && mprotect(at, 2 * PAGE, PROT_READ | PROT_WRITE) == 0 &&
         !(pagemap(at) & PM_FILE) && at[0] == 1 && at[PAGE] == 2;
    close(fd);
    return munmap(at, 2 * PAGE) == 0 && ok;
}

static bool counts_once(void)
{
    uint8_t *at = map_pages(8);
    bool ok = mlock(at, 4 * PAGE) == 0 && mlock(at, 4 * PAGE) == 0 &&
              mlock(at + 2 * PAGE, 4 * PAGE) == 0 && status_kib("VmLck") == 24;

    // In the middle of a page is the page; nothing is nothing.
    ok = ok && munlock(at + PAGE + 5, 1) == 0 && status_kib("VmLck") == 20 &&
         mlock(at + 7 * PAGE + 1, 0) == 0 && status_kib("VmLck") == 24;
    return munmap(at, 8 * PAGE) == 0 && ok && status_kib("VmLck") == 0;
}

static bool splits_and_merges(void)
{
    uint8_t *guarded = map_pages(10), *at = guarded + PAGE;
    bool ok = mprotect(guarded, PAGE, PROT_NONE) == 0 &&
              mprotect(guarded + 9 * PAGE, PAGE, PROT_NONE) == 0 &&
              area_count(at, 8) == 1;

    ok = ok && mlock(at + 2 * PAGE, PAGE) == 0 && area_count(at, 8) == 3;
    ok = ok && mlock(at, 8 * PAGE) == 0 && area_count(at, 8) == 1;
    ok = ok && munlock(at + 4 * PAGE, 4 * PAGE) == 0 && area_count(at, 8) == 2;
    ok = ok && munlock(at, 8 * PAGE) == 0 && area_count(at, 8) == 1;
    return munmap(guarded, 10 * PAGE) == 0 && ok;
}

static bool over_a_hole(void)
{
    uint8_t *at = map_pages(3);
    bool ok = munmap(at + PAGE, PAGE) == 0 &&
              fails(mlock(at, 3 * PAGE), ENOMEM) && status_kib("VmLck") == 4 &&
              fails(munlock(at, 3 * PAGE), ENOMEM) && status_kib("VmLck") == 0;

    ok = ok && fails(mlock(at + PAGE, PAGE), ENOMEM);
    return munmap(at, 3 * PAGE) == 0 && ok;
}

static bool what_cannot_be_had(void)
{
    int fd = file_of_pages("/tmp", 1);
    uint8_t *none =
        mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *beyond = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    // It is locked all the same, and counted.
    bool ok = fails(mlock(none, PAGE), ENOMEM) && status_kib("VmLck") == 4 &&
              fails(mlock(beyond, 2 * PAGE), ENOMEM) &&
              status_kib("VmLck") == 12;

    close(fd);
    return munmap(none, PAGE) == 0 && munmap(beyond, 2 * PAGE) == 0 && ok;
}

static bool on_fault(void)
{
    uint8_t *at = map_pages(4);
    bool ok = mlock_on_fault(at, 4 * PAGE) == 0 && !is_present(at) &&
              status_kib("VmLck") == 16;

    at[PAGE] = 1;
    ok = ok && is_present(at + PAGE) && !is_present(at) &&
         area_kib(at, "Locked") == 4;
    // A plain mlock makes good what this left out.
    ok = ok && mlock(at, 4 * PAGE) == 0 && is_present(at) &&
         status_kib("VmLck") == 16;
    ok = ok && fails(syscall(SYS_mlock2, at, PAGE, 2), EINVAL);
    return munmap(at, 4 * PAGE) == 0 && ok;
}

static int user_limits(void *unused)
{
    uint8_t *at = map_pages(8);

    (void)unused;
    // Rounded down to pages; counted as they are when they are locked already.
    if (!fails(mlock(at, 5 * PAGE), ENOMEM) || mlock(at, 3 * PAGE) ||
        mlock(at, 4 * PAGE) || mlock(at, 2 * PAGE) ||
        !fails(mlock(at + 4 * PAGE, PAGE), ENOMEM))
        return 1;
    if (!fails(map_locked(), EAGAIN))
        return 2;
    if (!fails(mlockall(MCL_CURRENT), ENOMEM) || mlockall(MCL_FUTURE))
        return 3;
    if (!fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
               EAGAIN))
        return 4;
    if (!fails(mremap(at, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE), EAGAIN))
        return 5;
    return munlockall() ? 6 : 0;
}

static int user_without(void *unused)
{
    uint8_t *at = map_pages(1);

    (void)unused;
    if (!fails(mlock(at, PAGE), EPERM) || !fails(mlock(at, 0), EPERM) ||
        !fails(mlockall(MCL_CURRENT), EPERM) ||
        !fails(mlockall(MCL_FUTURE), EPERM))
        return 1;
    if (!fails(map_locked(), EPERM))
        return 2;
    return munlock(at, PAGE) || munlockall() ? 3 : 0;
}

static bool limits(void)
{
    bool ok;

    limit(4 * PAGE + 100);
    int with = as_user(user_limits, NULL);
    uint8_t *at = map_pages(8);
    ok = mlock(at, 8 * PAGE) == 0 && munmap(at, 8 * PAGE) == 0; // root may
    limit(0);
    int without = as_user(user_without, NULL);
    limit(64 << 10);
    if (with || without)
        ktap_note("with %d, without %d", with, without);
    return ok && with == 0 && without == 0;
}

static int lock_all(void *unused)
{
    uint8_t *at = map_pages(4), *later;

    (void)unused;
    if (mlockall(MCL_CURRENT) || !is_present(at) || status_kib("VmLck") < 64)
        return 1;
    later = map_pages(4);
    if (is_present(later) || mlockall(MCL_FUTURE))
        return 2;
    later = map_pages(4);
    if (!is_present(later))
        return 3;
    // The break is mapped, too.
    uint8_t *heap = sbrk(0);
    if (syscall(SYS_brk, heap + 4 * PAGE) != (long)(heap + 4 * PAGE) ||
        !is_present(heap + 4 * PAGE - 1))
        return 4;
    if (mlockall(MCL_FUTURE | MCL_FAULT))
        return 5;
    later = map_pages(4);
    if (is_present(later))
        return 6;
    if (munlockall() || status_kib("VmLck") != 0)
        return 7;
    later = map_pages(4);
    if (is_present(later) || status_kib("VmLck") != 0)
        return 8;
    return fails(mlockall(0), EINVAL) && fails(mlockall(8), EINVAL) &&
                   fails(mlockall(MCL_FAULT), EINVAL)
               ? 0
               : 9;
}

static bool all(void)
{
    int status = in_child(lock_all, NULL);

    if (status)
        ktap_note("stopped at %d", status);
    return status == 0;
}

static int unlocked_child(void *at)
{
    return status_kib("VmLck") != 0 || area_has_flag(at, "lo");
}

static bool not_inherited(void)
{
    uint8_t *at = map_pages(4);
    bool ok = mlock(at, 4 * PAGE) == 0 && in_child(unlocked_child, at) == 0 &&
              status_kib("VmLck") == 16;

    return munmap(at, 4 * PAGE) == 0 && ok;
}

static bool moves_with_mremap(void)
{
    uint8_t *at = map_pages(8);
    bool ok = munmap(at + 4 * PAGE, PAGE) == 0 && mlock(at, 4 * PAGE) == 0;

    // There are pages behind it: it has to move, and what is new is there.
    uint8_t *moved = mremap(at, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
    ok = ok && moved != MAP_FAILED && moved != at &&
         is_present(moved + 5 * PAGE) && status_kib("VmLck") == 24;
    ok = ok && mremap(moved, 6 * PAGE, PAGE, 0) == moved &&
         status_kib("VmLck") == 4;
    return munmap(moved, PAGE) == 0 && munmap(at, 8 * PAGE) == 0 && ok &&
           status_kib("VmLck") == 0;
}

static bool stays(void)
{
    uint8_t *at = map_pages(4);

    memset(at, 7, 4 * PAGE);
    bool ok = mlock(at, 2 * PAGE) == 0;
    // What is locked cannot be given up, nor paged out.
    ok = ok && fails(madvise(at, 2 * PAGE, MADV_DONTNEED), EINVAL) &&
         fails(madvise(at, 2 * PAGE, 21), EINVAL) &&
         fails(madvise(at, 2 * PAGE, 8), EINVAL) && is_present(at);
    return munmap(at, 4 * PAGE) == 0 && ok;
}

static bool counted(void)
{
    const size_t pages = 512;
    uint8_t *at = map_pages(pages);
    long before = meminfo_kib("Mlocked");
    bool ok = mlock(at, pages * PAGE) == 0;
    long with = meminfo_kib("Mlocked");

    ok = ok && meminfo_kib("Unevictable") >= with;
    ok = ok && munlock(at, pages * PAGE) == 0;
    long after = meminfo_kib("Mlocked");
    ktap_note("Mlocked %ld, %ld, %ld", before, with, after);
    // Linux counts in batches.
    return munmap(at, pages * PAGE) == 0 && ok && with - before >= 1600 &&
           with - before <= 2400 && after - before < 400;
}

static bool shared_page(void)
{
    uint8_t *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool ok = mlock(at, PAGE) == 0 && is_present(at) && at[0] == 0;

    at[0] = 5;
    ok = ok && munlock(at, PAGE) == 0 && at[0] == 5;
    return munmap(at, PAGE) == 0 && ok;
}

// Those that it locked are looked at, each once, and are free to leave.
static bool shared_unlock(void)
{
    int id = shmget(IPC_PRIVATE, 20 * PAGE, 0600);
    uint8_t *at = shmat(id, NULL, 0);
    long before, after;

    memset(at, 1, 16 * PAGE);
    bool ok = shmctl(id, SHM_LOCK, NULL) == 0;
    before = vmstat("unevictable_pgs_scanned");
    ok = ok && shmctl(id, SHM_UNLOCK, NULL) == 0;
    after = vmstat("unevictable_pgs_scanned");
    ok = ok && before >= 0 && after - before == 16 &&
         vmstat("unevictable_pgs_cleared") == 0;
    shmdt(at);
    return shmctl(id, IPC_RMID, NULL) == 0 && ok;
}

int main(void)
{
    static const struct ktap_test tests[] = {
        {"arguments", arguments},
        {"populates", populates},
        {"read-only private memory is read", read_only_private_is_read},
        {"counts once", counts_once},
        {"splits and merges", splits_and_merges},
        {"over a hole", over_a_hole},
        {"what cannot be had", what_cannot_be_had},
        {"on fault", on_fault},
        {"limits", limits},
        {"all", all},
        {"not inherited", not_inherited},
        {"moves with mremap", moves_with_mremap},
        {"shared memory is unlocked", shared_unlock},
        {"stays", stays},
        {"counted", counted},
        {"shared page", shared_page},
    };

    return ktap_run_program(tests, sizeof(tests) / sizeof(*tests));
}
