// userland/tests/abuse.h - what the parts of abuse.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

// Rows of abuse_mounts.c; true is good.
bool abuse_mounts_of_dead(void);
bool abuse_mounts_kept_open(void);
bool abuse_mounts_by_hand(void);
bool abuse_mounts_of_bound(void);
bool abuse_mounts_of_thread(void);
bool abuse_mounts_on_dead(void);
bool abuse_mounts_on_loose(void);
bool abuse_mounts_of_removed(void);
