// userland/tests/causes_kernel.c - pointers given to system calls: 16
// SPDX-License-Identifier: MIT
//
// What the program could do itself, the kernel does for it, whichever cause the
// fault is of; else the call says EFAULT, or does a part. No signal is sent:
// one would end the program.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "causes.h"

enum {
    BYTES = 16,
    FAR_PAGES = 300,
};

static int ends[2];

// The bytes at @at go through a pipe: what write(2) says of them.
static ssize_t take(const void *at)
{
    uint8_t sink[BYTES];
    ssize_t done = write(ends[1], at, BYTES);

    if (done > 0 && read(ends[0], sink, sizeof(sink)) != done)
        ktap_bail("pipe");
    return done;
}

// Bytes of 0xa5 are read(2) to @at: what it says.
static ssize_t give(void *at)
{
    uint8_t bytes[BYTES];
    int fd = open("/tmp/causes", O_RDWR | O_CREAT | O_TRUNC, 0600);

    memset(bytes, 0xa5, sizeof(bytes));
    if (fd < 0 || write(fd, bytes, BYTES) != BYTES)
        ktap_bail("/tmp/causes: %s", strerror(errno));
    ssize_t done = pread(fd, at, BYTES, 0);
    int error = errno;
    close(fd);
    unlink("/tmp/causes");
    errno = error;
    return done;
}

static bool was_given(const uint8_t *at, uint8_t rest)
{
    return is_filled(at, BYTES, 0xa5) &&
           is_filled(at + BYTES, PAGE - BYTES, rest);
}

static bool pipe_open(void)
{
    return pipe(ends) == 0;
}

static bool pipe_close(void)
{
    return close(ends[0]) == 0 && close(ends[1]) == 0;
}

static bool holes(void)
{
    uint8_t *at = map_pages(1);
    void *const bad[] = {NULL, at, (void *)(uintptr_t)0xc0000000u,
                         (void *)(uintptr_t)0xfffffff0u};

    EXPECT(munmap(at, PAGE) == 0 && pipe_open());
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        EXPECT(fails(take(bad[i]), EFAULT));
        EXPECT(fails(give(bad[i]), EFAULT));
    }
    return pipe_close();
}

static bool forbidden(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 7, PAGE);
    EXPECT(pipe_open() && mprotect(at, PAGE, PROT_READ) == 0);
    EXPECT(take(at) == BYTES);
    EXPECT(fails(give(at), EFAULT));
    EXPECT(is_filled(at, PAGE, 7));
    EXPECT(mprotect(at, PAGE, PROT_NONE) == 0);
    EXPECT(fails(take(at), EFAULT) && fails(give(at), EFAULT));
    return pipe_close() && munmap(at, PAGE) == 0;
}

static bool never_touched(void)
{
    uint8_t *at = map_pages(2);

    EXPECT(pipe_open());
    EXPECT(take(at) == BYTES && give(at + PAGE) == BYTES);
    EXPECT(!(pagemap(at) & PM_EXCLUSIVE)); // the zero page
    EXPECT(was_given(at + PAGE, 0));
    EXPECT(give(at) == BYTES && was_given(at, 0)); // a copy of that
    return pipe_close() && munmap(at, 2 * PAGE) == 0;
}

static int child_is_given(void *at)
{
    return give(at) == BYTES && was_given(at, 7) ? 7 : 0;
}

static bool copy_on_write(void)
{
    uint8_t *at = map_pages(1);

    memset(at, 7, PAGE);
    EXPECT(in_child(child_is_given, at) == 7);
    EXPECT(is_filled(at, PAGE, 7));
    EXPECT(give(at) == BYTES && was_given(at, 7));
    return munmap(at, PAGE) == 0;
}

static bool files(void)
{
    int fd = file_of_pages(cause_folder(), 2);
    uint8_t *shared = map_file(fd, 4, PROT_READ | PROT_WRITE, MAP_SHARED);
    uint8_t *private = map_file(fd, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE);

    EXPECT(pipe_open());
    EXPECT(give(private) == BYTES && was_given(private, 1));
    EXPECT(take(shared) == BYTES && is_filled(shared, PAGE, 1));
    EXPECT(give(shared + PAGE) == BYTES && was_given(private + PAGE, 2));
    EXPECT(fails(take(shared + 2 * PAGE), EFAULT)); // beyond the end
    EXPECT(fails(give(private + 3 * PAGE), EFAULT));
    EXPECT(ftruncate(fd, 0) == 0);
    EXPECT(fails(take(private), EFAULT) && fails(give(shared), EFAULT));
    close(fd);
    return pipe_close() && munmap(shared, 4 * PAGE) == 0 &&
           munmap(private, 4 * PAGE) == 0;
}

static bool swapped(void)
{
    uint8_t *at = map_pages(2);

    if (no_swap())
        return cause_skip(no_swap());
    memset(at, 7, 2 * PAGE);
    EXPECT(pipe_open() && put_to_swap(at, 2));
    EXPECT(take(at) == BYTES && give(at + PAGE) == BYTES);
    EXPECT(is_filled(at, PAGE, 7) && was_given(at + PAGE, 7));
    return pipe_close() && munmap(at, 2 * PAGE) == 0;
}

// The first to touch a new page of a stack, or one too near to something else.
static bool stacks(void)
{
    uint8_t *room = mmap(NULL, FAR_PAGES * PAGE, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *stack = room + (FAR_PAGES - 1) * PAGE;

    EXPECT(room != MAP_FAILED && pipe_open());
    EXPECT(munmap(room + PAGE, (FAR_PAGES - 1) * PAGE) == 0);
    EXPECT(mprotect(room, PAGE, PROT_READ) == 0);
    EXPECT(mmap(stack, PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1,
                0) == stack);
    EXPECT(give(stack - 2 * PAGE) == BYTES && was_given(stack - 2 * PAGE, 0));
    EXPECT(take(stack - 4 * PAGE) == BYTES);
    EXPECT(area_kib(stack - 4 * PAGE, "Size") == 20);
    EXPECT(fails(give(room + 10 * PAGE), EFAULT));
    EXPECT(fails(take(room + 10 * PAGE), EFAULT));
    return pipe_close() && munmap(room, FAR_PAGES * PAGE) == 0;
}

// What is good of it is done. (Multiples of eight: a shorter part may be lost.)
static bool half_good(void)
{
    uint8_t *at = map_pages(2), bytes[24] = {0};
    int fd = file_of_pages("/tmp", 1);
    struct iovec parts[] = {{at, 4}, {at + PAGE, 4}};

    memset(at, 7, PAGE);
    EXPECT(munmap(at + PAGE, PAGE) == 0);
    EXPECT(pread(fd, at + PAGE - 16, 24, 0) == 16);
    EXPECT(is_filled(at + PAGE - 16, 16, 1) && at[PAGE - 17] == 7);
    EXPECT(pwrite(fd, at + PAGE - 24, 32, 0) == 24);
    EXPECT(pread(fd, bytes, 24, 0) == 24 && bytes[7] == 7 && bytes[8] == 1);
    EXPECT(pwritev(fd, parts, 2, 0) == 4);
    EXPECT(preadv(fd, parts, 2, 0) == 4);
    // A string and a structure are all or nothing.
    EXPECT(fails(open((char *)at + PAGE - 1, O_RDONLY), EFAULT));
    EXPECT(fails(pipe((int *)(void *)(at + PAGE - 4)), EFAULT));
    close(fd);
    return munmap(at, PAGE) == 0;
}

static bool straddles_good_pages(void)
{
    uint8_t *at = map_pages(2);

    EXPECT(pipe_open());
    EXPECT(take(at + PAGE - 5) == BYTES); // both never touched
    EXPECT(give(at + PAGE - 5) == BYTES);
    EXPECT(is_filled(at + PAGE - 5, BYTES, 0xa5));
    EXPECT(at[PAGE - 6] == 0 && at[PAGE + BYTES - 5] == 0);
    return pipe_close() && munmap(at, 2 * PAGE) == 0;
}

static bool is_counted_like_the_programs(void)
{
    uint8_t *at = map_pages(4);

    EXPECT(pipe_open() && give(at) == BYTES && take(at) == BYTES);
    struct flt before = flt_now();
    EXPECT(write(ends[1], at + PAGE, BYTES) == BYTES);
    EXPECT(read(ends[0], at + 2 * PAGE, BYTES) == BYTES);
    struct flt flt = flt_since(before);
    EXPECT(flt.minor == 2 && flt.major == 0);
    return pipe_close() && munmap(at, 4 * PAGE) == 0;
}

static const struct cause_test kernel_tests[] = {
    {"holes", holes},
    {"what is forbidden", forbidden},
    {"never touched", never_touched},
    {"copy-on-write", copy_on_write},
    {"files, and beyond their end", files},
    {"paged out", swapped},
    {"stacks", stacks},
    {"half of it good", half_good},
    {"across two pages", straddles_good_pages},
    {"counted like the program's own", is_counted_like_the_programs},
};
const struct cause cause_kernel = {16, "the kernel's access", kernel_tests,
                                   sizeof(kernel_tests) / sizeof(*kernel_tests),
                                   NULL};
