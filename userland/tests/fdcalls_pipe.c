// userland/tests/fdcalls_pipe.c - fdcalls.c: pipes, FIFOs, devices
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"
#include "fdcalls.h"

#define ON_DISK "/fdcalls-fifo"
#define IN_TMP  "/tmp/fdcalls-fifo"

enum {
    LONG_AGO = 1000,
    PATIENCE_MS = 5000,
    LINE = 8192,
};

static short now(int fd)
{
    struct pollfd entry = {fd, POLLIN, 0};

    return poll(&entry, 1, 0) < 0 ? -1 : entry.revents;
}

// Who did not wait for a writer hears of a hang-up when one has come and gone.
static bool hang_up(void)
{
    bool ok = mkfifo(IN_TMP, 0600) == 0;
    int reader = open(IN_TMP, O_RDONLY | O_NONBLOCK), second, writer;
    char byte;

    ok = ok && now(reader) == 0 && read(reader, &byte, 1) == 0;
    writer = open(IN_TMP, O_WRONLY);
    ok = ok && now(reader) == 0 && fails(read(reader, &byte, 1), EAGAIN);
    close(writer);
    second = open(IN_TMP, O_RDONLY | O_NONBLOCK);
    ok = ok && now(reader) == POLLHUP && now(second) == 0;
    close(second);
    close(reader);
    return unlink(IN_TMP) == 0 && ok;
}

static bool set_old(int fd)
{
    const struct timespec old[2] = {{LONG_AGO, 0}, {LONG_AGO, 0}};

    return futimens(fd, old) == 0;
}

// Which times are new: 1: of access, 2: of modification.
static int new_times(int fd)
{
    struct stat is;

    if (fstat(fd, &is))
        return -1;
    return (is.st_atim.tv_sec != LONG_AGO) +
           2 * (is.st_mtim.tv_sec != LONG_AGO);
}

static bool stamps(int from, int to)
{
    char byte;

    return set_old(to) && new_times(from) == 0 && write(to, "x", 1) == 1 &&
           new_times(from) == 2 && set_old(to) && read(from, &byte, 1) == 1 &&
           new_times(from) == 1;
}

static bool stamps_of(const char *path)
{
    bool ok = mkfifo(path, 0600) == 0;
    int fd = open(path, O_RDWR);

    ok = ok && stamps(fd, fd);
    close(fd);
    return unlink(path) == 0 && ok;
}

static bool times(void)
{
    int ends[2];
    bool ok = pipe(ends) == 0 && stamps(ends[0], ends[1]);

    close(ends[0]);
    close(ends[1]);
    return ok && stamps_of(IN_TMP) && stamps_of(ON_DISK);
}

static bool attributes(void)
{
    int ends[2];
    struct stat is;
    bool ok = pipe(ends) == 0 && fchmod(ends[0], 0640) == 0 &&
              fchown(ends[1], 1, 2) == 0 && fstat(ends[1], &is) == 0 &&
              S_ISFIFO(is.st_mode) && (is.st_mode & 07777) == 0640 &&
              is.st_uid == 1 && is.st_gid == 2;

    close(ends[0]);
    close(ends[1]);
    return ok;
}

// Seeking is allowed, and does nothing.
static bool devices(void)
{
    static const char *const paths[] = {"/dev/null", "/dev/zero", "/dev/full",
                                        "/dev/random", "/dev/urandom"};
    char byte;
    bool ok = true;

    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        int fd = open(paths[i], O_RDONLY);

        ok = ok && lseek(fd, 5, SEEK_SET) == 0 && lseek(fd, 1, SEEK_CUR) == 0 &&
             pread(fd, &byte, 1, 7) == (i > 0) && lseek(fd, 0, SEEK_CUR) == 0;
        close(fd);
    }
    return ok;
}

static bool no_places(void)
{
    int ends[2], path = open("/tmp", O_PATH);
    char byte;
    bool ok = pipe(ends) == 0 && fails(lseek(ends[0], 0, SEEK_SET), ESPIPE) &&
              fails(pread(ends[0], &byte, 1, 0), ESPIPE) &&
              fails(lseek(path, 0, SEEK_SET), EBADF) &&
              fails(pread(path, &byte, 1, 0), EBADF);

    close(ends[0]);
    close(ends[1]);
    close(path);
    return ok;
}

static pid_t reads_log(int fd)
{
    pid_t child = fork_child();
    char line[LINE];

    if (child == 0) {
        while (read(fd, line, sizeof(line)) > 0 || errno == EPIPE)
            ;
        _exit(1);
    }
    if (!comes_to_rest(child))
        ktap_note("a reader of the log does not wait");
    return child;
}

static bool dies(pid_t child)
{
    int tries = PATIENCE_MS;

    kill(child, SIGKILL);
    while (waitpid(child, NULL, WNOHANG) == 0 && --tries)
        usleep(1000); // one that cannot be killed would be waited for for good
    return tries > 0;
}

// Two wait for the next line by one open file: both can be ended.
static bool log_readers(void)
{
    int fd = open("/dev/kmsg", O_RDONLY);
    bool ok = fd >= 0 && lseek(fd, 0, SEEK_END) == 0;
    pid_t first = reads_log(fd), second = reads_log(fd);

    ok = dies(second) && ok;
    ok = dies(first) && ok;
    close(fd);
    return ok;
}

static const struct ktap_test tests[] = {
    {"a hang-up before the first writer", hang_up},
    {"times", times},
    {"owner and mode", attributes},
    {"devices without a place", devices},
    {"two readers of the log", log_readers},
    {"nowhere to seek", no_places},
};

const struct ktap_suite pipe_suite = KTAP_SUITE("pipes", tests);
