// userland/tests/shm.c - shared memory: anonymous, memfd, tmpfs, System V
// SPDX-License-Identifier: MIT
//
// shm                      each call and its errors
// shm walk MIB             MIB shared between processes: more than the memory,
//                          so that it goes through swap
// shm swapoff MIB DEVICE   the same in swap, when DEVICE is switched off
// shm race ROUNDS          truncation and holes against faults and page-out
//
// Prints KTAP; everything is to be the same on Linux.

#include "shm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

bool child_says(bool (*fn)(void *), void *argument)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        ktap_bail("fork: %s", strerror(errno));
    if (child == 0)
        _exit(fn(argument) ? EXIT_SUCCESS : EXIT_FAILURE);
    if (waitpid(child, &status, 0) != child)
        ktap_bail("waitpid: %s", strerror(errno));
    return status == 0;
}

bool proc_has(const char *path, const char *text)
{
    char line[512];
    bool found = false;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        ktap_bail("%s: %s", path, strerror(errno));
    while (!found && fgets(line, sizeof(line), file) != NULL)
        found = strstr(line, text) != NULL;
    fclose(file);
    return found;
}

void *shm_map(int fd, size_t bytes, int flags)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    return at;
}

static int test_calls(void)
{
    static void (*const tests[])(void) = {
        shm_test_anonymous, shm_test_memfd,        shm_test_seals,
        shm_test_fallocate, shm_test_tmpfs,        shm_test_segments,
        shm_test_control,   shm_test_direct_calls,
    };
    const unsigned count = sizeof(tests) / sizeof(tests[0]);

    ktap_plan(count);
    for (unsigned i = 0; i < count; i++)
        tests[i]();
    return ktap_finish();
}

int main(int argc, char **argv)
{
    unsigned number = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

    if (argc == 1)
        return test_calls();
    if (argc == 3 && number > 0 && strcmp(argv[1], "walk") == 0)
        return shm_walk(number);
    if (argc == 4 && number > 0 && strcmp(argv[1], "swapoff") == 0)
        return shm_swapoff(number, argv[3]);
    if (argc == 3 && number > 0 && strcmp(argv[1], "race") == 0)
        return shm_race(number);
    dprintf(2, "usage: shm [walk MIB | swapoff MIB DEVICE | race ROUNDS]\n");
    return 2;
}
