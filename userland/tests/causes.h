// userland/tests/causes.h - the suites of the program `causes`
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktap.h"
#include "memtest.h"

struct cause_test {
    const char *name;
    bool (*run)(void); // EXPECT, cause_skip
};

struct cause {
    unsigned number; // of the table in mm/fault.c
    const char *name;
    const struct cause_test *tests;
    unsigned count;
    const char *(*why_not)(void); // what the machine lacks, or NULL
};

extern const struct cause cause_hole, cause_stack, cause_forbidden,
    cause_zero_page, cause_first_write, cause_file_read, cause_private_write,
    cause_shared_write, cause_swapped, cause_copy_on_write, cause_clean_write,
    cause_stale, cause_beyond_end, cause_io_error, cause_no_memory,
    cause_kernel;

// EXPECT - else the test has failed, and says where.
#define EXPECT(condition)                                                      \
    do {                                                                       \
        if (!(condition)) {                                                    \
            ktap_note("%s:%d: %s", __FILE__, __LINE__, #condition);            \
            return false;                                                      \
        }                                                                      \
    } while (0)

// cause_skip - what a test returns that cannot be made here, and why.
bool cause_skip(const char *reason);

enum access {
    READING,
    WRITING, // the byte becomes 0xa5
    CALLING
};

// access_gives - whether the access ends in that signal, with that code and the
// byte's own address. access_works - whether it ends in none.
bool access_gives(const void *at, enum access access, int signal, int code);
bool access_works(const void *at, enum access access);

// touch_pages - access the first byte of each page, in order.
void touch_pages(const void *at, size_t pages, enum access access);

// What getrusage(2) has of this process so far.
struct flt {
    long minor, major;
};
struct flt flt_now(void);
struct flt flt_since(struct flt before);

// is_filled - whether all bytes are @value.
bool is_filled(const uint8_t *at, size_t bytes, uint8_t value);

// map_file - bails out.
uint8_t *map_file(int fd, size_t pages, int protection, int flags);

// cause_folder - where to make files: of a file system on a disk, if any can be
// written, else of a tmpfs. cold_file - a file that is on a disk, and of which
// nothing is in memory: a descriptor, to be closed; -1: none can be had.
#define DISK_FOLDER "/root"
const char *cause_folder(void);
bool folder_is_on_disk(void);
int cold_file(void);
enum {
    COLD_PAGES = 16, // at least, of a cold file
};

// no_swap - for why_not: there is none in use.
const char *no_swap(void);
// put_to_swap - have private pages leave memory for their slots. -> false: not
// all did.
bool put_to_swap(uint8_t *at, size_t pages);

// What `causes` was given besides numbers: a file whose page 8 cannot be
// read, or "swap": that there are slots which cannot. NULL: nothing.
extern const char *cause_failing;
