// userland/tests/inotify.h - between the parts of inotify
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/inotify.h>

#include "fails.h"
#include "ktap.h"

#define DIRECTORY "/tmp/inotify"
#define FILE_PATH DIRECTORY "/file"
#define OTHER     DIRECTORY "/other"
#define SUB       DIRECTORY "/sub"

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

extern int in; // made anew for each test, as DIRECTORY and FILE_PATH are
extern uint32_t cookies[2]; // of the last two events that had one

// collect - the events that came, as text: of each the number of its watch, its
// bits by a letter each, and the name. came - collect, and whether they are
// these; else they are shown.
extern char text[4096];
void collect(void);
bool came(const char *expected);

// make - an empty file, or a look at one: opened for writing, and closed.
void make(const char *path);

// The tests: whether all is well.
// inotify_files.c
bool reads_and_writes(void);
bool in_a_directory(void);
bool both(void);
bool attributes(void);
bool renames(void);
bool replaced(void);
bool deleted(void);
bool deleted_open(void);
bool excluded(void);
bool directories(void);
bool ends_with_its_mount(void);
bool sent(void);
// inotify_watches.c
bool masks(void);
bool one_shot(void);
bool merged(void);
bool links(void);
bool two_readers(void);
// inotify_reads.c
bool layout(void);
bool polled(void);
bool waits(void);
bool overflow(void);
bool limits(void);
bool errors(void);
bool rights(void);
