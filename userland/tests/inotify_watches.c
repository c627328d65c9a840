// userland/tests/inotify_watches.c - inotify.c: watches
// SPDX-License-Identifier: MIT

#include "inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool masks(void)
{
    int fd;
    bool ok = inotify_add_watch(in, FILE_PATH, IN_OPEN) == 1 &&
              inotify_add_watch(in, FILE_PATH, IN_CLOSE) == 1;

    fd = open(FILE_PATH, O_RDONLY);
    close(fd);
    ok = ok && came("1:c") &&
         inotify_add_watch(in, FILE_PATH, IN_OPEN | IN_MASK_ADD) == 1;
    fd = open(FILE_PATH, O_RDONLY);
    close(fd);
    ok = ok && came("1:o 1:c") &&
         fails(inotify_add_watch(in, FILE_PATH, IN_OPEN | IN_MASK_CREATE),
               EEXIST) &&
         inotify_add_watch(in, DIRECTORY, IN_OPEN | IN_MASK_CREATE) == 2 &&
         inotify_rm_watch(in, 1) == 0 && came("1:I") &&
         inotify_add_watch(in, FILE_PATH, IN_MODIFY) == 3;
    return ok;
}

bool one_shot(void)
{
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS | IN_ONESHOT) == 1;
    int fd = open(FILE_PATH, O_RDONLY);

    close(fd);
    return ok && came("1:o 1:I") && fails(inotify_rm_watch(in, 1), EINVAL);
}

bool merged(void)
{
    int fd = open(FILE_PATH, O_RDWR);
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1;

    for (int i = 0; i < 5; i++)
        ok = ok && write(fd, "x", 1) == 1;
    ok = ok && pread(fd, &(char){0}, 1, 0) == 1 && write(fd, "x", 1) == 1 &&
         came("1:m 1:a 1:m");
    close(fd);
    return ok;
}

bool links(void)
{
    bool ok =
        symlink(FILE_PATH, OTHER) == 0 &&
        inotify_add_watch(in, OTHER, IN_OPEN) == 1 &&
        inotify_add_watch(in, FILE_PATH, IN_OPEN) == 1 &&
        inotify_add_watch(in, OTHER, IN_DONT_FOLLOW | IN_DELETE_SELF) == 2;

    return ok && unlink(OTHER) == 0 && came("2:S 2:I");
}

bool two_readers(void)
{
    int other = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), bytes;
    bool ok = inotify_add_watch(in, FILE_PATH, IN_OPEN) == 1 &&
              inotify_add_watch(other, FILE_PATH, IN_OPEN) == 1 &&
              fcntl(other, F_GETFD) == FD_CLOEXEC;
    int fd = open(FILE_PATH, O_RDONLY);

    close(fd);
    ok =
        ok && came("1:o") && ioctl(other, FIONREAD, &bytes) == 0 && bytes == 16;
    close(other);
    return ok;
}
