// userland/tests/pattern.c - accesses to memory in a known pattern
// SPDX-License-Identifier: MIT
//
//     pattern scan MIB PASSES
//     pattern hotset MIB ACCESSES
//
// MIB of anonymous memory are filled, each page with words of its own. Then
//
//   scan     PASSES times all pages, front to back
//   hotset   ACCESSES times a page: in 80 % of them one of the first 20 % of
//            the pages, else one of the others, each as likely as the other
//
// An access reads all of the page and compares. So it takes some thousand
// instructions, as with programs that do something with what they have; the
// time between two of them is not only what faults take. Nothing is written
// after the fill. The same arguments make the same accesses.
//
// Prints KTAP, and with `# majors N` how many major faults the process had
// after the fill. For tests/system/test_miss_ratio.py.

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    PAGE_WORDS = PAGE_BYTES / sizeof(uint32_t),
    PAGES_PER_MIB = (1 << 20) / PAGE_BYTES,
    MIB_MAX = 2048,
    HOT_PAGES_PERCENT = 20,
    HOT_ACCESSES_PERCENT = 80,
};

static uint32_t *words;
static uint32_t pages, wrong;

static void fill(uint32_t page)
{
    uint32_t *at = words + (size_t)page * PAGE_WORDS;

    for (uint32_t i = 0; i < PAGE_WORDS; i++)
        at[i] = page * PAGE_WORDS + i;
}

static void visit(uint32_t page)
{
    const uint32_t *at = words + (size_t)page * PAGE_WORDS;
    uint32_t differs = 0;

    for (uint32_t i = 0; i < PAGE_WORDS; i++)
        differs |= at[i] ^ (page * PAGE_WORDS + i);
    wrong += differs != 0;
}

static void scan(uint32_t passes)
{
    for (uint32_t pass = 0; pass < passes; pass++)
        for (uint32_t page = 0; page < pages; page++)
            visit(page);
}

// Source: Marsaglia, "Xorshift RNGs", 2003.
static uint32_t random_below(uint32_t limit)
{
    static uint32_t state = 2463534242u;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (uint32_t)((uint64_t)state * limit >> 32);
}

static void hotset(uint32_t accesses)
{
    uint32_t hot = pages * HOT_PAGES_PERCENT / 100;

    for (uint32_t i = 0; i < accesses; i++) {
        if (random_below(100) < HOT_ACCESSES_PERCENT)
            visit(random_below(hot));
        else
            visit(hot + random_below(pages - hot));
    }
}

static long majors_now(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        ktap_bail("getrusage: %s", strerror(errno));
    return usage.ru_majflt;
}

static uint32_t parse(const char *text, uint32_t max)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0 || value == 0 || value > max)
        ktap_bail("not a number of 1 to %" PRIu32 ": %s", max, text);
    return value;
}

int main(int argc, char **argv)
{
    bool is_scan = argc == 4 && strcmp(argv[1], "scan") == 0;
    uint32_t times;
    long before;

    if (!is_scan && (argc != 4 || strcmp(argv[1], "hotset") != 0)) {
        dprintf(2, "usage: pattern scan MIB PASSES\n"
                   "       pattern hotset MIB ACCESSES\n");
        return 2;
    }
    ktap_plan(1);
    pages = parse(argv[2], MIB_MAX) * PAGES_PER_MIB;
    times = parse(argv[3], UINT32_MAX);
    words = mmap(NULL, (size_t)pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (words == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    for (uint32_t page = 0; page < pages; page++)
        fill(page);
    before = majors_now();
    if (is_scan)
        scan(times);
    else
        hotset(times);
    ktap_note("majors %ld", majors_now() - before);
    ktap_result(wrong == 0, "%s: %" PRIu32 " pages wrong", argv[1], wrong);
    return ktap_finish();
}
