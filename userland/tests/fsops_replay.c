// userland/tests/fsops_replay.c - operations as a script says
// SPDX-License-Identifier: MIT
//
// Each line of standard input is an operation and its operands, as the table
// below has them. When one that makes things durable has returned, the number
// of its line (from 0) is written to the file of stamps. Whoever knows what the
// disk was given, in which order, knows then what was promised at each moment.
//
// Word i of what is written with a seed is (seed << 20) + i.

#include "fsops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    WORDS_MAX = 5,
    SEED_SHIFT = 20,
    CONTENT_WORDS = 1 << 16,
    STAMP_BYTES = 512,
    STAMP_MAGIC = 0x706d7473,
};

static char *words[WORDS_MAX];

static long number(int word)
{
    return strtol(words[word], NULL, 10);
}

static const uint32_t *content(long bytes, long seed)
{
    static uint32_t at[CONTENT_WORDS];

    for (long i = 0; i < CONTENT_WORDS && i * 4 < bytes; i++)
        at[i] = ((uint32_t)seed << SEED_SHIFT) + (uint32_t)i;
    return at;
}

// NAME AT BYTES SEED
static bool write_with(int flags)
{
    int fd = open(words[1], O_CREAT | O_WRONLY | flags, 0644);
    long at = number(2), bytes = number(3);
    bool ok = fd >= 0 &&
              pwrite(fd, content(bytes, number(4)), (size_t)bytes, at) == bytes;

    return close(fd) == 0 && ok;
}

static bool op_write(void)
{
    return write_with(0);
}

static bool op_osync(void)
{
    return write_with(O_SYNC);
}

// NAME AT BYTES SEED, inside the file
static bool op_store(void)
{
    long at = number(2), bytes = number(3);
    int fd = open(words[1], O_RDWR);
    size_t end = (size_t)stat_of(words[1]).st_size;
    uint8_t *map = mmap(NULL, end, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (map == MAP_FAILED)
        return false;
    memcpy(map + at, content(bytes, number(4)), (size_t)bytes);
    bool ok = msync(map, end, MS_SYNC) == 0;
    return munmap(map, end) == 0 && close(fd) == 0 && ok;
}

static bool op_truncate(void)
{
    return truncate(words[1], number(2)) == 0;
}

static bool op_rename(void)
{
    return rename(words[1], words[2]) == 0;
}

static bool op_link(void)
{
    return link(words[1], words[2]) == 0;
}

static bool op_unlink(void)
{
    return unlink(words[1]) == 0;
}

static bool op_mkdir(void)
{
    return mkdir(words[1], 0755) == 0;
}

static bool op_rmdir(void)
{
    return rmdir(words[1]) == 0;
}

static bool sync_with(int (*call)(int))
{
    int fd = open(words[1], O_RDONLY);
    bool ok = fd >= 0 && call(fd) == 0;

    return close(fd) == 0 && ok;
}

static bool op_fsync(void)
{
    return sync_with(fsync);
}

static bool op_fdatasync(void)
{
    return sync_with(fdatasync);
}

static bool op_sync(void)
{
    sync();
    return true;
}

static const struct operation {
    const char *name;
    int words;
    bool (*run)(void);
    bool is_durable;
} operations[] = {
    {"write", 5, op_write, false},        {"osync", 5, op_osync, true},
    {"store", 5, op_store, true},         {"truncate", 3, op_truncate, false},
    {"rename", 3, op_rename, false},      {"link", 3, op_link, false},
    {"unlink", 2, op_unlink, false},      {"mkdir", 2, op_mkdir, false},
    {"rmdir", 2, op_rmdir, false},        {"fsync", 2, op_fsync, true},
    {"fdatasync", 2, op_fdatasync, true}, {"sync", 1, op_sync, true},
};

static const struct operation *find(const char *name, int count)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].name, name) == 0 &&
            operations[i].words == count)
            return &operations[i];
    return NULL;
}

static bool put_stamp(int fd, uint32_t line)
{
    uint32_t stamp[STAMP_BYTES / 4] = {STAMP_MAGIC, line};

    return pwrite(fd, stamp, STAMP_BYTES, 0) == STAMP_BYTES &&
           fdatasync(fd) == 0;
}

int replay(const char *where, const char *stamps)
{
    int fd = open(stamps, O_WRONLY);
    static char line[2 * PATH_MAX];

    if (fd < 0 || chdir(where) != 0)
        return EXIT_FAILURE;
    for (uint32_t at = 0; fgets(line, sizeof(line), stdin); at++) {
        int count = 0;

        for (char *word = strtok(line, " \n"); word && count < WORDS_MAX;
             word = strtok(NULL, " \n"))
            words[count++] = word;
        const struct operation *op = count ? find(words[0], count) : NULL;
        if (!op || !op->run() || (op->is_durable && !put_stamp(fd, at))) {
            printf("line %u: %s: %s\n", (unsigned)at, words[0],
                   op ? strerror(errno) : "what is that?");
            return EXIT_FAILURE;
        }
    }
    return close(fd) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
