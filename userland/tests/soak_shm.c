// userland/tests/soak_shm.c - soak: memory that two processes share
// SPDX-License-Identifier: MIT
//
// Two processes write to pages of their own (even, odd) of a shared anonymous
// mapping, a memfd and a file on tmpfs, then wait for each other, and read all
// of it. What is written where follows from the number of the round, so each
// knows what the other did.

#include "soak.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SHM_SHARE = 8, // the part of all memory that is this worker's
    KINDS = 3,
    HOLE_PAGES = 16,
    ROUNDS = 8, // with the same objects
    WRITTEN_PART = 3,
};

#define TMPFS_FILE "/dev/shm/soak"

struct object {
    uint32_t *words;
    uint32_t *versions;
    uint32_t pages, salt;
    int fd; // -1: none
};

// Ends of two pipes: one byte says that this side is ready.
struct side {
    int in, out;
    unsigned number; // 0 and 1
};

static void meet(const struct side *side)
{
    char byte = 0;

    if (write(side->out, &byte, 1) != 1 || read(side->in, &byte, 1) != 1)
        soak_fail("the other side is gone");
}

static int open_kind(unsigned kind)
{
    int fd = -1;

    if (kind == 1)
        fd = memfd_create("soak", MFD_CLOEXEC);
    if (kind == 2)
        fd = open(TMPFS_FILE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (kind != 0 && fd < 0)
        soak_fail("object %u: %s", kind, strerror(errno));
    return fd;
}

static void object_open(struct object *o, unsigned kind)
{
    size_t bytes = (size_t)o->pages * PAGE_BYTES;

    o->salt = soak_random();
    o->fd = open_kind(kind);
    if (o->fd >= 0 && ftruncate(o->fd, (off_t)bytes) != 0)
        soak_fail("ftruncate: %s", strerror(errno));
    o->words = soak_map(
        o->pages, o->fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, o->fd);
    memset(o->versions, 0, o->pages * sizeof(*o->versions));
}

static void object_close(struct object *o)
{
    munmap(o->words, (size_t)o->pages * PAGE_BYTES);
    if (o->fd >= 0)
        close(o->fd);
}

static void write_pages(struct object *o, unsigned mine, uint32_t round)
{
    for (uint32_t page = 0; page < o->pages; page++) {
        if (mix(page ^ mix(round)) % WRITTEN_PART != 0)
            continue;
        o->versions[page] = round;
        if (page % 2 == mine)
            page_fill(o->words + (size_t)page * PAGE_WORDS, page ^ o->salt,
                      round);
    }
}

// Both know which hole; one makes it.
static void punch(struct object *o, unsigned mine, uint32_t round)
{
    uint32_t first = mix(round) % (o->pages - HOLE_PAGES);

    if (o->fd < 0)
        return;
    memset(o->versions + first, 0, HOLE_PAGES * sizeof(*o->versions));
    if (mine == round % 2 &&
        fallocate(o->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  (off_t)first * PAGE_BYTES, HOLE_PAGES * PAGE_BYTES) != 0)
        soak_fail("fallocate: %s", strerror(errno));
}

static void check(const struct object *o)
{
    uint32_t copy[PAGE_WORDS], page;

    for (page = 0; page < o->pages; page++)
        page_check("shared", o->words + (size_t)page * PAGE_WORDS,
                   page ^ o->salt, o->versions[page]);
    if (o->fd < 0)
        return;
    page = mix(o->salt) % o->pages;
    if (pread(o->fd, copy, sizeof(copy), (off_t)page * PAGE_BYTES) !=
        sizeof(copy))
        soak_fail("pread: %s", strerror(errno));
    page_check("read", copy, page ^ o->salt, o->versions[page]);
}

static void work(struct object *objects, const struct side *side)
{
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        for (unsigned i = 0; i < KINDS; i++)
            write_pages(&objects[i], side->number, round);
        meet(side);
        for (unsigned i = 0; i < KINDS; i++)
            check(&objects[i]);
        meet(side);
        for (unsigned i = 0; i < KINDS; i++)
            punch(&objects[i], side->number, round);
        meet(side);
        for (unsigned i = 0; i < KINDS; i++)
            check(&objects[i]);
        meet(side);
    }
}

static void generation(struct object *objects)
{
    int there[2], back[2];
    struct side parent, child;
    pid_t pid;

    if (pipe(there) != 0 || pipe(back) != 0)
        soak_fail("pipe: %s", strerror(errno));
    parent = (struct side){.in = back[0], .out = there[1], .number = 0};
    child = (struct side){.in = there[0], .out = back[1], .number = 1};
    pid = soak_fork();
    if (pid == 0) {
        close(parent.in);
        close(parent.out);
        work(objects, &child);
        _exit(EXIT_SUCCESS);
    }
    close(child.in);
    close(child.out);
    work(objects, &parent);
    soak_join(pid);
    close(parent.in);
    close(parent.out);
}

void soak_shm(void)
{
    struct object objects[KINDS];

    for (unsigned i = 0; i < KINDS; i++) {
        objects[i].pages = soak.mib * PAGES_PER_MIB / SHM_SHARE / KINDS;
        objects[i].versions = calloc(objects[i].pages, sizeof(uint32_t));
        if (objects[i].versions == NULL)
            soak_fail("calloc: %s", strerror(errno));
    }
    do {
        for (unsigned i = 0; i < KINDS; i++)
            object_open(&objects[i], i);
        generation(objects);
        for (unsigned i = 0; i < KINDS; i++)
            object_close(&objects[i]);
        soak_round();
    } while (!soak_over());
    unlink(TMPFS_FILE);
}
