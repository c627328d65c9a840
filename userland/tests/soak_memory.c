// userland/tests/soak_memory.c - soak: trees of forks, and locked memory
// SPDX-License-Identifier: MIT

#include "soak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    TREE_DEPTH = 3,
    REWRITTEN_PART = 8, // of the pages, by each process of a tree
    SAMPLE_PART = 4,
    COW_SHARE = 4, // the parts of all memory that are this worker's
    MLOCK_SHARE = 16,
    LOCKED_PART = 2, // of this worker's pages, at most
};

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

// Pages and which version of each is there. Both are copied by a fork, the
// versions by the C library's memory and so by the same mechanism: a version
// that is wrong shows as a page that is wrong.
struct region {
    uint32_t *words;
    uint32_t *versions;
    uint32_t pages;
};

static struct region region_new(uint32_t pages)
{
    struct region r = {.pages = pages};

    r.words = soak_map(pages, ANONYMOUS, -1);
    r.versions = calloc(pages, sizeof(*r.versions));
    if (r.versions == NULL)
        soak_fail("calloc: %s", strerror(errno));
    return r;
}

static uint32_t *words_of(const struct region *r, uint32_t page)
{
    return r->words + (size_t)page * PAGE_WORDS;
}

static void rewrite(struct region *r, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t page = soak_random() % r->pages;

        r->versions[page] = soak_random() | 1;
        page_fill(words_of(r, page), page, r->versions[page]);
    }
}

static void check_page(const char *what, const struct region *r, uint32_t page)
{
    page_check(what, words_of(r, page), page, r->versions[page]);
}

static void check_some(const struct region *r)
{
    for (uint32_t i = 0; i < r->pages / SAMPLE_PART; i++)
        check_page("sample", r, soak_random() % r->pages);
}

static void check_all(const struct region *r)
{
    for (uint32_t page = 0; page < r->pages; page++)
        check_page("all", r, page);
}

// Fork two children that do the same with one level less, while this process
// goes on writing.
static void tree(struct region *r, unsigned depth)
{
    pid_t children[2];

    if (depth == 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        uint32_t seed = soak_random();

        children[i] = soak_fork();
        if (children[i] == 0) {
            soak_seed(seed);
            rewrite(r, r->pages / REWRITTEN_PART);
            check_some(r);
            tree(r, depth - 1);
            check_all(r);
            _exit(EXIT_SUCCESS);
        }
    }
    rewrite(r, r->pages / REWRITTEN_PART);
    check_some(r);
    for (unsigned i = 0; i < 2; i++)
        soak_join(children[i]);
}

// Half of the share is in the copies that the tree makes.
void soak_cow(void)
{
    struct region r = region_new(soak.mib * PAGES_PER_MIB / COW_SHARE / 2);

    do {
        rewrite(&r, r.pages / 2);
        tree(&r, 1 + soak_random() % TREE_DEPTH);
        check_all(&r);
        soak_round();
    } while (!soak_over());
}

// ---- mlock ------------------------------------------------------------------

static uint32_t lockable_pages(uint32_t wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
        soak_fail("getrlimit: %s", strerror(errno));
    return limit.rlim_cur / PAGE_BYTES < wanted
               ? (uint32_t)(limit.rlim_cur / PAGE_BYTES)
               : wanted;
}

// What is locked is in memory, and stays there.
static void check_resident(const struct region *r, uint32_t first,
                           uint32_t count)
{
    unsigned char *there = malloc(count);

    if (there == NULL ||
        mincore(words_of(r, first), (size_t)count * PAGE_BYTES, there) != 0)
        soak_fail("mincore: %s", strerror(errno));
    for (uint32_t i = 0; i < count; i++)
        if (!(there[i] & 1))
            soak_fail("page %u is locked and not in memory", first + i);
    free(there);
}

void soak_mlock(void)
{
    struct region r = region_new(soak.mib * PAGES_PER_MIB / MLOCK_SHARE);
    uint32_t most = lockable_pages(r.pages / LOCKED_PART);

    do {
        uint32_t count = 1 + soak_random() % most;
        uint32_t first = soak_random() % (r.pages - count);
        void *start = words_of(&r, first);

        rewrite(&r, r.pages / 2);
        if (mlock(start, (size_t)count * PAGE_BYTES) != 0)
            soak_fail("mlock of %u pages: %s", count, strerror(errno));
        check_resident(&r, first, count);
        soak_sleep_ms(soak_random() % 200);
        check_all(&r);
        check_resident(&r, first, count);
        if (munlock(start, (size_t)count * PAGE_BYTES) != 0)
            soak_fail("munlock: %s", strerror(errno));
        soak_round();
    } while (!soak_over());
}
