// userland/tests/causes_file.c - pages of files: 6, 7, 8, 11, 13
// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "causes.h"

enum {
    PAGES = 64,
    AROUND = 16, // pages that one fault maps at most
};

static uint8_t byte_of(int fd, size_t at)
{
    uint8_t byte = 0xee;

    return pread(fd, &byte, 1, (off_t)at) == 1 ? byte : 0xee;
}

static size_t pages_there(const uint8_t *at, size_t pages)
{
    size_t there = 0;

    for (size_t i = 0; i < pages; i++)
        there += page_there(at + i * PAGE);
    return there;
}

// ---- 6: read ----------------------------------------------------------------

static bool read_cached(void)
{
    int fd = file_of_pages(cause_folder(), PAGES);
    uint8_t *at = map_file(fd, PAGES, PROT_READ, MAP_SHARED);
    struct flt before = flt_now();

    touch_pages(at, PAGES, READING);
    struct flt flt = flt_since(before);
    EXPECT(flt.major == 0);
    EXPECT(flt.minor >= PAGES / AROUND && flt.minor <= PAGES);
    for (size_t i = 0; i < PAGES; i++)
        EXPECT(is_filled(at + i * PAGE, PAGE, (uint8_t)(i + 1)));
    EXPECT((pagemap(at) & (PM_PRESENT | PM_FILE)) == (PM_PRESENT | PM_FILE));
    close(fd);
    return munmap(at, PAGES * PAGE) == 0;
}

static bool maps_what_is_around(void)
{
    int fd = file_of_pages(cause_folder(), PAGES);
    uint8_t *at = map_file(fd, PAGES, PROT_READ, MAP_PRIVATE);

    EXPECT(area_kib(at, "Rss") == 0 && page_there(at + 40 * PAGE));
    touch_pages(at + 40 * PAGE, 1, READING);
    long rss = area_kib(at, "Rss");
    EXPECT(rss >= 4 && rss <= AROUND * 4);
    EXPECT(!(pagemap(at) & PM_PRESENT));
    EXPECT(area_kib(at, "Anonymous") == 0);
    close(fd);
    return munmap(at, PAGES * PAGE) == 0;
}

static bool read_cold(void)
{
    int fd = cold_file();

    if (fd < 0)
        return cause_skip("no file on a disk");
    uint8_t *at = map_file(fd, COLD_PAGES, PROT_READ, MAP_PRIVATE);
    struct flt before = flt_now();
    touch_pages(at + 3 * PAGE, 1, READING);
    struct flt flt = flt_since(before);
    EXPECT(flt.major == 1 && flt.minor == 0);
    EXPECT(page_there(at + 3 * PAGE));
    // It was not read alone.
    EXPECT(pages_there(at, COLD_PAGES) >= 4);
    EXPECT(byte_of(fd, 3 * PAGE + 9) == at[3 * PAGE + 9]);
    before = flt_now();
    touch_pages(at, COLD_PAGES, READING);
    EXPECT(flt_since(before).major <= COLD_PAGES / 4);
    close(fd);
    return munmap(at, COLD_PAGES * PAGE) == 0;
}

static bool read_cold_at_random(void)
{
    int fd = cold_file();

    if (fd < 0)
        return cause_skip("no file on a disk");
    uint8_t *at = map_file(fd, COLD_PAGES, PROT_READ, MAP_PRIVATE);
    EXPECT(madvise(at, COLD_PAGES * PAGE, MADV_RANDOM) == 0);
    touch_pages(at + 3 * PAGE, 1, READING);
    EXPECT(pages_there(at, COLD_PAGES) == 1);
    close(fd);
    return munmap(at, COLD_PAGES * PAGE) == 0;
}

static const struct cause_test read_tests[] = {
    {"cached pages", read_cached},
    {"maps cached pages around", maps_what_is_around},
    {"from the disk, with what is around", read_cold},
    {"MADV_RANDOM, without", read_cold_at_random},
};
const struct cause cause_file_read = {6, "a file's page", read_tests,
                                      sizeof(read_tests) / sizeof(*read_tests),
                                      NULL};

// ---- 7: written, private ----------------------------------------------------

static bool private_copy(void)
{
    int fd = file_of_pages(cause_folder(), 4);
    uint8_t *at = map_file(fd, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    uint8_t *other = map_file(fd, 4, PROT_READ, MAP_SHARED);
    struct flt before = flt_now();

    touch_pages(at + PAGE, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 1 && flt.major == 0);
    EXPECT(at[PAGE] == 0xa5 && is_filled(at + PAGE + 1, PAGE - 1, 2));
    EXPECT(byte_of(fd, PAGE) == 2 && other[PAGE] == 2);
    EXPECT(!(pagemap(at + PAGE) & PM_FILE));
    EXPECT(area_kib(at, "Anonymous") == 4);
    // The file's own page is another from now on.
    EXPECT(pwrite(fd, "x", 1, PAGE + 1) == 1);
    EXPECT(at[PAGE + 1] == 2 && other[PAGE + 1] == 'x');
    close(fd);
    return munmap(at, 4 * PAGE) == 0 && munmap(other, 4 * PAGE) == 0;
}

static bool private_cold(void)
{
    int fd = cold_file();

    if (fd < 0)
        return cause_skip("no file on a disk");
    uint8_t *at = map_file(fd, COLD_PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    struct flt before = flt_now();
    touch_pages(at + 5 * PAGE, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.major == 1 && flt.minor == 0);
    EXPECT(at[5 * PAGE + 1] == byte_of(fd, 5 * PAGE + 1));
    EXPECT(pagemap(at + 5 * PAGE) & PM_EXCLUSIVE);
    close(fd);
    return munmap(at, COLD_PAGES * PAGE) == 0;
}

static const struct cause_test private_tests[] = {
    {"a copy", private_copy},
    {"from the disk", private_cold},
};
const struct cause cause_private_write = {
    7, "first write, private", private_tests,
    sizeof(private_tests) / sizeof(*private_tests), NULL};

// ---- 8: written, shared -----------------------------------------------------

static bool shared_is_the_file(void)
{
    int fd = file_of_pages(cause_folder(), PAGES);
    uint8_t *at = map_file(fd, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED);
    uint8_t *other = map_file(fd, PAGES, PROT_READ, MAP_PRIVATE);
    struct flt before = flt_now();

    touch_pages(at, PAGES, WRITING); // nothing comes with it
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == PAGES && flt.major == 0);
    EXPECT(byte_of(fd, 0) == 0xa5 && byte_of(fd, 1) == 1);
    EXPECT(other[PAGE] == 0xa5 && other[PAGE + 1] == 2);
    EXPECT(pagemap(at) & PM_FILE);
    EXPECT(area_kib(at, "Anonymous") == 0 && area_kib(at, "Rss") == PAGES * 4);
    EXPECT(msync(at, PAGES * PAGE, MS_SYNC) == 0 && byte_of(fd, 0) == 0xa5);
    close(fd);
    return munmap(at, PAGES * PAGE) == 0 && munmap(other, PAGES * PAGE) == 0;
}

static bool shared_hole(void)
{
    int fd = file_of_pages(cause_folder(), 1);

    EXPECT(ftruncate(fd, 8 * PAGE) == 0);
    uint8_t *at = map_file(fd, 8, PROT_READ | PROT_WRITE, MAP_SHARED);
    EXPECT(access_works(at + 5 * PAGE, WRITING));
    EXPECT(byte_of(fd, 5 * PAGE) == 0xa5 && byte_of(fd, 5 * PAGE + 1) == 0);
    EXPECT(is_filled(at + 4 * PAGE, PAGE, 0));
    close(fd);
    return munmap(at, 8 * PAGE) == 0;
}

static const struct cause_test shared_tests[] = {
    {"what the file has from now on", shared_is_the_file},
    {"to a hole of the file", shared_hole},
};
const struct cause cause_shared_write = {
    8, "first write, shared", shared_tests,
    sizeof(shared_tests) / sizeof(*shared_tests), NULL};

// ---- 11: shared, and clean until now ----------------------------------------

// Of a tmpfs nobody asks to be told.
static const char *no_disk(void)
{
    return folder_is_on_disk() ? NULL : "no disk can be written to";
}

static bool after_reading(void)
{
    int fd = file_of_pages(cause_folder(), 2);
    uint8_t *at = map_file(fd, 2, PROT_READ | PROT_WRITE, MAP_SHARED);

    EXPECT(fsync(fd) == 0);
    touch_pages(at, 2, READING);
    struct flt before = flt_now();
    touch_pages(at, 2, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 2 && flt.major == 0);
    EXPECT(byte_of(fd, 0) == 0xa5 && byte_of(fd, PAGE) == 0xa5);
    EXPECT(area_kib(at, "Private_Dirty") + area_kib(at, "Shared_Dirty") == 8);
    close(fd);
    return munmap(at, 2 * PAGE) == 0;
}

static bool after_writing_out(void)
{
    int fd = file_of_pages(cause_folder(), 1);
    uint8_t *at = map_file(fd, 1, PROT_READ | PROT_WRITE, MAP_SHARED);

    for (int round = 0; round < 3; round++) {
        touch_pages(at, 1, WRITING);
        struct flt before = flt_now();
        touch_pages(at, 1, WRITING); // dirty: nobody is told
        EXPECT(flt_since(before).minor == 0);
        EXPECT(msync(at, PAGE, MS_SYNC) == 0);
        EXPECT(area_kib(at, "Private_Dirty") == 0);
        before = flt_now();
        touch_pages(at, 1, WRITING);
        EXPECT(flt_since(before).minor == 1);
        EXPECT(area_kib(at, "Private_Dirty") == 4);
        EXPECT(msync(at, PAGE, MS_SYNC) == 0);
    }
    close(fd);
    return munmap(at, PAGE) == 0;
}

static const struct cause_test clean_tests[] = {
    {"after reading", after_reading},
    {"after it was written out", after_writing_out},
};
const struct cause cause_clean_write = {
    11, "first write since clean", clean_tests,
    sizeof(clean_tests) / sizeof(*clean_tests), no_disk};

// ---- 13: beyond the end -----------------------------------------------------

static bool beyond(int flags)
{
    int fd = file_of_pages(cause_folder(), 2);

    EXPECT(ftruncate(fd, PAGE + 10) == 0);
    uint8_t *at = map_file(fd, 4, PROT_READ | PROT_WRITE, flags);
    EXPECT(access_works(at + 2 * PAGE - 1, READING));
    EXPECT(at[PAGE + 9] == 2 && is_filled(at + PAGE + 10, PAGE - 10, 0));
    EXPECT(access_gives(at + 2 * PAGE, READING, SIGBUS, BUS_ADRERR));
    EXPECT(access_gives(at + 3 * PAGE + 7, WRITING, SIGBUS, BUS_ADRERR));
    EXPECT(pagemap(at + 3 * PAGE) == 0);
    // Until the file has it.
    EXPECT(ftruncate(fd, 4 * PAGE) == 0);
    EXPECT(access_works(at + 3 * PAGE + 7, WRITING));
    EXPECT(at[3 * PAGE + 7] == 0xa5 && at[2 * PAGE] == 0);
    close(fd);
    return munmap(at, 4 * PAGE) == 0;
}

static bool beyond_shared(void)
{
    return beyond(MAP_SHARED);
}

static bool beyond_private(void)
{
    return beyond(MAP_PRIVATE);
}

// Copies go with the pages that they were made of.
static bool cut_under_a_mapping(void)
{
    int fd = file_of_pages(cause_folder(), 3);
    uint8_t *shared = map_file(fd, 3, PROT_READ | PROT_WRITE, MAP_SHARED);
    uint8_t *copy = map_file(fd, 3, PROT_READ | PROT_WRITE, MAP_PRIVATE);

    touch_pages(shared, 3, WRITING);
    touch_pages(copy, 3, WRITING);
    EXPECT(ftruncate(fd, PAGE) == 0);
    EXPECT(access_works(shared, READING) && access_works(copy, READING));
    EXPECT(access_gives(shared + PAGE, READING, SIGBUS, BUS_ADRERR));
    EXPECT(access_gives(copy + PAGE, WRITING, SIGBUS, BUS_ADRERR));
    EXPECT(ftruncate(fd, 3 * PAGE) == 0);
    EXPECT(is_filled(shared + PAGE, 2 * PAGE, 0));
    EXPECT(is_filled(copy + PAGE, 2 * PAGE, 0));
    close(fd);
    return munmap(shared, 3 * PAGE) == 0 && munmap(copy, 3 * PAGE) == 0;
}

static const struct cause_test beyond_tests[] = {
    {"a shared mapping", beyond_shared},
    {"a private mapping", beyond_private},
    {"cut under mappings", cut_under_a_mapping},
};
const struct cause cause_beyond_end = {
    13, "beyond the end", beyond_tests,
    sizeof(beyond_tests) / sizeof(*beyond_tests), NULL};
