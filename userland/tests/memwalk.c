// userland/tests/memwalk.c - more memory than there is, word by word
// SPDX-License-Identifier: MIT
//
// memwalk MIB [SEED] maps MIB and fills it with words that depend on their
// place and on the seed, no two alike, then reads all of it back:
//
//   1 fill         front to back
//   2 sequential   front to back
//   3 random       every page once, in random order, while the child of a fork
//                  rewrites every 8th page of its copy and reads all of it
//   4 child        the child found nothing wrong
//   5 afterwards   front to back: the child's writes are nowhere to be seen
//
// memwalk MIB SEED speed is for comparing with the partition itself (selftest=
// swapraw). One word of each page is written and read, for it is the kernel
// that is measured:
//
//   1 write-out    front to back; measured from the first page that goes out on
//   2 turn-round   read front to back: what is in memory goes out meanwhile
//   3 read-back    the same again: nothing but reading
//
// each with the KiB/s that were written to swap and read from it.
//
// With less RAM than MIB the pages that parent and child share are in swap, and
// both take them back. Prints KTAP with MiB/s of each phase and, where there is
// a /proc/vmstat, the pages swapped in and out. Exits 0 only if every word was
// right.
//
// The child rewrites only an 8th, so that MIB may be more than half of the RAM
// of a machine without swap. No floating point: MiB/s are whole numbers.

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "vmstat.h"

enum {
    PAGE_BYTES = 4096,
    PAGE_WORDS = PAGE_BYTES / sizeof(uint32_t),
    PAGES_PER_MIB = (1 << 20) / PAGE_BYTES,
    MIB_MAX = 3000, // of 3 GiB of addresses
    REWRITE_EVERY = 8,
    MISMATCHES_SHOWN = 5,
};

struct walk {
    uint32_t *words;
    uint32_t pages;
    uint32_t mib;
    uint32_t seed;
    uint32_t rewritten_seed; // of every 8th page, in the child; else the seed
    uint32_t mismatches;
    bool speed;
};

// mix - a bijection of 32-bit words that leaves no pattern: different words
// stay different.
static uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

static uint32_t page_seed(const struct walk *walk, uint32_t page)
{
    return page % REWRITE_EVERY == 0 ? walk->rewritten_seed : walk->seed;
}

static uint32_t word_at(uint32_t seed, uint32_t index)
{
    return mix(index ^ mix(seed));
}

static void fill_page(struct walk *walk, uint32_t page)
{
    uint32_t seed = mix(page_seed(walk, page));
    uint32_t first = page * PAGE_WORDS;

    for (uint32_t i = first; i < first + PAGE_WORDS; i++)
        walk->words[i] = mix(i ^ seed);
}

static void report_mismatch(struct walk *walk, uint32_t index, uint32_t found)
{
    uint32_t page = index / PAGE_WORDS;

    if (walk->mismatches++ >= MISMATCHES_SHOWN)
        return;
    ktap_note("mismatch: page %" PRIu32 " word %" PRIu32 " at %p: found "
              "0x%08" PRIx32 ", expected 0x%08" PRIx32,
              page, index % PAGE_WORDS, (void *)&walk->words[index], found,
              word_at(page_seed(walk, page), index));
}

static void check_page(struct walk *walk, uint32_t page)
{
    uint32_t seed = mix(page_seed(walk, page));
    uint32_t first = page * PAGE_WORDS;

    for (uint32_t i = first; i < first + PAGE_WORDS; i++) {
        uint32_t found = walk->words[i];

        if (found != mix(i ^ seed))
            report_mismatch(walk, i, found);
    }
}

static void check_in_order(struct walk *walk)
{
    for (uint32_t page = 0; page < walk->pages; page++)
        check_page(walk, page);
}

// check_at_random - each page once. The order is a bijection of 0..2^bits-1
// (odd multiplications and right shifts are invertible modulo 2^bits); numbers
// that are no page are passed over.
static void check_at_random(struct walk *walk)
{
    uint32_t bits = 1;

    while ((1u << bits) < walk->pages)
        bits++;
    uint32_t mask = (1u << bits) - 1;
    for (uint32_t i = 0; i <= mask; i++) {
        uint32_t x = (i + mix(walk->seed)) & mask;

        x = (x ^ (x >> (bits + 1) / 2)) * 0x9e3779b1u & mask;
        x = (x ^ (x >> (bits + 1) / 2)) * 0x85ebca6bu & mask;
        x ^= x >> (bits + 1) / 2;
        if (x < walk->pages)
            check_page(walk, x);
    }
}

static uint64_t now_us(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        ktap_bail("clock_gettime: %s", strerror(errno));
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

// end_phase - the result of a phase that began at start_us.
static void end_phase(const char *name, struct walk *walk, uint64_t start_us)
{
    uint64_t us = now_us() - start_us;
    uint64_t rate = us == 0 ? 0 : (uint64_t)walk->mib * 1000000 / us;

    ktap_result(walk->mismatches == 0, "%s: %" PRIu32 " MiB, %" PRIu64 " MiB/s",
                name, walk->mib, rate);
    if (walk->mismatches > 0)
        ktap_note("%" PRIu32 " words were wrong", walk->mismatches);
    walk->mismatches = 0;
}

// ---- speed ------------------------------------------------------------------

struct traffic {
    uint64_t us;
    uint64_t in, out; // pages
};

// traffic_now - the time, and what /proc/vmstat has counted until then.
static struct traffic traffic_now(void)
{
    struct traffic now = {.us = now_us()};
    FILE *file = fopen("/proc/vmstat", "r");
    char line[128];

    if (file == NULL)
        ktap_bail("/proc/vmstat: %s", strerror(errno));
    while (fgets(line, sizeof(line), file) != NULL) {
        sscanf(line, "pswpin %" SCNu64, &now.in);
        sscanf(line, "pswpout %" SCNu64, &now.out);
    }
    fclose(file);
    return now;
}

static void end_traffic(const char *name, struct walk *walk,
                        const struct traffic *start)
{
    struct traffic end = traffic_now();
    uint64_t us = end.us - start->us + 1;
    uint64_t in = (end.in - start->in) * (PAGE_BYTES / 1024);
    uint64_t out = (end.out - start->out) * (PAGE_BYTES / 1024);

    ktap_result(walk->mismatches == 0,
                "%s: %" PRIu64 " ms, out %" PRIu64 " KiB, %" PRIu64
                " KiB/s, in %" PRIu64 " KiB, %" PRIu64 " KiB/s",
                name, us / 1000, out, out * 1000000 / us, in,
                in * 1000000 / us);
    walk->mismatches = 0;
}

static void write_words(struct walk *walk)
{
    struct traffic start = traffic_now(), now;
    bool going_out = false;

    for (uint32_t page = 0; page < walk->pages; page++) {
        uint32_t index = page * PAGE_WORDS;

        if (!going_out && page % PAGES_PER_MIB == 0) {
            now = traffic_now();
            going_out = now.out != start.out;
            start = now;
        }
        walk->words[index] = word_at(walk->seed, index);
    }
    end_traffic("write-out", walk, &start);
}

static void read_words(const char *name, struct walk *walk)
{
    struct traffic start = traffic_now();

    for (uint32_t page = 0; page < walk->pages; page++) {
        uint32_t index = page * PAGE_WORDS;

        if (walk->words[index] != word_at(walk->seed, index))
            report_mismatch(walk, index, walk->words[index]);
    }
    end_traffic(name, walk, &start);
}

static int measure_speed(struct walk *walk)
{
    write_words(walk);
    read_words("turn-round", walk);
    read_words("read-back", walk);
    return ktap_finish();
}

// ---- content ----------------------------------------------------------------

// walk_child - the forked copy: rewrite some, check all. The exit status.
static int walk_child(struct walk *walk)
{
    walk->rewritten_seed = walk->seed + 1;
    for (uint32_t page = 0; page < walk->pages; page += REWRITE_EVERY)
        fill_page(walk, page);
    check_in_order(walk);
    return walk->mismatches == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void walk_forked(struct walk *walk)
{
    int status;
    uint64_t start_us = now_us();
    pid_t child = fork();

    if (child < 0)
        ktap_bail("fork: %s", strerror(errno));
    if (child == 0)
        _exit(walk_child(walk));
    check_at_random(walk);
    end_phase("random", walk, start_us);
    if (waitpid(child, &status, 0) != child)
        ktap_bail("waitpid: %s", strerror(errno));
    ktap_result(status == 0, "child: wait status 0x%x", (unsigned)status);
}

static uint32_t parse(const char *text, const char *what, uint32_t max)
{
    char *end;

    errno = 0;
    unsigned long value = strtoul(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0 || value > max) {
        dprintf(2, "memwalk: bad %s: %s\n", what, text);
        dprintf(2, "usage: memwalk MIB [SEED [speed]]\n");
        exit(2);
    }
    return value;
}

static struct walk parse_arguments(int argc, char **argv)
{
    struct walk walk = {0};

    walk.speed = argc == 4 && strcmp(argv[3], "speed") == 0;
    if (argc < 2 || (argc > 3 && !walk.speed)) {
        dprintf(2, "usage: memwalk MIB [SEED [speed]]\n");
        exit(2);
    }
    walk.mib = parse(argv[1], "MIB", MIB_MAX);
    walk.seed = argc >= 3 ? parse(argv[2], "SEED", UINT32_MAX) : 1;
    walk.rewritten_seed = walk.seed;
    walk.pages = walk.mib * PAGES_PER_MIB;
    return walk;
}

int main(int argc, char **argv)
{
    struct walk walk = parse_arguments(argc, argv);
    size_t bytes = (size_t)walk.pages * PAGE_BYTES;
    uint64_t start_us;

    ktap_plan(walk.speed ? 3 : 5);
    ktap_note("memwalk: %" PRIu32 " MiB, seed %" PRIu32, walk.mib, walk.seed);
    vmstat_note_swap("before");
    walk.words = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (walk.words == MAP_FAILED)
        ktap_bail("mmap of %" PRIu32 " MiB: %s", walk.mib, strerror(errno));
    if (walk.speed)
        return measure_speed(&walk);

    start_us = now_us();
    for (uint32_t page = 0; page < walk.pages; page++)
        fill_page(&walk, page);
    end_phase("fill", &walk, start_us);

    start_us = now_us();
    check_in_order(&walk);
    end_phase("sequential", &walk, start_us);

    walk_forked(&walk);

    start_us = now_us();
    check_in_order(&walk);
    end_phase("afterwards", &walk, start_us);

    if (munmap(walk.words, bytes) != 0)
        ktap_bail("munmap: %s", strerror(errno));
    vmstat_note_swap("after");
    return ktap_finish();
}
