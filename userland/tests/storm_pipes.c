// userland/tests/storm_pipes.c - storm.c: a chain of pipes, scripts in scripts
// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm.h"

enum {
    LINKS = 50,
    CHUNK = 3000, // neither a page nor a part of one
    CHUNKS = 700, // 2 MiB
    LEVELS = 10,
    LAST_STATUS = 42,
    TEXT_BYTES = 256,
};

static uint32_t add(uint32_t sum, const uint8_t *bytes, ssize_t count)
{
    for (ssize_t i = 0; i < count; i++)
        sum = (sum << 5 | sum >> 27) ^ bytes[i];
    return sum;
}

static bool write_all(int fd, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        ssize_t done = write(fd, bytes, count);

        if (done <= 0)
            return false;
        bytes += done;
        count -= (size_t)done;
    }
    return true;
}

static _Noreturn void link_of_chain(int from, int to)
{
    static uint8_t bytes[4096];
    ssize_t count;

    while ((count = read(from, bytes, sizeof(bytes))) > 0)
        if (!write_all(to, bytes, (size_t)count))
            _exit(1);
    _exit(count < 0);
}

static _Noreturn void head_of_chain(int to)
{
    static uint8_t bytes[CHUNK];

    for (uint32_t i = 0; i < CHUNKS; i++) {
        memset(bytes, (int)i, sizeof(bytes));
        bytes[i % CHUNK] = 0xa5;
        if (!write_all(to, bytes, sizeof(bytes)))
            _exit(1);
    }
    _exit(0);
}

static uint32_t sum_of_head(void)
{
    static uint8_t bytes[CHUNK];
    uint32_t sum = 0;

    for (uint32_t i = 0; i < CHUNKS; i++) {
        memset(bytes, (int)i, sizeof(bytes));
        bytes[i % CHUNK] = 0xa5;
        sum = add(sum, bytes, sizeof(bytes));
    }
    return sum;
}

bool storm_pipes(void)
{
    static uint8_t bytes[4096];
    pid_t pids[LINKS];
    int ends[2], from = -1;
    uint32_t sum = 0, total = 0;
    ssize_t count;
    bool ok = true;

    for (unsigned i = 0; i < LINKS; i++) {
        if (pipe(ends) != 0)
            return false;
        pids[i] = fork();
        if (pids[i] == 0) {
            close(ends[0]);
            if (i == 0)
                head_of_chain(ends[1]);
            link_of_chain(from, ends[1]);
        }
        close(ends[1]);
        close(from);
        from = ends[0];
    }
    while ((count = read(from, bytes, sizeof(bytes))) > 0) {
        sum = add(sum, bytes, count);
        total += (uint32_t)count;
    }
    for (unsigned i = 0; i < LINKS; i++)
        ok &= storm_wait(pids[i], 0);
    return ok && total == CHUNKS * CHUNK && sum == sum_of_head();
}

// ---- scripts ----------------------------------------------------------------
//
// Script n runs script n + 1 by its #! line or in $(), prints its own number
// before what that printed, and exits with one more than it did.

static bool make_script(const char *folder, int n)
{
    char path[TEXT_BYTES], text[TEXT_BYTES];
    int fd, length;

    snprintf(path, sizeof(path), "%s/s%d", folder, n);
    if (n == LEVELS)
        length = snprintf(text, sizeof(text), "#!/bin/sh\necho end\nexit %d\n",
                          LAST_STATUS);
    else if (n % 2)
        length =
            snprintf(text, sizeof(text), "#!/bin/storm level\n# level %d\n", n);
    else
        length = snprintf(text, sizeof(text),
                          "#!/bin/sh\nout=$(%s/s%d)\nstatus=$?\n"
                          "echo %d $out\nexit $((status + 1))\n",
                          folder, n + 1, n);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    if (fd < 0 || !write_all(fd, (const uint8_t *)text, (size_t)length))
        return false;
    close(fd);
    return true;
}

// `storm level PATH/sN`: by popen, so by a shell again.
int storm_level(int argc, char **argv)
{
    char line[TEXT_BYTES], command[TEXT_BYTES];
    const char *end = argc > 2 ? strrchr(argv[2], 's') : NULL;
    int n, status;
    FILE *next;

    if (end == NULL)
        return EXIT_FAILURE;
    n = atoi(end + 1);
    snprintf(command, sizeof(command), "%.*s%d", (int)(end + 1 - argv[2]),
             argv[2], n + 1);
    next = popen(command, "r");
    if (next == NULL || fgets(line, sizeof(line), next) == NULL)
        return EXIT_FAILURE;
    status = pclose(next);
    printf("%d %s", n, line);
    return (status >> 8) + 1;
}

bool storm_scripts(void)
{
    char folder[] = "/tmp/storm.XXXXXX", line[TEXT_BYTES], path[TEXT_BYTES];
    bool ok = mkdtemp(folder) != NULL;
    FILE *first;
    int status;

    for (int n = 1; n <= LEVELS; n++)
        ok = ok && make_script(folder, n);
    snprintf(path, sizeof(path), "%s/s1", folder);
    first = popen(path, "r");
    ok = ok && first != NULL && fgets(line, sizeof(line), first) != NULL &&
         strcmp(line, "1 2 3 4 5 6 7 8 9 end\n") == 0;
    status = first != NULL ? pclose(first) : -1;
    for (int n = 1; n <= LEVELS; n++) {
        snprintf(path, sizeof(path), "%s/s%d", folder, n);
        unlink(path);
    }
    rmdir(folder);
    return ok && status >> 8 == LAST_STATUS + LEVELS - 1;
}
