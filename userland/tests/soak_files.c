// userland/tests/soak_files.c - soak: files on a disk
// SPDX-License-Identifier: MIT

#include "soak.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    FILE_SHARE = 12, // the parts of all memory that are files
    CHURN_SHARE = 8,
    STEPS = 512, // between two checks of all
    RUN_PAGES = 8,
    RACE_PAGES = 64,
    RACE_STEPS = 200,
};

static int create(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        soak_fail("%s: %s", path, strerror(errno));
    return fd;
}

static void set_size(int fd, uint32_t pages)
{
    if (ftruncate(fd, (off_t)pages * PAGE_BYTES) != 0)
        soak_fail("ftruncate: %s", strerror(errno));
}

static void read_page(int fd, uint32_t page, uint32_t *to)
{
    ssize_t bytes = pread(fd, to, PAGE_BYTES, (off_t)page * PAGE_BYTES);

    if (bytes != PAGE_BYTES)
        soak_fail("pread of page %u: %zd: %s", page, bytes, strerror(errno));
}

static void write_page(int fd, uint32_t page, const uint32_t *from)
{
    ssize_t bytes = pwrite(fd, from, PAGE_BYTES, (off_t)page * PAGE_BYTES);

    if (bytes != PAGE_BYTES)
        soak_fail("pwrite of page %u: %zd: %s", page, bytes, strerror(errno));
}

// ---- a file, written through a mapping and by write(2) ----------------------

struct model {
    int fd;
    uint32_t *words;    // the mapping, of the largest size
    uint32_t *versions; // of the pages below the size
    uint32_t pages, pages_max;
};

static void map_write(struct model *m, uint32_t page)
{
    m->versions[page] = soak_random() | 1;
    page_fill(m->words + (size_t)page * PAGE_WORDS, page, m->versions[page]);
}

static void call_write(struct model *m, uint32_t page)
{
    uint32_t copy[PAGE_WORDS];

    m->versions[page] = soak_random() | 1;
    page_fill(copy, page, m->versions[page]);
    write_page(m->fd, page, copy);
}

static void map_check(const struct model *m, uint32_t page)
{
    page_check("mapping", m->words + (size_t)page * PAGE_WORDS, page,
               m->versions[page]);
}

static void call_check(const struct model *m, uint32_t page)
{
    uint32_t copy[PAGE_WORDS];

    read_page(m->fd, page, copy);
    page_check("read", copy, page, m->versions[page]);
}

static void flush(const struct model *m)
{
    uint32_t how = soak_random() % 4;
    int err = 0;

    switch (how) {
    case 0: err = fsync(m->fd); break;
    case 1: err = fdatasync(m->fd); break;
    case 2:
        err = msync(m->words, (size_t)m->pages * PAGE_BYTES, MS_SYNC);
        break;
    default:
        err = msync(m->words, (size_t)m->pages * PAGE_BYTES, MS_ASYNC);
        break;
    }
    if (err != 0)
        soak_fail("flush %u: %s", how, strerror(errno));
}

static void resize(struct model *m)
{
    uint32_t pages = 1 + soak_random() % m->pages_max;

    set_size(m->fd, pages);
    for (uint32_t page = m->pages; page < pages; page++)
        m->versions[page] = 0;
    m->pages = pages;
}

// What is on the disk is read again, not what is cached.
static void reread(const struct model *m)
{
    if (fsync(m->fd) != 0 || posix_fadvise(m->fd, 0, 0, POSIX_FADV_DONTNEED))
        soak_fail("fsync: %s", strerror(errno));
    for (uint32_t page = 0; page < m->pages; page++)
        call_check(m, page);
}

static void step(struct model *m)
{
    uint32_t page = soak_random() % m->pages, kind = soak_random() % 128;

    if (kind < 40) {
        map_write(m, page);
    } else if (kind < 70) {
        for (uint32_t i = 0; i < RUN_PAGES && page + i < m->pages; i++)
            call_write(m, page + i);
    } else if (kind < 95) {
        map_check(m, page);
    } else if (kind < 124) {
        call_check(m, page);
    } else if (kind < 127) {
        flush(m);
    } else {
        resize(m);
    }
}

void soak_filemap(void)
{
    char *path = soak_path("mapped");
    struct model m = {.fd = create(path)};

    m.pages_max = soak_file_pages(FILE_SHARE);
    m.versions = calloc(m.pages_max, sizeof(*m.versions));
    if (m.versions == NULL)
        soak_fail("calloc: %s", strerror(errno));
    m.words = soak_map(m.pages_max, MAP_SHARED, m.fd);
    m.pages = m.pages_max;
    set_size(m.fd, m.pages);
    do {
        for (unsigned i = 0; i < STEPS; i++)
            step(&m);
        for (uint32_t page = 0; page < m.pages; page++)
            map_check(&m, page);
        reread(&m);
        soak_round();
    } while (!soak_over());
    close(m.fd);
    unlink(path);
}

// ---- truncate against faults ------------------------------------------------

static sigjmp_buf beyond_end;

static void on_bus(int signal)
{
    (void)signal;
    siglongjmp(beyond_end, 1);
}

// Each word is what it always is, or zero while the file is being made anew.
static void touch_word(volatile uint32_t *word, uint32_t right)
{
    uint32_t found;

    if (sigsetjmp(beyond_end, 1) != 0)
        return;
    found = *word;
    if (found != 0 && found != right)
        soak_fail("found %08x, expected %08x", found, right);
    if (found % 2 == 0)
        *word = right;
}

static void touch(uint32_t *words, uint32_t page)
{
    uint32_t right[PAGE_WORDS], at = soak_random() % PAGE_WORDS;

    page_fill(right, page, 1);
    touch_word(words + (size_t)page * PAGE_WORDS + at, right[at]);
}

static void race(int fd)
{
    uint32_t *words = soak_map(RACE_PAGES, MAP_SHARED, fd);
    uint32_t copy[PAGE_WORDS];
    pid_t pid = soak_fork();

    if (pid == 0) {
        struct sigaction action = {.sa_handler = on_bus};

        sigaction(SIGBUS, &action, NULL);
        for (unsigned i = 0; i < RACE_STEPS * RACE_PAGES; i++)
            touch(words, soak_random() % RACE_PAGES);
        _exit(EXIT_SUCCESS);
    }
    for (unsigned i = 0; i < RACE_STEPS; i++) {
        uint32_t page = soak_random() % RACE_PAGES;

        set_size(fd, soak_random() % RACE_PAGES);
        page_fill(copy, page, 1);
        write_page(fd, page, copy);
        set_size(fd, RACE_PAGES);
        read_page(fd, page, copy);
        page_check("after truncate", copy, page, 1);
    }
    soak_join(pid);
    munmap(words, RACE_PAGES * PAGE_BYTES);
}

void soak_truncate(void)
{
    char *path = soak_path("truncated");

    do {
        int fd = create(path), memory = memfd_create("soak", MFD_CLOEXEC);

        if (memory < 0)
            soak_fail("memfd_create: %s", strerror(errno));
        set_size(memory, RACE_PAGES);
        set_size(fd, RACE_PAGES);
        race(fd);
        race(memory);
        close(fd);
        close(memory);
        unlink(path);
        soak_round();
    } while (!soak_over());
}

// ---- more of files than fits into the page cache ----------------------------

static void read_in_order(int fd, uint32_t pages)
{
    uint32_t copy[PAGE_WORDS];

    for (uint32_t page = 0; page < pages; page++) {
        read_page(fd, page, copy);
        page_check("in order", copy, page, 1);
    }
}

static void read_at_random(int fd, uint32_t pages)
{
    uint32_t copy[PAGE_WORDS];

    for (uint32_t i = 0; i < pages / 4; i++) {
        uint32_t page = soak_random() % pages;

        read_page(fd, page, copy);
        page_check("at random", copy, page, 1);
    }
}

static void read_mapped(int fd, uint32_t pages)
{
    uint32_t *words = soak_map(pages, MAP_PRIVATE, fd);

    for (uint32_t page = 0; page < pages; page++) {
        uint32_t *at = words + (size_t)page * PAGE_WORDS;

        page_check("mapped", at, page, 1);
        if (page % 16 == 0) { // a copy of its own
            page_fill(at, page, 2);
            page_check("own copy", at, page, 2);
        }
    }
    munmap(words, (size_t)pages * PAGE_BYTES);
}

void soak_churn(void)
{
    char *path = soak_path("read");
    int fd = create(path);
    uint32_t pages = soak_file_pages(CHURN_SHARE);
    uint32_t copy[PAGE_WORDS];

    for (uint32_t page = 0; page < pages; page++) {
        page_fill(copy, page, 1);
        write_page(fd, page, copy);
    }
    do {
        switch (soak_random() % 3) {
        case 0: read_in_order(fd, pages); break;
        case 1: read_at_random(fd, pages); break;
        default: read_mapped(fd, pages); break;
        }
        soak_round();
    } while (!soak_over());
    close(fd);
    unlink(path);
}
