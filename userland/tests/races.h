// userland/tests/races.h - between the parts of races
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#define RULE_FILE "/proc/faultline/inject"

// hold_me - the @nth allocation of this process of the kind @what takes a
// while.
void hold_me(const char *what, unsigned nth);

// wait_for_other - in the held process, until the other one is through.
void wait_for_other(void);

// race - @held in a child, which is held in the midst of it, and @other here.
// Return: what @held returned; -signal; 100: @other failed.
int race(int (*held)(void *), bool (*other)(void *), void *argument);

// Which allocation is held, where each of several is in turn.
extern unsigned held_step;

// is_swapping - whether there is something that can be swapped to.
bool is_swapping(void);

// The tests: whether all is well.
// races_pages.c
bool copy_and_truncation(void);
bool swap_in_and_hole(void);
// races_swap.c
bool two_readers(void);
bool reader_and_swapoff(void);
bool fork_and_swapoff(void);
// races_files.c
bool readers_of_a_text(void);
bool one_watch(void);
// races_fork.c
void fork_prepare(void); // before its tests; bails out
bool fork_and_group_kill(void);
bool fork_and_setpgid(void);
