// userland/tests/storm.h - between the parts of storm.c
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/types.h>

// The storms, each in a process of its own. Return: whether all came out right.
bool storm_signals(void); // storm_signals.c
bool storm_timers(void);  // storm_signals.c
bool storm_forks(void);   // storm_tasks.c
bool storm_waits(void);   // storm_tasks.c
bool storm_pipes(void);   // storm_pipes.c
bool storm_scripts(void); // storm_pipes.c

// storm_level - `storm level N DIR`, what a script of storm_scripts asks for.
int storm_level(int argc, char **argv);

// storm_wait - for a child, which has to exit with this.
bool storm_wait(pid_t pid, int expected);
