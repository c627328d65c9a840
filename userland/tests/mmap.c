// userland/tests/mmap.c - mmap, munmap, mprotect, msync, mincore, brk: what
// they do, each of their errors, and where things are mapped
// SPDX-License-Identifier: MIT
//
// mmap             all of it
// mmap LAYOUT      what the tests of layouts run
//
// Prints KTAP; everything is to be the same on Linux.

#include "mmap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

uint8_t *map_at(uintptr_t at, size_t bytes, int prot, int flags, int fd,
                uint32_t page)
{
    return (uint8_t *)syscall(SYS_mmap2, at, bytes, prot, flags, fd, page);
}

uint8_t *map_alone(size_t pages, int prot)
{
    uint8_t *at = mmap(NULL, (pages + 2) * PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED ||
        mmap(at + PAGE, pages * PAGE, prot,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at + PAGE)
        ktap_bail("mmap of %zu pages: %s", pages, strerror(errno));
    return at + PAGE;
}

void unmap_alone(uint8_t *at, size_t pages)
{
    if (munmap(at - PAGE, (pages + 2) * PAGE))
        ktap_bail("munmap: %s", strerror(errno));
}

bool gives(const char *name, long result, int error)
{
    int got = result == -1 ? errno : 0;

    if (got != error)
        ktap_note("%s: %s, not %s", name, strerror(got), strerror(error));
    return got == error;
}

static int reads(void *at)
{
    return *(volatile uint8_t *)at & 0;
}

static int writes(void *at)
{
    *(volatile uint8_t *)at = 1;
    return 0;
}

int read_dies(const uint8_t *at)
{
    return -in_child(reads, (void *)(uintptr_t)at);
}

int write_dies(uint8_t *at)
{
    return -in_child(writes, at);
}

bool is_all(const uint8_t *at, size_t bytes, uint8_t value)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != value)
            return false;
    return true;
}

// A file of /proc, whole.
static const char *text_of(const char *path)
{
    static char text[1 << 16];
    int fd = open(path, O_RDONLY);
    size_t length = 0;
    ssize_t got = 0;

    while (fd >= 0 && length < sizeof(text) - 1 &&
           (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)got;
    if (fd < 0 || got < 0)
        ktap_bail("%s: %s", path, strerror(errno));
    close(fd);
    text[length] = '\0';
    return text;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');

    return end ? end + 1 : "";
}

const char *area_prot(const void *at)
{
    const char *line = text_of("/proc/self/maps");
    unsigned long start, end;
    static char prot[5];

    for (; *line; line = next_line(line))
        if (sscanf(line, "%lx-%lx %4s", &start, &end, prot) == 3 &&
            start <= (unsigned long)at && (unsigned long)at < end)
            return prot;
    return "";
}

void set_limit(int which, rlim_t bytes)
{
    struct rlimit limit;

    if (getrlimit(which, &limit))
        _exit(97);
    limit.rlim_cur = bytes; // who may not raise the other leaves it
    if (setrlimit(which, &limit))
        _exit(98);
}

long mmap_status(const char *name)
{
    const char *line = text_of("/proc/self/status");
    size_t length = strlen(name);

    for (; *line; line = next_line(line))
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            return strtol(line + length + 1, NULL, 10);
    return -1;
}

unsigned mmap_areas(void)
{
    const char *line = text_of("/proc/self/maps");
    unsigned count = 0;

    for (; *line; line = next_line(line))
        count++;
    return count;
}

int main(int argc, char **argv)
{
    static void (*const suites[])(void) = {
        mmap_test_arguments, mmap_test_files,  mmap_test_offsets,
        mmap_test_flags,     mmap_test_unmap,  mmap_test_protect,
        mmap_test_sync,      mmap_test_break,  mmap_test_places,
        mmap_test_layouts,   mmap_test_limits,
    };
    const unsigned count = sizeof(suites) / sizeof(*suites);

    if (argc == 2)
        return mmap_placed(argv[1]);
    ktap_plan(count);
    for (unsigned i = 0; i < count; i++)
        suites[i]();
    return ktap_finish();
}
