// userland/tests/shm_files.c - shared memory that is a file, seen or not
// SPDX-License-Identifier: MIT

#include "shm.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "ktap.h"

#define RW (PROT_READ | PROT_WRITE)

// ---- anonymous -------------------------------------------------------------

static bool write_both(void *argument)
{
    volatile unsigned char *bytes = argument;

    if (bytes[0] != 1 || bytes[PAGE_BYTES] != 0)
        return false;
    bytes[0] = 2;
    bytes[PAGE_BYTES] = 3;
    return true;
}

static bool is_shared_with_a_child(unsigned char *bytes)
{
    bytes[0] = 1;
    return child_says(write_both, bytes) && bytes[0] == 2 &&
           bytes[PAGE_BYTES] == 3;
}

static void test_zero_device(void)
{
    int fd = open("/dev/zero", O_RDWR);
    unsigned char *one, *two;

    one = mmap(NULL, 2 * PAGE_BYTES, RW, MAP_SHARED, fd, 0);
    two = mmap(NULL, 2 * PAGE_BYTES, RW, MAP_SHARED, fd, 0);
    ktap_result(one != MAP_FAILED && two != MAP_FAILED, "map /dev/zero shared");
    if (one == MAP_FAILED || two == MAP_FAILED)
        ktap_bail("nothing to go on with");
    ktap_result(is_shared_with_a_child(one), "/dev/zero: child and parent");
    ktap_result(two[0] == 0, "/dev/zero: two mappings are two memories");
    munmap(one, 2 * PAGE_BYTES);
    munmap(two, 2 * PAGE_BYTES);
    close(fd);
}

void shm_test_anonymous(void)
{
    unsigned char *bytes, *more;

    ktap_enter("anonymous", 9);
    bytes = mmap(NULL, 4 * PAGE_BYTES, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ktap_result(bytes != MAP_FAILED, "map");
    if (bytes == MAP_FAILED)
        ktap_bail("nothing to go on with");
    ktap_result(is_shared_with_a_child(bytes), "child and parent");
    ktap_result(proc_has("/proc/self/maps", "/dev/zero (deleted)"),
                "the name in /proc/self/maps");
    ktap_result(bytes[3 * PAGE_BYTES] == 0, "zeros");
    ktap_result(mprotect(bytes, PAGE_BYTES, PROT_READ) == 0 &&
                    mprotect(bytes, PAGE_BYTES, RW) == 0 && bytes[0] == 2,
                "mprotect there and back");
    more = mmap(NULL, 2 * PAGE_BYTES, RW,
                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ktap_result(more != MAP_FAILED && is_shared_with_a_child(more),
                "MAP_NORESERVE");
    munmap(more, 2 * PAGE_BYTES);
    munmap(bytes, 4 * PAGE_BYTES);
    test_zero_device();
    ktap_leave();
}

// ---- fallocate -------------------------------------------------------------

static long blocks_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? (long)status.st_blocks : -1;
}

static off_t size_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? status.st_size : -1;
}

static bool all_are(const char *bytes, size_t count, char value)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static void test_hole(int fd)
{
    const int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    char *bytes = shm_map(fd, 4 * PAGE_BYTES, MAP_SHARED);
    char *copy = shm_map(fd, 4 * PAGE_BYTES, MAP_PRIVATE);

    memset(bytes, 'a', 4 * PAGE_BYTES);
    copy[PAGE_BYTES] = 'c';
    ktap_result(fallocate(fd, punch, 100, 2 * PAGE_BYTES) == 0, "punch");
    ktap_result(
        all_are(bytes, 100, 'a') && all_are(bytes + 100, 2 * PAGE_BYTES, 0) &&
            all_are(bytes + 100 + 2 * PAGE_BYTES, 2 * PAGE_BYTES - 100, 'a'),
        "what was punched is zeros, the rest is not");
    ktap_result(copy[PAGE_BYTES] == 'c' && copy[PAGE_BYTES + 1] == 'a',
                "a private copy stays");
    ktap_result(fallocate(fd, punch, 0, 4 * PAGE_BYTES) == 0 &&
                    blocks_of(fd) == 0 && size_of(fd) == 4 * PAGE_BYTES,
                "no blocks left");
    munmap(copy, 4 * PAGE_BYTES);
    munmap(bytes, 4 * PAGE_BYTES);
}

static void test_seek(int fd)
{
    if (pwrite(fd, "x", 1, PAGE_BYTES) != 1)
        ktap_bail("pwrite: %s", strerror(errno));
    ktap_result(lseek(fd, 0, SEEK_DATA) == PAGE_BYTES, "SEEK_DATA");
    ktap_result(lseek(fd, PAGE_BYTES + 5, SEEK_DATA) == PAGE_BYTES + 5,
                "SEEK_DATA within data");
    ktap_result(lseek(fd, 7, SEEK_HOLE) == 7, "SEEK_HOLE within a hole");
    ktap_result(lseek(fd, PAGE_BYTES, SEEK_HOLE) == 2 * PAGE_BYTES,
                "SEEK_HOLE");
    ktap_result(fails(lseek(fd, 3 * PAGE_BYTES, SEEK_DATA), ENXIO),
                "SEEK_DATA: none");
    ktap_result(fails(lseek(fd, 4 * PAGE_BYTES, SEEK_HOLE), ENXIO),
                "SEEK_HOLE at the end");
}

void shm_test_fallocate(void)
{
    int fd = shm_make_memfd(0, 0), fds[2], rofd;

    ktap_enter("fallocate", 20);
    ktap_result(fallocate(fd, 0, 0, 3 * PAGE_BYTES) == 0 &&
                    blocks_of(fd) == 24 && size_of(fd) == 3 * PAGE_BYTES,
                "room and size");
    ktap_result(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5 * PAGE_BYTES) == 0 &&
                    blocks_of(fd) == 40 && size_of(fd) == 3 * PAGE_BYTES,
                "FALLOC_FL_KEEP_SIZE");
    ktap_result(ftruncate(fd, 4 * PAGE_BYTES) == 0 &&
                    ftruncate(fd, 3 * PAGE_BYTES + 1) == 0 &&
                    blocks_of(fd) == 32,
                "truncation frees what is beyond the size");
    ftruncate(fd, 4 * PAGE_BYTES);
    test_hole(fd);
    test_seek(fd);
    ktap_result(fails(fallocate(fd, 0, 0, 0), EINVAL), "no bytes");
    ktap_result(fails(fallocate(fd, 0, -1, 1), EINVAL), "before 0");
    ktap_result(fails(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), EOPNOTSUPP),
                "a hole that is to change the size");
    ktap_result(fails(fallocate(fd, 0x1000, 0, 1), EOPNOTSUPP), "mode");
    ktap_result(fails(fallocate(fd, 0, 1ll << 62, 1), EFBIG), "too far");
    ktap_result(pipe(fds) == 0 && fails(fallocate(fds[1], 0, 0, 1), ESPIPE),
                "a pipe");
    rofd = open("/proc/self/maps", O_RDONLY);
    ktap_result(fails(fallocate(rofd, 0, 0, 1), EBADF), "read only");
    close(rofd);
    close(fds[0]);
    close(fds[1]);
    close(fd);
    ktap_leave();
}

// ---- tmpfs with a limit ----------------------------------------------------

#define SMALL "/tmp/shm-small"

static bool die_at(void *argument)
{
    *(volatile char *)argument = 1;
    return true;
}

static long free_blocks(void)
{
    struct statfs numbers;

    return statfs(SMALL, &numbers) == 0 ? (long)numbers.f_bfree : -1;
}

static void test_limit(void)
{
    static char buf[5 * PAGE_BYTES];
    int fd = open(SMALL "/file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *bytes;

    ktap_result(free_blocks() == 4, "statfs: all free");
    ktap_result(write(fd, buf, sizeof(buf)) == 4 * PAGE_BYTES,
                "write as far as there is room");
    ktap_result(fails(write(fd, "x", 1), ENOSPC), "ENOSPC");
    ktap_result(pwrite(fd, "x", 1, 0) == 1, "there, one can write");
    ktap_result(free_blocks() == 0, "statfs: none free");
    ktap_result(ftruncate(fd, 0) == 0 && free_blocks() == 4, "truncated");
    ftruncate(fd, 6 * PAGE_BYTES);
    ktap_result(fails(fallocate(fd, 0, 0, 5 * PAGE_BYTES), ENOSPC) &&
                    free_blocks() == 4,
                "fallocate: all or nothing");
    ktap_result(pread(fd, buf, sizeof(buf), 0) == sizeof(buf) &&
                    free_blocks() == 4,
                "reading a hole takes nothing");
    bytes = shm_map(fd, 6 * PAGE_BYTES, MAP_SHARED);
    for (int page = 0; page < 4; page++)
        bytes[page * PAGE_BYTES] = 'p';
    ktap_result(free_blocks() == 0, "pages through a mapping count");
    ktap_result(!child_says(die_at, bytes + 4 * PAGE_BYTES),
                "SIGBUS when there is no room");
    munmap(bytes, 6 * PAGE_BYTES);
    close(fd);
    ktap_result(unlink(SMALL "/file") == 0 && free_blocks() == 4, "unlinked");
}

static void test_posix_name(void)
{
    int fd = shm_open("/faultline-test", O_RDWR | O_CREAT | O_EXCL, 0600);
    int other = shm_open("/faultline-test", O_RDWR, 0);
    char *one, *two;

    ktap_result(fd >= 0 && other >= 0 && ftruncate(fd, PAGE_BYTES) == 0,
                "shm_open");
    one = mmap(NULL, PAGE_BYTES, RW, MAP_SHARED, fd, 0);
    two = mmap(NULL, PAGE_BYTES, RW, MAP_SHARED, other, 0);
    ktap_result(one != MAP_FAILED && two != MAP_FAILED && (one[9] = 'z') &&
                    two[9] == 'z',
                "shm_open: the same memory");
    ktap_result(shm_unlink("/faultline-test") == 0 &&
                    fails(shm_open("/faultline-test", O_RDWR, 0), ENOENT),
                "shm_unlink");
    munmap(one, PAGE_BYTES);
    munmap(two, PAGE_BYTES);
    close(fd);
    close(other);
}

void shm_test_tmpfs(void)
{
    ktap_enter("tmpfs", 15);
    mkdir(SMALL, 0700);
    ktap_result(mount("tmpfs", SMALL, "tmpfs", 0, "size=16k") == 0, "mount");
    test_limit();
    umount(SMALL);
    rmdir(SMALL);
    test_posix_name();
    ktap_leave();
}
