// userland/tests/inotify_reads.c - inotify.c: reading, limits, errors
// SPDX-License-Identifier: MIT

#include "inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"

// ---- reading ----------------------------------------------------------------

bool layout(void)
{
    char bytes[256] __attribute__((aligned(4)));
    const struct inotify_event *event = (void *)bytes;
    int count;
    bool ok = inotify_add_watch(in, DIRECTORY, IN_CREATE | IN_DELETE) == 1;

    make(DIRECTORY "/sixteen-letters-");
    unlink(DIRECTORY "/sixteen-letters-");
    ok = ok && ioctl(in, FIONREAD, &count) == 0 && count == 96 &&
         fails(read(in, bytes, 47), EINVAL) && read(in, bytes, 50) == 48 &&
         event->len == 32 && strcmp(event->name, "sixteen-letters-") == 0 &&
         event->cookie == 0 && read(in, bytes, 256) == 48 &&
         fails(read(in, bytes, 256), EAGAIN) &&
         fails(read(in, bytes, 0), EAGAIN);
    return ok;
}

bool polled(void)
{
    struct pollfd entry = {.fd = in, .events = POLLIN | POLLOUT};
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(0), status = 0;
    bool ok = inotify_add_watch(in, DIRECTORY, IN_CREATE) == 1 &&
              poll(&entry, 1, 0) == 0 &&
              epoll_ctl(set, EPOLL_CTL_ADD, in, &event) == 0;
    pid_t child = fork();

    if (child == 0) {
        if (falls_asleep(getppid()))
            make(OTHER);
        _exit(0);
    }
    ok = ok && epoll_wait(set, &event, 1, 20000) == 1 &&
         poll(&entry, 1, 0) == 1 && entry.revents == POLLIN &&
         came("1:f:other") && poll(&entry, 1, 0) == 0;
    waitpid(child, &status, 0);
    close(set);
    return ok;
}

bool waits(void)
{
    char bytes[64];
    int status = 0, blocking = inotify_init();
    bool ok = inotify_add_watch(blocking, DIRECTORY, IN_CREATE) == 1;
    pid_t child = fork();

    if (child == 0) {
        if (falls_asleep(getppid()))
            make(OTHER);
        _exit(0);
    }
    ok = ok && read(blocking, bytes, sizeof(bytes)) == 32;
    waitpid(child, &status, 0);
    close(blocking);
    return ok;
}

// ---- limits and errors ------------------------------------------------------

static long setting(const char *name, long value)
{
    char path[64], number[16] = "";
    int fd;

    snprintf(path, sizeof(path), "/proc/sys/fs/inotify/%s", name);
    fd = open(path, O_RDWR);
    if (fd < 0 || read(fd, number, sizeof(number) - 1) < 0)
        return -1;
    if (value >= 0) {
        char new[16];
        int length = snprintf(new, sizeof(new), "%ld\n", value);

        if (pwrite(fd, new, (size_t)length, 0) != length)
            return -1;
    }
    close(fd);
    return atol(number);
}

bool overflow(void)
{
    long before = setting("max_queued_events", 3);
    int few = inotify_init1(IN_NONBLOCK), saved = in;
    int fd = open(FILE_PATH, O_RDWR);

    in = few;
    bool ok = before == 16384 &&
              inotify_add_watch(few, FILE_PATH, IN_ALL_EVENTS) == 1;
    for (int i = 0; i < 5; i++)
        ok = ok && pwrite(fd, "x", 1, 0) == 1 &&
             pread(fd, &(char){0}, 1, 0) == 1;
    ok = ok && came("1:m 1:a 1:m -1:Q") && pwrite(fd, "x", 1, 0) == 1 &&
         came("1:m");
    close(fd);
    close(few);
    in = saved;
    return setting("max_queued_events", before) == 3 && ok;
}

bool limits(void)
{
    long instances = setting("max_user_instances", 2);
    long watches = setting("max_user_watches", 1);
    int second = inotify_init();
    bool ok = instances == 128 && watches >= 8192 && second >= 0 &&
              fails(inotify_init(), EMFILE) &&
              inotify_add_watch(in, DIRECTORY, IN_OPEN) == 1 &&
              inotify_add_watch(in, DIRECTORY, IN_CLOSE) == 1 &&
              fails(inotify_add_watch(second, DIRECTORY, IN_OPEN), ENOSPC);

    close(second);
    setting("max_user_instances", instances);
    return setting("max_user_watches", watches) == 1 && ok;
}

bool errors(void)
{
    int pipes[2];
    bool ok =
        pipe(pipes) == 0 && fails(inotify_init1(1), EINVAL) &&
        fails(inotify_add_watch(in, DIRECTORY, 0), EINVAL) &&
        fails(inotify_add_watch(999, DIRECTORY, IN_OPEN), EBADF) &&
        fails(inotify_add_watch(999, DIRECTORY, 0), EINVAL) &&
        fails(inotify_add_watch(pipes[0], DIRECTORY, IN_OPEN), EINVAL) &&
        fails(inotify_add_watch(in, DIRECTORY "/none", IN_OPEN), ENOENT) &&
        fails(inotify_add_watch(in, "", IN_OPEN), ENOENT) &&
        fails(inotify_add_watch(in, (char *)4096, IN_OPEN), EFAULT) &&
        fails(inotify_add_watch(in, FILE_PATH, IN_OPEN | IN_ONLYDIR),
              ENOTDIR) &&
        fails(inotify_add_watch(in, DIRECTORY,
                                IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE),
              EINVAL) &&
        inotify_add_watch(in, DIRECTORY, IN_ONLYDIR) == 1 &&
        fails(inotify_rm_watch(in, 7), EINVAL) &&
        fails(inotify_rm_watch(999, 1), EBADF) &&
        fails(inotify_rm_watch(pipes[0], 1), EINVAL) &&
        fails(write(in, "x", 1), EBADF);
    close(pipes[0]);
    close(pipes[1]);
    return ok;
}

bool rights(void)
{
    int status = 0;
    bool ok = chmod(FILE_PATH, 0600) == 0;
    pid_t child = fork();

    if (child == 0) {
        if (setuid(1000))
            _exit(9);
        _exit(fails(inotify_add_watch(in, FILE_PATH, IN_OPEN), EACCES) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return ok && status == 0;
}
