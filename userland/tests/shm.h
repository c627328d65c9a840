// userland/tests/shm.h - the parts of the test of shared memory
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "fails.h"

enum {
    PAGE_BYTES = 4096,
};

// child_says - run fn(argument) in a child: whether it returned true.
bool child_says(bool (*fn)(void *), void *argument);

// proc_has - whether some line of a file of /proc has this text in it.
bool proc_has(const char *path, const char *text);

// shm_make_memfd - of @bytes zeros; ends the program if there is none.
int shm_make_memfd(unsigned flags, off_t bytes);

// shm_map - readable and writable; ends the program if it cannot be.
void *shm_map(int fd, size_t bytes, int flags);

// Each is one test of sub-tests.
void shm_test_memfd(void); // shm_memfd.c
void shm_test_seals(void);
void shm_test_anonymous(void); // shm_files.c
void shm_test_fallocate(void);
void shm_test_tmpfs(void);
void shm_test_segments(void); // shm_sysv.c
void shm_test_control(void);
void shm_test_direct_calls(void);

// The exit status. shm_load.c
int shm_walk(unsigned mib);
int shm_swapoff(unsigned mib, const char *device);
int shm_race(unsigned rounds);
