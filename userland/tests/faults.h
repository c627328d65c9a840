// userland/tests/faults.h - the suites of the program `faults`
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

// The suites. Each is one KTAP test with sub-tests.
void suite_death(void);
void suite_badptr(void);
void suite_memory(void);
void suite_cow(void);
void suite_process(void);
void suite_signal(void);
void suite_exec(void);

// death_by_name - do the named bad thing in this process. Returns only if
// there is none of that name, or if it did no harm.
void death_by_name(const char *name);

// exec_main - run code in the named place that holds data. Returns the exit
// status, if at all.
int exec_main(const char *place);

// child_main - what `faults child ...`, run by the process suite, does.
int child_main(int argc, char **argv);

// run_in_child - fork, call, and wait. The wait status; a child whose function
// returns exits with what it returned.
int run_in_child(int (*function)(void *), void *argument);

// killed_by - is it the wait status of a process that this signal ended?
bool killed_by(int status, int signal);

// own_path - a path by which this program can be opened and run.
extern const char *own_path;

// The first address of the kernel: of Faultline's and of Linux's. Below a
// 64-bit Linux kernel it is the program's, but nothing is mapped there.
#define KERNEL_ADDRESS 0xc0100000u
