// tests/unit/test_readahead_plan.c - mm/readahead_plan.c by a simulated cache
// sources: mm/readahead_plan.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include <base/bits.h>
#include <mm/readahead.h>

#define PAGES 4096u
#define MAX   32u

static bool cached[PAGES + 2 * MAX], marked[PAGES + 2 * MAX];
static u32 file_pages, reads, requests;

static void reset(u32 pages)
{
    memset(cached, 0, sizeof(cached));
    memset(marked, 0, sizeof(marked));
    file_pages = pages;
    reads = requests = 0;
}

static void read_planned(const struct readahead_plan *plan)
{
    u32 before = reads;

    for (u32 i = plan->start; i < plan->start + plan->count && i < file_pages;
         i++) {
        reads += !cached[i];
        cached[i] = true;
        if (i == plan->mark)
            marked[i] = true;
    }
    requests += reads > before;
}

static void ask(struct readahead *ra, u32 index, u32 want, bool at_mark)
{
    struct readahead_request rq = {
        .index = index, .want = want, .at_mark = at_mark, .max = MAX};
    struct readahead_plan plan;

    if (ra->hint == READAHEAD_SEQUENTIAL)
        rq.max *= 2;
    while (rq.before < rq.max && rq.before < index &&
           cached[index - rq.before - 1])
        rq.before++;
    rq.hole = index + 1;
    while (rq.hole - index <= rq.max && cached[rq.hole])
        rq.hole++;
    readahead_plan(ra, &rq, &plan);
    CHECK(plan.count <= rq.max);
    read_planned(&plan);
}

// As mapping_read does, page by page.
static void read_pages(struct readahead *ra, u32 first, u32 count)
{
    for (u32 i = first; i < first + count && i < file_pages; i++) {
        if (!cached[i]) {
            ask(ra, i, first + count - i, false);
            CHECK(cached[i]);
        } else if (marked[i]) {
            marked[i] = false;
            ask(ra, i, first + count - i, true);
        }
        ra->next_index = i + 1;
    }
}

TEST(sequential_reads_come_in_large_requests)
{
    struct readahead ra = {0};

    reset(PAGES);
    for (u32 i = 0; i < PAGES; i++)
        read_pages(&ra, i, 1);
    CHECK_EQ(reads, PAGES);
    CHECK(requests <= PAGES / MAX + 4);
}

// The reader never finds a page missing once it is under way.
TEST(sequential_reader_stays_behind)
{
    struct readahead ra = {0};
    u32 misses = 0;

    reset(PAGES);
    for (u32 i = 0; i < PAGES; i++) {
        misses += !cached[i];
        read_pages(&ra, i, 1);
    }
    CHECK_EQ(misses, 1);
}

TEST(random_reads_read_what_is_asked)
{
    struct readahead ra = {0};

    reset(PAGES);
    for (u32 i = 1; i < 100; i++)
        read_pages(&ra, i * 2503 % PAGES | 1, 1);
    CHECK_EQ(reads, 99);
    reset(PAGES);
    ra = (struct readahead){0};
    for (u32 i = 1; i < 20; i++)
        read_pages(&ra, i * 200, 4);
    CHECK_EQ(reads, 19 * 4);
}

TEST(hint_random_reads_what_is_asked)
{
    struct readahead ra = {.hint = READAHEAD_RANDOM};

    reset(PAGES);
    for (u32 i = 0; i < 100; i++)
        read_pages(&ra, i, 1);
    CHECK_EQ(reads, 100);
    CHECK_EQ(requests, 100);
}

TEST(hint_sequential_doubles_the_window)
{
    struct readahead ra = {.hint = READAHEAD_SEQUENTIAL};

    reset(PAGES);
    for (u32 i = 0; i < PAGES; i++)
        read_pages(&ra, i, 1);
    CHECK(requests <= PAGES / (2 * MAX) + 5);
}

TEST(two_readers_of_one_open_file)
{
    struct readahead ra = {0};

    reset(PAGES);
    for (u32 i = 0; i < PAGES / 2; i++) {
        read_pages(&ra, i, 1);
        read_pages(&ra, PAGES / 2 + i, 1);
    }
    CHECK_EQ(reads, PAGES);
    CHECK(requests <= PAGES / 8);
}

TEST(a_big_read_is_not_random)
{
    struct readahead ra = {0};

    reset(PAGES);
    read_pages(&ra, 1000, 100);
    CHECK(reads >= 100 && reads <= 100 + 2 * MAX);
    CHECK(requests <= 6);
}

TEST(end_of_the_file)
{
    struct readahead ra = {0};

    for (u32 pages = 1; pages < 100; pages++) {
        ra = (struct readahead){0};
        reset(pages);
        for (u32 i = 0; i < pages; i++)
            read_pages(&ra, i, 1);
        CHECK_EQ(reads, pages);
    }
}

// Any order: all is found, and nothing is read twice (the cache sees to that,
// if the plan stays in order).
TEST(random_walk)
{
    struct readahead ra = {0};

    reset(PAGES);
    for (u32 round = 0; round < 20000; round++) {
        u32 first = test_random() % PAGES, count = 1 + test_random() % 5;

        if (test_random() % 4)
            first = min(ra.next_index, PAGES - 1);
        read_pages(&ra, first, count);
    }
    CHECK(reads <= PAGES);
}
