// userland/tests/fdcalls_event.c - fdcalls.c: eventfd(2)
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fdcalls.h"

#define MOST 0xfffffffffffffffeull

static bool adds(int fd, uint64_t count)
{
    return write(fd, &count, sizeof(count)) == sizeof(count);
}

static bool gives(int fd, uint64_t count)
{
    uint64_t got = 0;

    return read(fd, &got, sizeof(got)) == sizeof(got) && got == count;
}

static bool is_empty(int fd)
{
    uint64_t got;

    return fails(read(fd, &got, sizeof(got)), EAGAIN);
}

static short polled(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLOUT};

    poll(&entry, 1, 0);
    return entry.revents;
}

static bool counts(void)
{
    int fd = eventfd(5, EFD_NONBLOCK);
    bool ok = adds(fd, 7) && gives(fd, 12) && is_empty(fd);

    ok = ok && adds(fd, 0) && is_empty(fd);
    close(fd);
    return ok;
}

static bool semaphore(void)
{
    int fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
    bool ok = gives(fd, 1) && gives(fd, 1) && is_empty(fd);

    close(fd);
    return ok;
}

static bool full(void)
{
    int fd = eventfd(0, EFD_NONBLOCK);
    uint64_t one = 1, wrong = UINT64_MAX;
    bool ok = polled(fd) == POLLOUT && adds(fd, MOST);

    ok = ok && fails(write(fd, &one, sizeof(one)), EAGAIN) &&
         polled(fd) == POLLIN &&
         fails(write(fd, &wrong, sizeof(wrong)), EINVAL) && gives(fd, MOST);
    close(fd);
    return ok;
}

static bool errors(void)
{
    int fd = eventfd(1, EFD_CLOEXEC);
    char bytes[16] = "";
    bool ok = fails(read(fd, bytes, 7), EINVAL) &&
              fails(write(fd, bytes, 7), EINVAL) &&
              fails(write(fd, (void *)4096, 8), EFAULT) &&
              fails(syscall(SYS_eventfd2, 0, 0x10), EINVAL) &&
              fcntl(fd, F_GETFD) == FD_CLOEXEC &&
              read(fd, bytes, sizeof(bytes)) == 8;
    close(fd);
    return ok;
}

static bool waits(void)
{
    int there = eventfd(0, 0), back = eventfd(0, 0);
    bool ok = adds(back, MOST);
    pid_t child = fork_child();

    if (child == 0)
        _exit(!(gives(there, 3) && gives(back, MOST)));
    ok = ok && adds(there, 3) && adds(back, 1); // that waits for room
    int status;
    waitpid(child, &status, 0);
    ok = ok && status == 0 && gives(back, 1);
    close(there);
    close(back);
    return ok;
}

static bool looks(void)
{
    char path[64] = "", link[64] = "";
    int fd = eventfd(0, 0);
    struct stat st;

    strcpy(path, "/proc/self/fd/");
    path[14] = (char)('0' + fd);
    bool ok = fd < 10 && readlink(path, link, sizeof(link) - 1) > 0 &&
              strcmp(link, "anon_inode:[eventfd]") == 0;
    ok = ok && fstat(fd, &st) == 0 && st.st_mode == 0600 &&
         fails(open(path, O_RDONLY), ENXIO);
    close(fd);
    return ok;
}

static const struct ktap_test tests[] = {
    {"counts", counts}, {"semaphore", semaphore}, {"full", full},
    {"errors", errors}, {"waits", waits},         {"looks", looks},
};

const struct ktap_suite event_suite = KTAP_SUITE("eventfd", tests);
