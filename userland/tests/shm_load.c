// userland/tests/shm_load.c - more shared memory than there is memory
// SPDX-License-Identifier: MIT
//
// Each page has a word that depends on its place at both ends, so that a page
// that was lost, or is another's, is found.

#include "shm.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "vmstat.h"

enum {
    PAGES_PER_MIB = (1 << 20) / PAGE_BYTES,
    LAST_WORD = PAGE_BYTES / 4 - 1,
    RACE_PAGES = 256,
};

#define RW (PROT_READ | PROT_WRITE)

struct region {
    uint32_t *words;
    uint32_t pages, salt;
};

static uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

static void fill(const struct region *r)
{
    for (uint32_t page = 0; page < r->pages; page++) {
        uint32_t *words = r->words + (size_t)page * (PAGE_BYTES / 4);

        words[0] = mix(page ^ r->salt);
        words[LAST_WORD] = ~words[0];
    }
}

static bool is_right(const struct region *r)
{
    for (uint32_t page = 0; page < r->pages; page++) {
        const uint32_t *words = r->words + (size_t)page * (PAGE_BYTES / 4);
        uint32_t wanted = mix(page ^ r->salt);

        if (words[0] == wanted && words[LAST_WORD] == ~wanted && words[1] == 0)
            continue;
        ktap_note("mismatch: page %u: %08x %08x, expected %08x", page, words[0],
                  words[LAST_WORD], wanted);
        return false;
    }
    return true;
}

static bool check(void *argument)
{
    return is_right(argument);
}

static bool check_and_refill(void *argument)
{
    struct region *r = argument;

    if (!is_right(r))
        return false;
    r->salt++;
    fill(r);
    return true;
}

static struct region map_region(unsigned mib, int fd)
{
    struct region r = {.pages = mib * PAGES_PER_MIB, .salt = 1};
    int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;

    r.words = mmap(NULL, (size_t)r.pages * PAGE_BYTES, RW, flags, fd, 0);
    if (r.words == MAP_FAILED)
        ktap_bail("mmap of %u MiB: %s", mib, strerror(errno));
    return r;
}

static void unmap_region(struct region *r)
{
    munmap(r->words, (size_t)r->pages * PAGE_BYTES);
}

// read(2) and private mappings find what was written through the mapping.
static bool others_see(int fd, const struct region *r)
{
    uint32_t word, page = r->pages / 3;
    struct region copy = *r;
    bool ok = pread(fd, &word, sizeof(word), (off_t)page * PAGE_BYTES) ==
                  sizeof(word) &&
              word == mix(page ^ r->salt);

    copy.words = mmap(NULL, (size_t)r->pages * PAGE_BYTES, RW,
                      MAP_PRIVATE | MAP_NORESERVE, fd, 0);
    if (copy.words == MAP_FAILED)
        return false;
    for (page = 0; page < r->pages; page += 97)
        copy.words[(size_t)page * (PAGE_BYTES / 4) + 2] = page;
    ok = ok && is_right(&copy);
    unmap_region(&copy);
    return ok;
}

int shm_walk(unsigned mib)
{
    struct region r = map_region(mib, -1);
    struct stat status;
    int fd;

    ktap_plan(8);
    vmstat_note_swap("before");
    fill(&r);
    ktap_result(is_right(&r), "anonymous: %u MiB", mib);
    ktap_result(child_says(check, &r), "anonymous: in a child");
    ktap_result(child_says(check_and_refill, &r), "anonymous: child rewrites");
    r.salt++;
    ktap_result(is_right(&r), "anonymous: what the child wrote");
    unmap_region(&r);

    fd = memfd_create("walk", 0);
    if (fd < 0 || ftruncate(fd, (off_t)mib << 20) != 0)
        ktap_bail("memfd_create: %s", strerror(errno));
    r = map_region(mib, fd);
    fill(&r);
    ktap_result(is_right(&r), "memfd: %u MiB", mib);
    ktap_result(fstat(fd, &status) == 0 &&
                    status.st_blocks == (blkcnt_t)mib * 2048,
                "memfd: blocks in memory and swap");
    ktap_result(others_see(fd, &r), "memfd: read, private copies");
    ktap_result(ftruncate(fd, PAGE_BYTES + 1) == 0 && fstat(fd, &status) == 0 &&
                    status.st_blocks == 16,
                "memfd: truncated");
    unmap_region(&r);
    close(fd);
    vmstat_note_swap("after");
    return ktap_finish();
}

// Uses so many MiB of private memory for a moment: others go to swap.
static bool press_once(void *mib)
{
    struct region r = {.pages = *(unsigned *)mib * PAGES_PER_MIB, .salt = 5};

    r.words = mmap(NULL, (size_t)r.pages * PAGE_BYTES, RW,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r.words == MAP_FAILED)
        return false;
    fill(&r);
    return is_right(&r);
}

int shm_swapoff(unsigned mib, const char *device)
{
    struct region r = map_region(mib, -1);
    unsigned press = mib * 3 / 2;

    ktap_plan(4);
    fill(&r);
    child_says(press_once, &press);
    ktap_result(swapoff(device) == 0, "swapoff");
    ktap_result(is_right(&r), "content");
    ktap_result(swapon(device, 0) == 0, "swapon");
    ktap_result(child_says(check, &r), "content, in a child");
    unmap_region(&r);
    return ktap_finish();
}

// ---- races -----------------------------------------------------------------

// Keeps touching the file through a mapping; what is beyond its end at that
// moment kills it, and it is started again.
static void touch_forever(int fd, uint32_t seed)
{
    uint32_t *words =
        mmap(NULL, RACE_PAGES * PAGE_BYTES, RW, MAP_SHARED, fd, 0);

    for (;;) {
        for (int i = 0; i < 64; i++) {
            seed = mix(seed + 1);
            words[(size_t)(seed % RACE_PAGES) * (PAGE_BYTES / 4)] = seed;
        }
        sched_yield(); // the truncating one is to have its turn
    }
}

// Takes memory from the others, most of a small machine's.
static void press_forever(void)
{
    struct region r = {.pages = 60 * PAGES_PER_MIB, .salt = 9};

    r.words = mmap(NULL, (size_t)r.pages * PAGE_BYTES, RW,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r.words == MAP_FAILED)
        _exit(1);
    for (;;)
        fill(&r);
}

static pid_t start(int fd, int which)
{
    pid_t child = fork();

    if (child < 0)
        ktap_bail("fork: %s", strerror(errno));
    if (child == 0 && which < 2)
        touch_forever(fd, (uint32_t)which);
    if (child == 0)
        press_forever();
    return child;
}

int shm_race(unsigned rounds)
{
    const int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    const off_t full = RACE_PAGES * PAGE_BYTES;
    int fd = memfd_create("race", 0), status;
    struct stat info;
    pid_t children[3];
    bool ok = true;
    char byte = 1;

    ktap_plan(3);
    if (fd < 0 || ftruncate(fd, full) != 0)
        ktap_bail("memfd_create: %s", strerror(errno));
    for (int i = 0; i < 3; i++)
        children[i] = start(fd, i);
    for (unsigned round = 0; round < rounds && ok; round++) {
        uint32_t page = mix(round) % RACE_PAGES;

        ok = ftruncate(fd, page * PAGE_BYTES + 7) == 0 &&
             ftruncate(fd, full) == 0 &&
             pread(fd, &byte, 1, page * PAGE_BYTES + 7) == 1 &&
             fallocate(fd, punch, page * PAGE_BYTES / 2, 5000) == 0;
        for (int i = 0; i < 2; i++)
            if (waitpid(children[i], &status, WNOHANG) == children[i])
                children[i] = start(fd, i);
        usleep(1000);
    }
    ktap_result(ok, "%u rounds", rounds);
    for (int i = 0; i < 3; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], &status, 0);
    }
    ktap_result(ftruncate(fd, 0) == 0 && fstat(fd, &info) == 0 &&
                    info.st_blocks == 0,
                "nothing is left");
    ktap_result(ftruncate(fd, full) == 0 && pread(fd, &byte, 1, 9000) == 1 &&
                    byte == 0,
                "zeros afterwards");
    close(fd);
    return ktap_finish();
}
