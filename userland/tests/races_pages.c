// userland/tests/races_pages.c - races.c: pages of a file that go
// SPDX-License-Identifier: MIT

#include "races.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    PUNCH_HOLE = 3, // and keep the size
};

struct mapped_file {
    int fd;
    uint8_t *at;
};

static int copies_a_page(void *argument)
{
    struct mapped_file *file = argument;

    hold_me("user", 1);
    file->at[PAGE] = 77;
    wait_for_other();
    return file->at[PAGE] == 77 ? 1 : 2;
}

static bool truncates(void *argument)
{
    struct mapped_file *file = argument;

    return ftruncate(file->fd, PAGE) == 0;
}

// A private copy does not outlive its page of the file, even when the page goes
// while it is being copied.
bool copy_and_truncation(void)
{
    struct mapped_file file = {.fd = file_of_pages("/tmp", 2)};
    bool ok;

    file.at =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd, 0);
    *(volatile uint8_t *)file.at; // the page table
    ok = race(copies_a_page, truncates, &file) == -SIGBUS;
    close(file.fd);
    return munmap(file.at, 2 * PAGE) == 0 && ok;
}

static int reads_shared(void *argument)
{
    struct mapped_file *file = argument;
    uint8_t first;

    hold_me("user", 1);
    first = *(volatile uint8_t *)(file->at + PAGE);
    wait_for_other();
    return (first == 2 || first == 0) &&
                   *(volatile uint8_t *)(file->at + PAGE) == 0
               ? 0
               : 1;
}

static bool punches(void *argument)
{
    struct mapped_file *file = argument;

    return fallocate(file->fd, PUNCH_HOLE, PAGE, PAGE) == 0;
}

// What is being read from swap for a place that becomes a hole does not come
// back in it. (Where the page is still in the swap cache nothing is allocated
// for it, and nobody is held.)
bool swap_in_and_hole(void)
{
    struct mapped_file file = {.fd = (int)syscall(SYS_memfd_create, "hole", 0)};
    bool ok;

    if (file.fd < 0 || ftruncate(file.fd, 2 * PAGE))
        ktap_bail("memfd: %s", strerror(errno));
    file.at =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
    file.at[PAGE] = 2;
    ok = syscall(SYS_madvise, file.at, 2 * PAGE, MADV_PAGEOUT) == 0 &&
         race(reads_shared, punches, &file) == 0;
    close(file.fd);
    return munmap(file.at, 2 * PAGE) == 0 && ok;
}
