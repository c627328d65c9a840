// userland/tests/timers.h - between timers.c and its parts
// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "fails.h"
#include "ktap.h"

#define MS 1000000L

extern const struct ktap_suite posix_suite;  // timers_posix.c
extern const struct ktap_suite signal_suite; // timers_signal.c
extern const struct ktap_suite cpu_suite;    // timers_cpu.c

// The system calls themselves: the C library has its own numbers, and threads.
int make(clockid_t clock, int notify, int signal, int *out_id);
int make_default(clockid_t clock, int *out_id);
int set_ms(int id, int flags, long value_ms, long interval_ms);
int left(int id, struct itimerspec *out);
int overrun(int id);
int delete (int id);

// take - wait for a signal of @set that is blocked. Return: its number, or 0
// after @ms.
int take(int signal, long ms, siginfo_t *out);
void block(int signal);
void nap(long ms);

// burn - use so much CPU time, in user mode.
void burn(long ms);
