// userland/tests/ktap.h - results of in-guest tests, as KTAP version 1
// SPDX-License-Identifier: MIT
//
// Every line is one write(2) and nothing is buffered: a forked child can
// neither repeat nor lose a line of its parent's. One level of sub-tests.
#pragma once

#include <stdbool.h>

// ktap_plan - begin: the version line and the number of tests at this level.
void ktap_plan(unsigned tests);

// ktap_enter, ktap_leave - begin a test made of sub-tests, and end it: it is
// passed if all of them are.
void ktap_enter(const char *name, unsigned tests);
void ktap_leave(void);

// ktap_result - one result; the description is a printf format. Gives ok back.
// The name of the result, which is the same in every run and on Linux, ends at
// the first colon of the description; figures come after it.
bool ktap_result(bool ok, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// A test whose result is what it returns.
struct ktap_test {
    const char *name;
    bool (*run)(void);
};

// ktap_run - a result for each test, in order. ktap_run_suite - as sub-tests of
// @name. ktap_run_program - a whole program: the exit status.
void ktap_run(const struct ktap_test *tests, unsigned count);
void ktap_run_suite(const char *name, const struct ktap_test *tests,
                    unsigned count);
int ktap_run_program(const struct ktap_test *tests, unsigned count);

// Tests of one subject; a program of several: its exit status.
struct ktap_suite {
    const char *name;
    const struct ktap_test *tests;
    unsigned count;
};
#define KTAP_SUITE(title, array)                                               \
    {                                                                          \
        .name = (title), .tests = (array),                                     \
        .count = sizeof(array) / sizeof((array)[0])                            \
    }
int ktap_run_suites(const struct ktap_suite *const *suites, unsigned count);

// ktap_skip - a result that could not be had, and why.
void ktap_skip(const char *name, const char *reason);

// ktap_note - a diagnostic line.
void ktap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

// ktap_bail - end the whole program: it could not be carried on.
_Noreturn void ktap_bail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

// ktap_finish - the exit status: 0 if every result was ok and their number was
// the planned one.
int ktap_finish(void);
