// userland/tests/memtest.h - what the tests of memory calls share
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fails.h"

enum {
    PAGE = 4096,
};

// map_pages - private anonymous memory, readable and writable; bails out.
uint8_t *map_pages(size_t pages);

// file_of_pages - an unlinked file in @folder, of pages that each hold their
// number + 1 in all bytes. -> a descriptor; bails out.
int file_of_pages(const char *folder, size_t pages);

// in_child - run in a forked process. -> what it returned; -signal.
int in_child(int (*run)(void *), void *argument);

// as_user - the same, as user 1000 without rights.
int as_user(int (*run)(void *), void *argument);

// proc_kib - the number behind "@name:" in a file; -1: there is none.
long proc_kib(const char *path, const char *name);
long status_kib(const char *name);  // /proc/self/status
long meminfo_kib(const char *name); // /proc/meminfo

// vmstat - the number of a line of /proc/vmstat; -1: there is none.
long vmstat(const char *name);

// area_kib - the number behind "@name:" for the area that begins at @at, in
// /proc/self/smaps; -1. area_has_flag - whether its VmFlags have it.
long area_kib(const void *at, const char *name);
bool area_has_flag(const void *at, const char *flag);

// area_count - lines of /proc/self/maps that lie in [at, at + pages).
int area_count(const void *at, size_t pages);

// pagemap - the entry of the page at @at, as /proc/self/pagemap has it.
uint64_t pagemap(const void *at);
#define PM_FRAME     ((1ull << 55) - 1)
#define PM_EXCLUSIVE (1ull << 56)
#define PM_FILE      (1ull << 61)
#define PM_SWAP      (1ull << 62)
#define PM_PRESENT   (1ull << 63)

// page_there - what mincore(2) says of the page.
bool page_there(const void *at);

// put_out - have pages that can be swapped leave memory. -> false: not all did;
// bails out.
bool put_out(uint8_t *at, size_t pages);

// frame_number - an entry of /proc/kpagecount or kpageflags.
uint64_t frame_number(const char *path, uint64_t frame);

// set_text - write to a file of /proc. -> whether it was taken; errno.
bool set_text(const char *path, const char *text);
