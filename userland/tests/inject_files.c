// userland/tests/inject_files.c - inject.c's operations on files
// SPDX-License-Identifier: MIT
//
// The root is ext2, /tmp is tmpfs. What is made in a file system is seen by all
// who come later: the parent removes it after each run. It then looks for it,
// so that its not being there is remembered whatever had failed.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

#define LINK_PATH    "/tmp/inject-link"
#define LINK_TARGET  "/a/target/that/is/longer/than/what/fits/into/an/inode"
#define FOLDER_PATH  "/tmp/inject-folder"
#define RENAMED_PATH "/tmp/inject-folder-of-another-name-that-is-long"
#define FIFO_PATH    "/tmp/inject-fifo"
#define MOUNT_PATH   "/mnt"

enum {
    POLLED = 300, // more than a system call keeps on its stack
};

static int do_open(void)
{
    char bytes[64];
    int fd = open("/etc/../bin/sh", O_RDONLY);

    if (fd < 0)
        return errno;
    if (read(fd, bytes, sizeof(bytes)) < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

// In memory. What is half done is seen by others: it has to be removed.
static int do_create(void)
{
    static const char name[] = "/tmp/a-name-too-long-to-be-inside-of-a-dentry";
    char bytes[64] = "x";
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    int failed = fd < 0 ? errno : 0;

    if (fd >= 0 && write(fd, bytes, sizeof(bytes)) < 0)
        failed = errno;
    if (fd >= 0)
        close(fd);
    inject_off();
    unlink(name);
    access(name, F_OK); // that it is not there is remembered, in any case
    return failed;
}

static int read_all(const char *path)
{
    char bytes[1024];
    ssize_t count;
    int fd = open(path, O_RDONLY);

    if (fd < 0)
        return errno;
    while ((count = read(fd, bytes, sizeof(bytes))) > 0)
        ;
    if (count < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_proc_read(void)
{
    static const char *const paths[] = {
        "/proc/self/status",  "/proc/self/maps",  "/proc/self/cmdline",
        "/proc/self/stat",    "/proc/meminfo",    "/proc/mounts",
        "/proc/vmstat",       "/proc/zoneinfo",   "/proc/buddyinfo",
        "/proc/pagetypeinfo", "/proc/slabinfo",   "/proc/vmallocinfo",
        "/proc/swaps",        "/proc/partitions", "/proc/sys/vm/swappiness",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        int failed = read_all(paths[i]);

        if (failed)
            return failed;
    }
    return 0;
}

// It needs memory for its notes, and may not be wrong without.
static int do_census(void)
{
    return read_all("/proc/faultline/census");
}

static int do_dup(void)
{
    return fcntl(1, F_DUPFD, 200) < 0 ? errno : 0;
}

static int do_chdir(void)
{
    return chdir("/usr/bin") ? errno : 0;
}

static int do_pipe(void)
{
    int fds[2];
    char byte = 'x';

    if (pipe(fds))
        return errno;
    if (write(fds[1], &byte, 1) != 1)
        return errno;
    if (read(fds[0], &byte, 1) != 1 || byte != 'x')
        return WRONG;
    return close(fds[0]) || close(fds[1]) ? WRONG : 0;
}

static int do_pty(void)
{
    unsigned number;
    int unlocked = 0, slave;
    char name[32], byte = 'x';
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);

    if (master < 0)
        return errno;
    if (ioctl(master, TIOCGPTN, &number) ||
        ioctl(master, TIOCSPTLCK, &unlocked))
        return WRONG;
    snprintf(name, sizeof(name), "/dev/pts/%u", number);
    slave = open(name, O_RDWR | O_NOCTTY);
    if (slave < 0)
        return errno;
    if (write(slave, &byte, 1) != 1 || read(master, &byte, 1) != 1)
        return WRONG;
    return close(slave) || close(master) ? WRONG : 0;
}

static int do_poll(void)
{
    struct pollfd polled[POLLED];
    int fds[2];

    if (pipe(fds))
        return errno;
    for (int i = 0; i < POLLED; i++)
        polled[i] = (struct pollfd){.fd = fds[i % 2], .events = POLLOUT};
    if (poll(polled, POLLED, 0) < 0)
        return errno;
    return polled[1].revents == POLLOUT && !polled[0].revents ? 0 : WRONG;
}

static int do_select(void)
{
    struct timeval no_time = {.tv_sec = 0};
    fd_set readable, writable;
    int fds[2];

    if (pipe(fds))
        return errno;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(fds[0], &readable);
    FD_SET(fds[1], &writable);
    if (select(FD_SETSIZE, &readable, &writable, NULL, &no_time) < 0)
        return errno;
    return !FD_ISSET(fds[0], &readable) && FD_ISSET(fds[1], &writable) ? 0
                                                                       : WRONG;
}

static int do_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(0), inner = set < 0 ? -1 : epoll_create1(0);
    int counter = inner < 0 ? -1 : eventfd(1, 0);

    if (counter < 0 || epoll_ctl(inner, EPOLL_CTL_ADD, counter, &event) ||
        epoll_ctl(set, EPOLL_CTL_ADD, inner, &event))
        return errno;
    return epoll_wait(set, &event, 1, 0) == 1 ? 0 : WRONG;
}

static int do_event_files(void)
{
    sigset_t none;

    sigemptyset(&none);
    return timerfd_create(CLOCK_MONOTONIC, 0) < 0 || signalfd(-1, &none, 0) < 0
               ? errno
               : 0;
}

// Without memory for an event the program is told that some are missing.
static int do_inotify(void)
{
    char bytes[256];
    int fd = inotify_init1(IN_NONBLOCK), file;

    if (fd < 0 || inotify_add_watch(fd, "/tmp", IN_ALL_EVENTS) < 0)
        return errno;
    file = open("/tmp", O_RDONLY);
    if (file < 0)
        return errno;
    close(file);
    if (read(fd, bytes, sizeof(bytes)) < 16)
        return ENOMEM;
    return close(fd) ? WRONG : 0;
}

static int do_pidfd(void)
{
    return syscall(SYS_pidfd_open, getpid(), 0) < 0 ? errno : 0;
}

static int unnamed_in(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR, 0600);

    if (fd < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_unnamed(void)
{
    int failed = unnamed_in("/tmp");

    return failed ? failed : unnamed_in("/");
}

static int do_posix_timers(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGUSR1};

    for (int i = 0; i < 3; i++) {
        int id;

        if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id))
            return errno;
    }
    return 0;
}

// What is locked by steps that fail is given up with the file.
static int do_locks(void)
{
    struct flock all = {.l_type = F_RDLCK};
    struct flock middle = {.l_type = F_UNLCK, .l_start = 5, .l_len = 5};
    int fd = open("/tmp", O_RDONLY);

    if (fd < 0 || fcntl(fd, F_SETLK, &all) || fcntl(fd, F_SETLK, &middle) ||
        flock(fd, LOCK_EX))
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_splice(void)
{
    char byte = 'x';
    int one[2], two[2];

    if (pipe(one) || pipe(two) || write(one[1], &byte, 1) != 1 ||
        tee(one[0], two[1], 1, 0) != 1 ||
        splice(one[0], NULL, two[1], NULL, 1, 0) != 1)
        return errno;
    return read(two[0], &byte, 1) == 1 ? 0 : errno;
}

static int read_folder(const char *path)
{
    char entries[512];
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    long bytes;

    if (fd < 0)
        return errno;
    while ((bytes = syscall(SYS_getdents64, fd, entries, sizeof(entries))) > 0)
        ;
    if (bytes < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_readdir(void)
{
    static const char *const paths[] = {"/bin", "/tmp", "/proc", "/dev"};
    int failed = 0;

    for (size_t i = 0; !failed && i < sizeof(paths) / sizeof(paths[0]); i++)
        failed = read_folder(paths[i]);
    return failed;
}

static int do_symlink(void)
{
    char target[sizeof(LINK_TARGET)];
    ssize_t bytes;

    if (symlink(LINK_TARGET, LINK_PATH))
        return errno;
    bytes = readlink(LINK_PATH, target, sizeof(target));
    if (bytes < 0)
        return errno;
    return (size_t)bytes == sizeof(target) - 1 &&
                   memcmp(target, LINK_TARGET, (size_t)bytes) == 0
               ? 0
               : WRONG;
}

static int do_readlink(void)
{
    char target[64];

    return readlink("/usr/bin", target, sizeof(target)) < 0 ? errno : 0;
}

static int do_folder(void)
{
    if (mkdir(FOLDER_PATH, 0700))
        return errno;
    if (rename(FOLDER_PATH, RENAMED_PATH))
        return errno;
    return rmdir(RENAMED_PATH) ? errno : 0;
}

static int do_fifo(void)
{
    int fd;

    if (mkfifo(FIFO_PATH, 0600))
        return errno;
    fd = open(FIFO_PATH, O_RDWR);
    if (fd < 0)
        return errno;
    return write(fd, "x", 1) == 1 ? 0 : errno;
}

static void remove_all(void)
{
    static const char *const paths[] = {LINK_PATH, FOLDER_PATH, RENAMED_PATH,
                                        FIFO_PATH};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (unlink(paths[i]))
            rmdir(paths[i]);
        access(paths[i], F_OK);
    }
}

static int mount_and_use(const char *type)
{
    if (mount("inject", MOUNT_PATH, type, MS_NOSUID, NULL))
        return errno;
    if (access(MOUNT_PATH "/.", R_OK))
        return errno;
    return umount(MOUNT_PATH) ? errno : 0;
}

static int do_mount(void)
{
    int failed = mount_and_use("tmpfs");

    return failed ? failed : mount_and_use("proc");
}

// Not an ext2, but it takes reading to know.
static int do_mount_other(void)
{
    if (mount("/dev/sda1", MOUNT_PATH, "ext2", MS_RDONLY, NULL) == 0)
        return WRONG;
    if (errno == ENOENT || errno == ENOTBLK)
        return NOT_HERE;
    return errno == EINVAL ? 0 : errno;
}

static void unmount(void)
{
    umount(MOUNT_PATH);
}

static const struct operation operations[] = {
    {.name = "pipe", .run = do_pipe},
    {.name = "pseudo terminal", .run = do_pty},
    {.name = "poll", .run = do_poll},
    {.name = "select", .run = do_select},
    {.name = "epoll", .run = do_epoll},
    {.name = "timerfd and signalfd", .run = do_event_files},
    {.name = "inotify", .run = do_inotify},
    {.name = "pidfd", .run = do_pidfd},
    {.name = "unnamed files", .run = do_unnamed},
    {.name = "POSIX timers", .run = do_posix_timers, .also = EAGAIN},
    {.name = "locks", .run = do_locks},
    {.name = "splice and tee", .run = do_splice},
    {.name = "open", .run = do_open},
    {.name = "creating a file", .run = do_create},
    {.name = "reading folders", .run = do_readdir},
    {.name = "symlink", .run = do_symlink, .clean = remove_all},
    {.name = "readlink", .run = do_readlink},
    {.name = "mkdir and rename", .run = do_folder, .clean = remove_all},
    {.name = "fifo", .run = do_fifo, .clean = remove_all},
    {.name = "mount", .run = do_mount, .clean = unmount},
    {.name = "mount of what is no ext2",
     .run = do_mount_other,
     .clean = unmount},
    {.name = "read of /proc", .run = do_proc_read},
    {.name = "census", .run = do_census},
    {.name = "dup", .run = do_dup},
    {.name = "chdir", .run = do_chdir},
};

const struct operation_set file_operations = {
    operations, sizeof(operations) / sizeof(operations[0])};
