// userland/tests/overcommit.h - between the parts of the overcommit tests
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#define SYSCTL(name) "/proc/sys/vm/" name
#define MIB          (1 << 20)

// is_near - as exactly as Linux counts, which is in batches.
bool is_near(long kib, long expected);

// promise_no_more_than - mode 2, with room for @kib more, none of it reserved;
// bails out. promise_as_usual - mode 0, as before.
void promise_no_more_than(long kib);
bool promise_as_usual(void);

// overcommit_shmem.c: memory that is a file.
bool shared_never(void);
bool segments_never(void);
bool files_never(void);
bool reserving_never(void);
bool faults_never(void);
bool files_count(void);
