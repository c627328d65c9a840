// userland/tests/causes_anon.c - pages without a file: 4, 5, 10
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "causes.h"

enum {
    PAGES = 40, // more than what comes at once of a file
};

static uint64_t frame_of(const void *at)
{
    return pagemap(at) & PM_FRAME;
}

// An area that merges with no other, for smaps.
static uint8_t *alone(size_t pages)
{
    uint8_t *guarded = map_pages(pages + 2);

    if (mprotect(guarded, PAGE, PROT_NONE) != 0 ||
        mprotect(guarded + (pages + 1) * PAGE, PAGE, PROT_NONE) != 0)
        ktap_bail("mprotect: %s", strerror(errno));
    return guarded + PAGE;
}

static bool free_alone(uint8_t *at, size_t pages)
{
    return munmap(at - PAGE, (pages + 2) * PAGE) == 0;
}

// ---- 4: read before written -------------------------------------------------

static bool all_one_page(void)
{
    uint8_t *at = alone(PAGES);
    struct flt before = flt_now();

    touch_pages(at, PAGES, READING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == PAGES && flt.major == 0);
    EXPECT(is_filled(at, PAGES * PAGE, 0));
    EXPECT(pagemap(at) & PM_PRESENT);
    EXPECT(!(pagemap(at) & PM_EXCLUSIVE));
    for (size_t i = 1; i < PAGES; i++)
        EXPECT(frame_of(at + i * PAGE) == frame_of(at));
    return free_alone(at, PAGES);
}

static bool takes_no_memory(void)
{
    uint8_t *at = alone(PAGES);

    touch_pages(at, PAGES, READING);
    EXPECT(area_kib(at, "Rss") == 0 && area_kib(at, "Anonymous") == 0);
    EXPECT(!(pagemap(at) & PM_SWAP));
    EXPECT(page_there(at));
    return free_alone(at, PAGES);
}

static bool of_other_areas(void)
{
    int fd = open("/dev/zero", O_RDWR);
    uint8_t *at = map_pages(1);
    uint8_t *zero = map_file(fd, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    uint8_t *only =
        mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    EXPECT(at[5] == 0 && zero[5] == 0 && only[5] == 0);
    EXPECT(frame_of(at) == frame_of(zero) && frame_of(at) == frame_of(only));
    close(fd);
    return munmap(at, PAGE) == 0 && munmap(zero, PAGE) == 0 &&
           munmap(only, PAGE) == 0;
}

// What several write to has to be a page of its own from the first.
static bool shared_memory_has_its_own(void)
{
    uint8_t *private = map_pages(1);
    uint8_t *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    EXPECT(private[0] == 0 && shared[0] == 0);
    EXPECT(frame_of(private) != frame_of(shared));
    return munmap(private, PAGE) == 0 && munmap(shared, PAGE) == 0;
}

static const struct cause_test zero_tests[] = {
    {"one page for all, a fault for each", all_one_page},
    {"takes no memory", takes_no_memory},
    {"of any private area", of_other_areas},
    {"not of shared memory", shared_memory_has_its_own},
};
const struct cause cause_zero_page = {4, "the zero page", zero_tests,
                                      sizeof(zero_tests) / sizeof(*zero_tests),
                                      NULL};

// ---- 5: written first -------------------------------------------------------

static bool zeros_but_for_the_byte(void)
{
    uint8_t *at = alone(PAGES);
    struct flt before = flt_now();

    touch_pages(at, PAGES, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == PAGES && flt.major == 0);
    for (size_t i = 0; i < PAGES; i++) {
        EXPECT(at[i * PAGE] == 0xa5);
        EXPECT(is_filled(at + i * PAGE + 1, PAGE - 1, 0));
    }
    return free_alone(at, PAGES);
}

static bool pages_of_its_own(void)
{
    uint8_t *at = alone(PAGES);

    touch_pages(at, 10, WRITING);
    for (size_t i = 0; i < 10; i++) {
        uint64_t entry = pagemap(at + i * PAGE);

        EXPECT((entry & PM_PRESENT) && (entry & PM_EXCLUSIVE));
        EXPECT(!(entry & PM_FILE));
        EXPECT(i == 0 || frame_of(at + i * PAGE) != frame_of(at));
    }
    EXPECT(pagemap(at + 10 * PAGE) == 0 && !page_there(at + 10 * PAGE));
    EXPECT(area_kib(at, "Rss") == 40 && area_kib(at, "Anonymous") == 40);
    EXPECT(area_kib(at, "Private_Dirty") == 40);
    return free_alone(at, PAGES);
}

// What others left in the frames is not seen.
static bool zeros_after_use(void)
{
    for (int round = 0; round < 3; round++) {
        uint8_t *at = map_pages(PAGES);

        touch_pages(at, PAGES, WRITING);
        for (size_t i = 0; i < PAGES; i++)
            EXPECT(is_filled(at + i * PAGE + 1, PAGE - 1, 0));
        memset(at, 0xee, PAGES * PAGE);
        EXPECT(munmap(at, PAGES * PAGE) == 0);
    }
    return true;
}

static bool heap(void)
{
    uint8_t *old = (uint8_t *)syscall(SYS_brk, 0);
    uint8_t *at = (uint8_t *)(((uintptr_t)old + PAGE - 1) & ~(PAGE - 1ul));

    EXPECT((uint8_t *)syscall(SYS_brk, at + 4 * PAGE) == at + 4 * PAGE);
    struct flt before = flt_now();
    touch_pages(at, 4, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 4 && is_filled(at + 1, PAGE - 1, 0));
    return (uint8_t *)syscall(SYS_brk, old) == old;
}

static const struct cause_test first_tests[] = {
    {"zeros, and a fault for each", zeros_but_for_the_byte},
    {"each its own page", pages_of_its_own},
    {"zeros after use by others", zeros_after_use},
    {"of the heap", heap},
};
const struct cause cause_first_write = {
    5, "first write", first_tests, sizeof(first_tests) / sizeof(*first_tests),
    NULL};

// ---- 10: shared until written -----------------------------------------------

static int child_gets_a_copy(void *at)
{
    uint8_t *page = at;
    uint64_t shared = frame_of(page);
    struct flt before = flt_now();

    touch_pages(page, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 1 && flt.major == 0);
    EXPECT(frame_of(page) != shared && is_filled(page + 1, PAGE - 1, 3));
    EXPECT(pagemap(page) & PM_EXCLUSIVE);
    return 7;
}

static bool copy_after_fork(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 3, PAGE);
    uint64_t frame = frame_of(at);
    EXPECT(in_child(child_gets_a_copy, at) == 7);
    EXPECT(is_filled(at, PAGE, 3) && frame_of(at) == frame);
    return munmap(at, PAGE) == 0;
}

static int only_looks(void *at)
{
    uint8_t *page = at;

    return page[0] == 3 && !(pagemap(page) & PM_EXCLUSIVE) ? 7 : 0;
}

// The only one left writes to the page as it is.
static bool reuse_when_alone(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 3, PAGE);
    uint64_t frame = frame_of(at);
    EXPECT(in_child(only_looks, at) == 7);
    struct flt before = flt_now();
    touch_pages(at, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 1 && flt.major == 0);
    EXPECT(frame_of(at) == frame && is_filled(at + 1, PAGE - 1, 3));
    return munmap(at, PAGE) == 0;
}

// Its parent writes while a child has it: the copy is the parent's.
static bool copy_for_the_parent(void)
{
    uint8_t *at = map_pages(1), byte = 0;
    int ends[2], status;

    memset(at, 3, PAGE);
    EXPECT(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0)
        _exit(read(ends[0], &byte, 1) == 1 && is_filled(at, PAGE, 3) ? 7 : 0);
    uint64_t frame = frame_of(at);
    touch_pages(at, 1, WRITING);
    EXPECT(frame_of(at) != frame);
    EXPECT(write(ends[1], &byte, 1) == 1);
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
    close(ends[0]);
    close(ends[1]);
    return munmap(at, PAGE) == 0;
}

static bool write_after_zero_page(void)
{
    uint8_t *at = map_pages(2);

    touch_pages(at, 2, READING);
    struct flt before = flt_now();
    touch_pages(at, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 1 && at[0] == 0xa5 && is_filled(at + 1, PAGE - 1, 0));
    EXPECT(frame_of(at) != frame_of(at + PAGE) && at[PAGE] == 0);
    return munmap(at, 2 * PAGE) == 0;
}

static bool write_after_reading_a_file(void)
{
    int fd = file_of_pages(cause_folder(), 1);
    uint8_t *at = map_file(fd, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE), byte;

    EXPECT(at[0] == 1 && (pagemap(at) & PM_FILE));
    struct flt before = flt_now();
    touch_pages(at, 1, WRITING);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 1 && is_filled(at + 1, PAGE - 1, 1));
    EXPECT(!(pagemap(at) & PM_FILE) && (pagemap(at) & PM_EXCLUSIVE));
    EXPECT(pread(fd, &byte, 1, 0) == 1 && byte == 1);
    close(fd);
    return munmap(at, PAGE) == 0;
}

static const struct cause_test copy_tests[] = {
    {"a copy for the child", copy_after_fork},
    {"the same page for who is left", reuse_when_alone},
    {"a copy for the parent", copy_for_the_parent},
    {"of the zero page", write_after_zero_page},
    {"of a file's page", write_after_reading_a_file},
};
const struct cause cause_copy_on_write = {
    10, "copy-on-write", copy_tests, sizeof(copy_tests) / sizeof(*copy_tests),
    NULL};
