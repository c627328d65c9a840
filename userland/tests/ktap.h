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
