// userland/tests/shm_memfd.c - files in memory without a name, and their seals
// SPDX-License-Identifier: MIT

#include "shm.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktap.h"

#define RW (PROT_READ | PROT_WRITE)

int shm_make_memfd(unsigned flags, off_t bytes)
{
    int fd = memfd_create("test", flags);

    if (fd < 0 || ftruncate(fd, bytes) != 0)
        ktap_bail("memfd_create: %s", strerror(errno));
    return fd;
}

// ---- memfd -----------------------------------------------------------------

static bool is_link_to(int fd, const char *target)
{
    char path[64], found[128];
    ssize_t length;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    length = readlink(path, found, sizeof(found) - 1);
    if (length < 0)
        return false;
    found[length] = '\0';
    return strcmp(found, target) == 0;
}

void shm_test_memfd(void)
{
    char name[256], back[8] = "";
    struct stat status;
    char *bytes;
    int fd;

    ktap_enter("memfd", 12);
    memset(name, 'n', sizeof(name));
    name[250] = '\0';
    ktap_result(fails(memfd_create(name, 0), EINVAL), "name of 250");
    name[249] = '\0';
    fd = memfd_create(name, 0);
    ktap_result(fd >= 0, "name of 249");
    close(fd);
    ktap_result(fails(memfd_create((const char *)1, 0), EFAULT),
                "name nowhere");
    ktap_result(fails(memfd_create("x", 0x4000u), EINVAL), "flags");
    fd = memfd_create("x", MFD_CLOEXEC);
    ktap_result(fcntl(fd, F_GETFD) == FD_CLOEXEC, "MFD_CLOEXEC");
    ktap_result(is_link_to(fd, "/memfd:x (deleted)"), "name");
    ktap_result(fstat(fd, &status) == 0 && status.st_size == 0 &&
                    status.st_mode == (S_IFREG | 0777) && status.st_nlink == 0,
                "stat");
    ktap_result(pwrite(fd, "hello", 5, 10000) == 5 &&
                    pread(fd, back, 5, 10000) == 5 &&
                    strcmp(back, "hello") == 0,
                "write and read");
    fstat(fd, &status);
    ktap_result(status.st_size == 10005 && status.st_blocks == 8,
                "a hole takes no blocks");
    bytes = mmap(NULL, 3 * PAGE_BYTES, RW, MAP_SHARED, fd, 0);
    ktap_result(bytes != MAP_FAILED && memcmp(bytes + 10000, "hello", 5) == 0 &&
                    bytes[0] == 0,
                "map");
    bytes[1] = 'm';
    ktap_result(pread(fd, back, 1, 1) == 1 && back[0] == 'm',
                "read what was written through the mapping");
    ktap_result(fcntl(fd, F_GET_SEALS) == F_SEAL_SEAL &&
                    fails(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM),
                "sealed against seals without MFD_ALLOW_SEALING");
    munmap(bytes, 3 * PAGE_BYTES);
    close(fd);
    ktap_leave();
}

// ---- seals -----------------------------------------------------------------

static void test_size_seals(void)
{
    int fd = shm_make_memfd(MFD_ALLOW_SEALING, PAGE_BYTES + 100);
    static char buf[2 * PAGE_BYTES];

    ktap_result(fcntl(fd, F_GET_SEALS) == 0, "none at first");
    ktap_result(fails(fcntl(fd, F_ADD_SEALS, 0x100), EINVAL), "unknown");
    ktap_result(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0 &&
                    fails(ftruncate(fd, 10), EPERM) &&
                    ftruncate(fd, PAGE_BYTES + 200) == 0,
                "F_SEAL_SHRINK");
    ktap_result(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0 &&
                    fails(ftruncate(fd, 2 * PAGE_BYTES), EPERM) &&
                    fails(fallocate(fd, 0, 0, 2 * PAGE_BYTES), EPERM),
                "F_SEAL_GROW: ftruncate, fallocate");
    ktap_result(pwrite(fd, buf, sizeof(buf), 0) == PAGE_BYTES &&
                    fails(pwrite(fd, buf, 300, PAGE_BYTES), EPERM) &&
                    pwrite(fd, buf, 200, PAGE_BYTES) == 200,
                "F_SEAL_GROW: write");
    ktap_result(fcntl(fd, F_GET_SEALS) == (F_SEAL_GROW | F_SEAL_SHRINK),
                "F_GET_SEALS");
    close(fd);
}

static void test_write_seal(void)
{
    int fd = shm_make_memfd(MFD_ALLOW_SEALING, PAGE_BYTES);
    char *bytes = shm_map(fd, PAGE_BYTES, MAP_SHARED);

    ktap_result(fails(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY),
                "F_SEAL_WRITE while mapped");
    munmap(bytes, PAGE_BYTES);
    ktap_result(
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0 &&
            fails(write(fd, "x", 1), EPERM) &&
            fails(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                            PAGE_BYTES),
                  EPERM),
        "F_SEAL_WRITE: write, hole");
    ktap_result(mmap(NULL, PAGE_BYTES, RW, MAP_SHARED, fd, 0) == MAP_FAILED &&
                    errno == EPERM,
                "F_SEAL_WRITE: map shared");
    bytes = mmap(NULL, PAGE_BYTES, RW, MAP_PRIVATE, fd, 0);
    ktap_result(bytes != MAP_FAILED && (bytes[0] = 1), "map private");
    munmap(bytes, PAGE_BYTES);
    close(fd);
}

static void test_future_seal(void)
{
    int fd = shm_make_memfd(MFD_ALLOW_SEALING, PAGE_BYTES);
    char *bytes = shm_map(fd, PAGE_BYTES, MAP_SHARED), *later;

    ktap_result(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0 &&
                    (bytes[0] = 1) && fails(write(fd, "x", 1), EPERM),
                "F_SEAL_FUTURE_WRITE: the old mapping, write");
    later = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    ktap_result(later != MAP_FAILED && later[0] == 1 &&
                    fails(mprotect(later, PAGE_BYTES, RW), EACCES),
                "F_SEAL_FUTURE_WRITE: a later mapping");
    ktap_result(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0 &&
                    fails(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM),
                "F_SEAL_SEAL");
    munmap(later, PAGE_BYTES);
    munmap(bytes, PAGE_BYTES);
    close(fd);
    fd = open("/proc/self/maps", O_RDONLY);
    ktap_result(fails(fcntl(fd, F_GET_SEALS), EINVAL), "no seals there");
    close(fd);
}

void shm_test_seals(void)
{
    ktap_enter("seals", 14);
    test_size_seals();
    test_write_seal();
    test_future_seal();
    ktap_leave();
}
