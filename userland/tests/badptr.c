// userland/tests/badptr.c - system calls given addresses that are not ours
// SPDX-License-Identifier: MIT
//
// Every row of the table is tried with each bad address, and must fail with
// EFAULT: the kernel may neither believe the address nor die of it. Made with
// the raw numbers, since a C library is free to look at its arguments itself.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    LENGTH = 16,
    KERNEL_SIGSET_BYTES = 8,
};

static int pipe_ends[2];

static long bad_write(void *bad)
{
    return syscall(SYS_write, pipe_ends[1], bad, LENGTH);
}

static long bad_write_stdout(void *bad)
{
    return syscall(SYS_write, STDOUT_FILENO, bad, LENGTH);
}

static long bad_read(void *bad)
{
    if (write(pipe_ends[1], "x", 1) != 1)
        return 0;
    long result = syscall(SYS_read, pipe_ends[0], bad, LENGTH);
    int error = errno;

    // A pipe keeps what could not be delivered; take it out.
    if (result < 0) {
        char byte;

        if (read(pipe_ends[0], &byte, 1) != 1)
            return 0;
    }
    errno = error;
    return result;
}

static long bad_read_file(void *bad)
{
    int fd = open(own_path, O_RDONLY);
    long result = syscall(SYS_read, fd, bad, LENGTH);
    int error = errno;

    close(fd);
    errno = error;
    return result;
}

static long bad_writev_vector(void *bad)
{
    return syscall(SYS_writev, pipe_ends[1], bad, 1);
}

static long bad_writev_base(void *bad)
{
    struct iovec vector = {bad, LENGTH};

    return syscall(SYS_writev, pipe_ends[1], &vector, 1);
}

static long bad_open(void *bad)
{
    return syscall(SYS_open, bad, O_RDONLY);
}

static long bad_stat_path(void *bad)
{
    uint8_t room[256];

    return syscall(SYS_stat64, bad, room);
}

static long bad_stat_result(void *bad)
{
    return syscall(SYS_stat64, "/", bad);
}

static long bad_readlink(void *bad)
{
    return syscall(SYS_readlink, bad, bad, LENGTH);
}

static long bad_getcwd(void *bad)
{
    return syscall(SYS_getcwd, bad, PAGE_BYTES);
}

static long bad_chdir(void *bad)
{
    return syscall(SYS_chdir, bad);
}

static long bad_execve_path(void *bad)
{
    char *arguments[] = {"x", NULL};

    return syscall(SYS_execve, bad, arguments, arguments + 1);
}

static long bad_execve_argv(void *bad)
{
    return syscall(SYS_execve, own_path, bad, NULL);
}

static long bad_execve_argument(void *bad)
{
    char *arguments[] = {bad, NULL};

    return syscall(SYS_execve, own_path, arguments, NULL);
}

static long bad_uname(void *bad)
{
    return syscall(SYS_uname, bad);
}

static long bad_pipe(void *bad)
{
    return syscall(SYS_pipe, bad);
}

static long bad_wait(void *bad)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return syscall(SYS_wait4, child, bad, 0, NULL);
}

static long bad_sigaction(void *bad)
{
    return syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, KERNEL_SIGSET_BYTES);
}

static long bad_sigprocmask(void *bad)
{
    return syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL,
                   KERNEL_SIGSET_BYTES);
}

static long bad_nanosleep(void *bad)
{
    return syscall(SYS_nanosleep, bad, NULL);
}

static long bad_clock(void *bad)
{
    return syscall(403 /* clock_gettime64 */, 0, bad);
}

static long bad_set_thread_area(void *bad)
{
    return syscall(SYS_set_thread_area, bad);
}

static long bad_poll(void *bad)
{
    return syscall(SYS_poll, bad, 1, 0);
}

static const struct row {
    const char *name;
    long (*call)(void *);
} rows[] = {
    {"write", bad_write},
    {"write-stdout", bad_write_stdout},
    {"read", bad_read},
    {"read-file", bad_read_file},
    {"writev-vector", bad_writev_vector},
    {"writev-base", bad_writev_base},
    {"open", bad_open},
    {"stat64-path", bad_stat_path},
    {"stat64-result", bad_stat_result},
    {"readlink", bad_readlink},
    {"getcwd", bad_getcwd},
    {"chdir", bad_chdir},
    {"execve-path", bad_execve_path},
    {"execve-argv", bad_execve_argv},
    {"execve-argument", bad_execve_argument},
    {"uname", bad_uname},
    {"pipe", bad_pipe},
    {"wait4", bad_wait},
    {"rt_sigaction", bad_sigaction},
    {"rt_sigprocmask", bad_sigprocmask},
    {"nanosleep", bad_nanosleep},
    {"clock_gettime64", bad_clock},
    {"set_thread_area", bad_set_thread_area},
    {"poll", bad_poll},
};

enum {
    ROWS = sizeof(rows) / sizeof(rows[0])
};

// try_row - the row with each bad address. A call that the kernel lacks is
// skipped: other tests say which calls must be there.
static void try_row(const struct row *row, void *const *bad, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        errno = 0;
        long result = row->call(bad[i]);
        int error = errno;

        if (result == -1 && error == ENOSYS) {
            ktap_skip(row->name, "no such system call");
            return;
        }
        if (result != -1 || error != EFAULT) {
            ktap_result(false, "%s", row->name);
            ktap_note("at %p: result %ld, %s", bad[i], result, strerror(error));
            return;
        }
    }
    ktap_result(true, "%s", row->name);
}

void suite_badptr(void)
{
    uint8_t *hole =
        mmap(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *const bad[] = {
        (void *)(uintptr_t)KERNEL_ADDRESS, // the kernel's own memory
        (void *)(uintptr_t)PAGE_BYTES,     // never mapped
        (void *)(UINTPTR_MAX - 7),         // the end lies beyond 4 GiB
        hole,                              // mapped, without any right
    };

    if (hole == MAP_FAILED || pipe(pipe_ends) != 0)
        ktap_bail("badptr: %s", strerror(errno));
    ktap_enter("badptr", ROWS);
    for (int i = 0; i < ROWS; i++)
        try_row(&rows[i], bad, sizeof(bad) / sizeof(bad[0]));
    ktap_leave();
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    munmap(hole, PAGE_BYTES);
}
