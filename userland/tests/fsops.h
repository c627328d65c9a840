// userland/tests/fsops.h - between the parts of fsops
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "fails.h"

enum {
    PAGE_BYTES = 4096,
    CHUNK_BYTES = 64 * 1024,
};

// random_number - 24 bits; the same in every run. random_state: where it is.
extern uint32_t random_state;
uint32_t random_number(void);

// Files of text: made anew; whether it is that (or is there).
bool make_file(const char *path, const char *content);
bool has_content(const char *path, const char *content);
bool exists(const char *path);

// stat_of - lstat; all 0: it is not there.
struct stat stat_of(const char *path);
bool is_all(const uint8_t *bytes, size_t length, uint8_t value);

// The tests: each leaves the directory as it was. Return: whether all is well.
// fsops_names.c
bool create_and_unlink(void);
bool long_names(void);
bool directories(void);
bool removed_directory(void);
bool symlinks(void);
bool links(void);
bool special_files(void);
bool rename_matrix(void);
bool rename_special_cases(void);
bool rename_over_open(void);
bool many_names(void);
bool types_in_directories(void);
// fsops_content.c
bool holes(void);
bool data_and_holes(void);
bool truncation(void);
bool appending(void);
bool large_file(void);
bool open_and_unlinked(void);
bool shared_mapping(void);
bool against_a_model(void);
bool attributes(void);
bool times_of_32_bits(void);
bool times_that_are_cut_off(void);
// fsops_fill.c
bool fill_with_data(void);
bool fill_with_names(void);

// fsops_replay.c: the main() of `fsops replay`.
int replay(const char *where, const char *stamps);
