// userland/tests/mmap_flags.c - what flags of mmap do, and kinds of files
// SPDX-License-Identifier: MIT

#include "mmap.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ktap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

enum {
    AREAS = 300, // more than fit into one page of entries of a list
};

static bool is_present(const uint8_t *at)
{
    return pagemap(at) & PM_PRESENT;
}

static bool not_to_replace(void)
{
    uint8_t *at = map_alone(3, RW);

    at[0] = 1;
    bool ok = munmap(at + PAGE, PAGE) == 0 &&
              map_at((uintptr_t)at + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE,
                     -1, 0) == at + PAGE;

    ok = ok &&
         fails(
             map_at((uintptr_t)at, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
             EEXIST) &&
         fails(map_at((uintptr_t)at - 8 * PAGE, 16 * PAGE, RW,
                      ANON | MAP_FIXED_NOREPLACE, -1, 0),
               EEXIST) &&
         fails(map_at((uintptr_t)at, PAGE, RW,
                      ANON | MAP_FIXED | MAP_FIXED_NOREPLACE, -1, 0),
               EEXIST) &&
         at[0] == 1;
    unmap_alone(at, 3);
    return ok;
}

// What was there stays: the file is looked at first.
static bool fixed_that_fails(void)
{
    int fd = open("/dev/null", O_RDWR);
    uint8_t *at = map_alone(1, RW);
    bool ok =
        fails(map_at((uintptr_t)at, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0),
              ENODEV) &&
        read_dies(at) == 0;

    close(fd);
    unmap_alone(at, 1);
    return ok;
}

static bool populate(void)
{
    int fd = file_of_pages("/tmp", 4);
    uint8_t *plain = map_at(0, 4 * PAGE, RW, ANON, -1, 0);
    uint8_t *at = map_at(0, 4 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
    uint8_t *shared = map_at(0, 4 * PAGE, RW, MAP_SHARED | MAP_POPULATE, fd, 0);
    uint8_t *read = map_at(0, 4 * PAGE, PROT_READ, ANON | MAP_POPULATE, -1, 0);
    uint8_t *none = map_at(0, PAGE, PROT_NONE, ANON | MAP_POPULATE, -1, 0);
    uint8_t *late =
        map_at(0, PAGE, RW, ANON | MAP_POPULATE | MAP_NONBLOCK, -1, 0);
    bool ok = !is_present(plain) && is_present(at + 3 * PAGE) &&
              (pagemap(at) & PM_EXCLUSIVE) && is_present(shared + 3 * PAGE) &&
              is_present(read + 3 * PAGE) && !is_present(none) &&
              !is_present(late);

    close(fd);
    munmap(plain, 4 * PAGE);
    munmap(at, 4 * PAGE);
    munmap(shared, 4 * PAGE);
    munmap(read, 4 * PAGE);
    munmap(none, PAGE);
    munmap(late, PAGE);
    return ok;
}

// Pages behind the end of the file cannot be had, which nobody is told.
static bool populate_beyond(void)
{
    int fd = file_of_pages("/tmp", 1);
    uint8_t *at =
        map_at(0, 3 * PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    bool ok = at != MAP_FAILED && is_present(at) && !is_present(at + PAGE) &&
              read_dies(at + PAGE) == SIGBUS;

    close(fd);
    munmap(at, 3 * PAGE);
    return ok;
}

static bool locked(void)
{
    uint8_t *at = map_at(0, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
    bool ok = at != MAP_FAILED && is_present(at + PAGE) &&
              area_has_flag(at, "lo") && status_kib("VmLck") == 8;

    return munmap(at, 2 * PAGE) == 0 && ok && status_kib("VmLck") == 0;
}

static bool not_reserved(void)
{
    uint8_t *at = map_alone(1, RW);
    bool ok = area_has_flag(at, "ac") && !area_has_flag(at, "nr");

    ok = ok &&
         map_at((uintptr_t)at, PAGE, RW, ANON | MAP_FIXED | MAP_NORESERVE, -1,
                0) == at &&
         area_has_flag(at, "nr") && !area_has_flag(at, "ac");
    unmap_alone(at, 1);
    return ok;
}

static bool of_a_stack(void)
{
    uint8_t *at = map_at(0, PAGE, RW, ANON | MAP_STACK, -1, 0);

    at[0] = 1;
    return munmap(at, PAGE) == 0;
}

// From a page with room below it; the last ones are left to what lies there.
static bool grows_down(void)
{
    const size_t room = 300, gap = 256;
    uint8_t *low = map_at(0, (room + 1) * PAGE, PROT_READ, ANON, -1, 0);
    uint8_t *top = low + room * PAGE;
    bool ok = munmap(low + PAGE, room * PAGE) == 0 &&
              map_at((uintptr_t)top, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN,
                     -1, 0) == top &&
              area_has_flag(top, "gd");

    top[-PAGE] = 1;
    top[-3 * PAGE] = 2; // not only page by page
    ok = ok && area_count(low + (gap + 1) * PAGE, room - gap) == 1 &&
         write_dies(low + (gap + 1) * PAGE) == 0 &&
         write_dies(low + gap * PAGE) == SIGSEGV &&
         write_dies(low + 2 * PAGE) == SIGSEGV && top[-2 * PAGE] == 0;
    // Nothing is mapped where it may grow to, unless it is told to.
    uint8_t *other = map_at((uintptr_t)low + 50 * PAGE, PAGE, RW, ANON, -1, 0);
    ok = ok && other != low + 50 * PAGE && munmap(other, PAGE) == 0;
    // What has no access is no neighbour to keep away from.
    ok = ok && mprotect(low, PAGE, PROT_NONE) == 0 &&
         write_dies(low + PAGE) == 0;
    return munmap(low, (room + 1) * PAGE) == 0 && ok;
}

static bool above_4_gib(void)
{
    const off_t at = 5ll << 30;
    int fd = open("/tmp/mmap-large", O_RDWR | O_CREAT | O_LARGEFILE, 0600);
    const uint32_t page = (uint32_t)(at / PAGE);
    bool ok = unlink("/tmp/mmap-large") == 0 && pwrite(fd, "far", 3, at) == 3;
    uint8_t *map = map_at(0, 2 * PAGE, RW, MAP_SHARED, fd, page - 1);
    char back[4] = "";

    ok = ok && map != MAP_FAILED && memcmp(map + PAGE, "far", 3) == 0 &&
         map[0] == 0;
    map[PAGE - 1] = 'x';
    ok = ok && pread(fd, back, 4, at - 1) == 4 && memcmp(back, "xfar", 4) == 0;
    close(fd);
    return munmap(map, 2 * PAGE) == 0 && ok;
}

static bool old_mmap(void)
{
    int fd = file_of_pages("/tmp", 3);
    uint32_t words[6] = {0,          2 * PAGE,     PROT_READ,
                         MAP_SHARED, (uint32_t)fd, PAGE};
    uint8_t *at = (uint8_t *)syscall(SYS_mmap, words);
    bool ok = at != MAP_FAILED && at[0] == 2 && at[PAGE] == 3;

    munmap(at, 2 * PAGE);
    words[5] = PAGE + 1;
    ok = ok && fails(syscall(SYS_mmap, words), EINVAL);
    words[4] = (uint32_t)-1;
    ok = ok && fails(syscall(SYS_mmap, words), EINVAL);
    words[5] = PAGE;
    ok = ok && fails(syscall(SYS_mmap, words), EBADF) &&
         fails(syscall(SYS_mmap, (void *)16), EFAULT) &&
         fails(syscall(SYS_mmap, (void *)0xfffffff0u), EFAULT);
    close(fd);
    return ok;
}

static bool zero_device(void)
{
    int fd = open("/dev/zero", O_RDWR), reader = open("/dev/zero", O_RDONLY);
    uint8_t *private = map_at(0, 2 * PAGE, RW, MAP_PRIVATE, fd, 7);
    uint8_t *shared = map_at(0, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    uint8_t *other = map_at(0, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    bool ok = is_all(private, 2 * PAGE, 0) && is_all(shared, 2 * PAGE, 0);

    ok = ok && write_dies(shared) == 0 && shared[0] == 1 &&
         write_dies(private) == 0 && private[0] == 0;
    ok = ok && other[0] == 0; // each mapping is memory of its own
    ok = ok && fails(map_at(0, PAGE, RW, MAP_SHARED, reader, 0), EACCES);
    uint8_t *shown = map_at(0, PAGE, PROT_READ, MAP_SHARED, reader, 0);
    ok = ok && shown != MAP_FAILED && shown[0] == 0 &&
         fails(mprotect(shown, PAGE, RW), EACCES);
    close(fd);
    close(reader);
    munmap(shown, PAGE);
    munmap(private, 2 * PAGE);
    munmap(other, 2 * PAGE);
    return munmap(shared, 2 * PAGE) == 0 && ok;
}

// The machine's memory is not to be had as a file, or not this part of it.
static bool memory_device(void)
{
    const char *path = "/tmp/mmap-mem";
    bool ok = mknod(path, S_IFCHR | 0600, makedev(1, 1)) == 0;
    int fd = open(path, O_RDWR);
    const uint32_t page_of_16_mib = 0x1000;

    ok = ok && unlink(path) == 0;
    if (fd < 0)
        return ok && errno == ENXIO;
    ok = ok && fails(map_at(0, PAGE, PROT_READ, MAP_SHARED, fd, page_of_16_mib),
                     EPERM);
    close(fd);
    return ok;
}

static bool forbidden_to_run(void)
{
    const char *path = "/tmp/mmap-noexec";
    bool ok = mkdir(path, 0700) == 0 &&
              syscall(SYS_mount, "none", path, "tmpfs", 8, "") == 0;
    int fd = file_of_pages(path, 1);
    uint8_t *at = map_at(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

    ok = ok &&
         fails(map_at(0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0),
               EPERM) &&
         fails(mprotect(at, PAGE, PROT_READ | PROT_EXEC), EACCES);
    close(fd);
    munmap(at, PAGE);
    return syscall(SYS_umount2, path, 0) == 0 && rmdir(path) == 0 && ok;
}

// One page of a file at many places: all of them show what one writes, and
// lose it together.
static bool many_places(void)
{
    static uint8_t *at[AREAS];
    int fd = file_of_pages("/tmp", 2);
    bool ok = true;

    for (int i = 0; ok && i < AREAS; i++) {
        at[i] = map_at(0, PAGE, RW, MAP_SHARED, fd, i % 2 ? 0 : 1);
        ok = at[i] != MAP_FAILED && at[i][0] == (i % 2 ? 1 : 2);
    }
    at[1][5] = 77;
    for (int i = 1; i < AREAS; i += 2)
        ok = ok && at[i][5] == 77;
    ok = ok && at[2][5] == 2 && ftruncate(fd, PAGE) == 0 &&
         read_dies(at[0]) == SIGBUS && read_dies(at[AREAS - 2]) == SIGBUS &&
         at[AREAS - 1][5] == 77;
    close(fd);
    for (int i = 0; i < AREAS; i++)
        ok = munmap(at[i], PAGE) == 0 && ok;
    return ok;
}

void mmap_test_flags(void)
{
    static const struct ktap_test tests[] = {
        {"not to replace", not_to_replace},
        {"fixed that fails", fixed_that_fails},
        {"populate", populate},
        {"populate behind the end", populate_beyond},
        {"locked", locked},
        {"not reserved", not_reserved},
        {"of a stack", of_a_stack},
        {"grows down", grows_down},
        {"above 4 GiB", above_4_gib},
        {"the old call", old_mmap},
        {"zero device", zero_device},
        {"memory device", memory_device},
        {"forbidden to run", forbidden_to_run},
        {"many places", many_places},
    };

    ktap_run_suite("flags", tests, sizeof(tests) / sizeof(*tests));
}
