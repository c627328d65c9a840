// userland/tests/sigframe.h - the suites of the program `sigframe`
// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

// The suites, each a KTAP test with sub-tests.
void suite_frame(void);
void suite_exceptions(void);
void suite_fpu(void);
void suite_return(void);
void suite_queue(void);
void suite_restart(void);

struct row {
    const char *name;
    bool (*run)(void);
    bool child; // in a process of its own
};
void run_rows(const char *suite, const struct row *rows, unsigned count);

// handle - by the C library, SA_SIGINFO added; what was seen is in these.
void handle(int signal, int flags);
extern volatile int seen_signal, seen_count;
extern siginfo_t seen_info;
extern ucontext_t seen_context;

// handle_with - the same by a handler of the test's own.
void handle_with(int signal, int flags,
                 void (*handler)(int, siginfo_t *, void *));

// dies_of - whether a child that does @run dies of @signal.
bool dies_of(int signal, void (*run)(void));

// registers of a context, by REG_EIP...
#define REGISTER(context, number)                                              \
    (((ucontext_t *)(context))->uc_mcontext.gregs[number])
