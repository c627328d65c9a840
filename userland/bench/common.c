// userland/bench/common.c - memory, files and children for the operations
// SPDX-License-Identifier: MIT

#include "bench.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

char *bench_map(size_t bytes)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    bench_check(at != MAP_FAILED, "mmap");
    return at;
}

void bench_unmap(void *at, size_t bytes)
{
    bench_check(munmap(at, bytes) == 0, "munmap");
}

void bench_write(char *at, size_t count, size_t stride)
{
    for (size_t i = 0; i < count; i++)
        *(volatile char *)(at + i * stride) = 1;
}

void bench_read(const char *at, size_t count, size_t stride)
{
    for (size_t i = 0; i < count; i++)
        (void)*(volatile const char *)(at + i * stride);
}

int bench_memfd(size_t pages)
{
    static const char page[PAGE] = {1};
    int fd = memfd_create("bench", 0);

    bench_check(fd >= 0, "memfd_create");
    for (size_t i = 0; i < pages; i++)
        bench_check(write(fd, page, PAGE) == PAGE, "write");
    return fd;
}

pid_t bench_fork(void (*run)(void))
{
    pid_t pid = fork();

    bench_check(pid >= 0, "fork");
    if (pid == 0) {
        run();
        _exit(EXIT_SUCCESS);
    }
    return pid;
}

void bench_join(pid_t pid)
{
    bench_check(waitpid(pid, NULL, 0) == pid, "waitpid");
}

void bench_kill(pid_t pid)
{
    bench_check(kill(pid, SIGKILL) == 0, "kill");
    bench_join(pid);
}
