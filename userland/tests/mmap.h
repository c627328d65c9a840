// userland/tests/mmap.h - what the tests of mmap and its kin share
// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "memtest.h"

// map_at - mmap2(2) as it is: the C library would correct arguments or refuse
// them itself. @page: of the file.
uint8_t *map_at(uintptr_t at, size_t bytes, int prot, int flags, int fd,
                uint32_t page);

// map_alone - private anonymous memory between two pages without access, so
// that it cannot become one with what is mapped next to it. The inner pages
// are given back by unmap_alone.
uint8_t *map_alone(size_t pages, int prot);
void unmap_alone(uint8_t *at, size_t pages);

// gives - whether a call's result was @error (0: success). If not, a note says
// what it was; errno is read.
bool gives(const char *name, long result, int error);

// dies - the signal that reading or writing a byte ends a child with; 0: none.
int read_dies(const uint8_t *at);
int write_dies(uint8_t *at);

// is_all - all bytes are @value.
bool is_all(const uint8_t *at, size_t bytes, uint8_t value);

// area_prot - as /proc/self/maps has it for the area around @at ("rw-p"); "":
// there is none.
const char *area_prot(const void *at);

// set_limit - this process's soft limit; the process ends if it cannot be.
void set_limit(int which, rlim_t bytes);

// Without allocating anything, which might be mapped where a test looks:
// mmap_status - a number of kB of /proc/self/status; -1: there is none.
// mmap_areas - how many areas there are.
long mmap_status(const char *name);
unsigned mmap_areas(void);

// Suites, each a test with sub-tests.
void mmap_test_arguments(void);
void mmap_test_files(void);
void mmap_test_offsets(void);
void mmap_test_flags(void);
void mmap_test_unmap(void);
void mmap_test_protect(void);
void mmap_test_sync(void);
void mmap_test_break(void);
void mmap_test_places(void);
void mmap_test_layouts(void);
void mmap_test_limits(void);

// mmap_placed - the program of mmap_test_layouts: exit status 0 if all is where
// the layout puts it.
int mmap_placed(const char *layout);
