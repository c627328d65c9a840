// userland/tests/inject_ops.c - the operations that inject.c makes fail
// SPDX-License-Identifier: MIT
//
// Each gives back all it took when it succeeds; what it leaves when it fails is
// given back by the end of its process.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject.h"

enum {
    PAGE_BYTES = 4096,
    TABLE_SPAN = 4 << 20, // more than one page table's
};

static int do_fork(void)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(0);
    // Reads no memory that has to be allocated.
    while (waitpid(pid, &status, 0) < 0)
        ;
    return status ? WRONG : 0;
}

static int do_exec(void)
{
    char *arguments[] = {"inject", "exit", NULL};
    char *environment[] = {"A=1", NULL};

    execve(INJECT_PATH, arguments, environment);
    return errno;
}

static int do_vfork(void)
{
    int status;
    pid_t pid = vfork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(0);
    while (waitpid(pid, &status, 0) < 0)
        ;
    return status ? WRONG : 0;
}

static unsigned char *map_pages(int pages)
{
    return mmap(NULL, (size_t)pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// Touched far apart, so that each touch needs a page table.
static int do_touch(void)
{
    unsigned char *at = map_pages(3 * TABLE_SPAN / PAGE_BYTES);

    if (at == MAP_FAILED)
        return errno;
    for (int i = 0; i < 3; i++)
        at[i * TABLE_SPAN] = 1;
    return munmap(at, 3 * TABLE_SPAN) ? WRONG : 0;
}

static int do_file_map(void)
{
    int fd = open(INJECT_PATH, O_RDONLY);
    volatile unsigned char *at;

    if (fd < 0)
        return errno;
    at = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    if (at[0] != 0x7f)
        return WRONG;
    at[PAGE_BYTES] = 1;
    return munmap((void *)at, 2 * PAGE_BYTES) || close(fd) ? WRONG : 0;
}

static int do_protect(void)
{
    unsigned char *at = map_pages(6);

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x33, 6 * PAGE_BYTES);
    if (mprotect(at + PAGE_BYTES, 2 * PAGE_BYTES, PROT_READ))
        return errno;
    if (mprotect(at + 4 * PAGE_BYTES, PAGE_BYTES, PROT_NONE))
        return errno;
    return at[PAGE_BYTES] == 0x33 && munmap(at, 6 * PAGE_BYTES) == 0 ? 0
                                                                     : WRONG;
}

// A failed split leaves the mapping as it is.
static int do_unmap_middle(void)
{
    unsigned char *at = map_pages(3);

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x44, 3 * PAGE_BYTES);
    if (munmap(at + PAGE_BYTES, PAGE_BYTES) == 0)
        return 0;
    for (int i = 0; i < 3 * PAGE_BYTES; i++)
        if (at[i] != 0x44)
            return WRONG;
    return errno;
}

// It has to move, across page tables; if it cannot, all is where it was.
static int do_remap(void)
{
    unsigned char *at = map_pages(4), *to;
    int failed;

    if (at == MAP_FAILED)
        return errno;
    if (mprotect(at + 2 * PAGE_BYTES, 2 * PAGE_BYTES, PROT_NONE))
        return errno;
    memset(at, 0x55, 2 * PAGE_BYTES);
    to = mremap(at, 2 * PAGE_BYTES, TABLE_SPAN, MREMAP_MAYMOVE);
    failed = to == MAP_FAILED ? errno : 0;
    if (failed)
        to = at;
    for (int i = 0; i < 2 * PAGE_BYTES; i++)
        if (to[i] != 0x55)
            return WRONG;
    return failed;
}

static int do_break(void)
{
    // musl's brk() refuses; the call itself gives the break that is now.
    long old = syscall(SYS_brk, 0);

    if (syscall(SYS_brk, old + TABLE_SPAN) == old)
        return ENOMEM;
    *(volatile char *)(old + PAGE_BYTES) = 1;
    return syscall(SYS_brk, old) == old ? 0 : WRONG;
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

static int do_proc_read(void)
{
    char bytes[64];
    int fd = open("/proc/self/status", O_RDONLY);

    if (fd < 0)
        return errno;
    if (read(fd, bytes, sizeof(bytes)) < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_dup(void)
{
    return fcntl(1, F_DUPFD, 200) < 0 ? errno : 0;
}

static int do_chdir(void)
{
    return chdir("/usr/bin") ? errno : 0;
}

const struct operation operations[] = {
    {"fork", do_fork},
    {"execve", do_exec},
    {"vfork", do_vfork},
    {"mmap and touch", do_touch},
    {"mmap of a file", do_file_map},
    {"mprotect", do_protect},
    {"munmap in the middle", do_unmap_middle},
    {"mremap", do_remap},
    {"brk", do_break},
    {"pipe", do_pipe},
    {"open", do_open},
    {"creating a file", do_create},
    {"read of /proc", do_proc_read},
    {"dup", do_dup},
    {"chdir", do_chdir},
};

const unsigned operation_count = sizeof(operations) / sizeof(operations[0]);
