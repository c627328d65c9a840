// userland/tests/causes.c - each cause of a page fault, by its number
// SPDX-License-Identifier: MIT
//
//   causes                    all of them, as KTAP
//   causes NUMBER... [WHAT]   these of the table at the head of mm/fault.c;
//                             WHAT fails to be read: page 8 of a file of 16, or
//                             some slots of "swap" (for 14)
//
// Looked at from outside, since Linux has to say the same: content, signals,
// getrusage(2), mincore(2), pagemap and smaps. That an access is counted under
// its number is for tests/system/test_causes.py to see.

#include "causes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static const struct cause *const causes[] = {
    &cause_hole,          &cause_stack,        &cause_forbidden,
    &cause_zero_page,     &cause_first_write,  &cause_file_read,
    &cause_private_write, &cause_shared_write, &cause_swapped,
    &cause_copy_on_write, &cause_clean_write,  &cause_stale,
    &cause_beyond_end,    &cause_io_error,     &cause_no_memory,
    &cause_kernel,
};

enum {
    CAUSES = sizeof(causes) / sizeof(causes[0]),
    NAME_BYTES = 64,
};

const char *cause_failing;
static const char *skip_reason;

bool cause_skip(const char *reason)
{
    skip_reason = reason;
    return true;
}

static void run_test(const struct cause_test *test)
{
    skip_reason = NULL;
    bool ok = test->run();

    if (ok && skip_reason)
        ktap_skip(test->name, skip_reason);
    else
        ktap_result(ok, "%s", test->name);
}

static void run_cause(const struct cause *cause)
{
    const char *reason = cause->why_not ? cause->why_not() : NULL;
    char name[NAME_BYTES];

    snprintf(name, sizeof(name), "cause %u: %s", cause->number, cause->name);
    if (reason) {
        ktap_skip(name, reason);
        return;
    }
    ktap_enter(name, cause->count);
    for (unsigned i = 0; i < cause->count; i++)
        run_test(&cause->tests[i]);
    ktap_leave();
}

static const struct cause *find_cause(const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    for (int i = 0; i < CAUSES && end != text && *end == '\0'; i++)
        if (causes[i]->number == number)
            return causes[i];
    return NULL;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    for (int i = 1; i < argc; i++) {
        if (find_cause(argv[i]))
            count++;
        else if (i == argc - 1)
            cause_failing = argv[i];
        else
            ktap_bail("no cause %s", argv[i]);
    }
    // So that no fault is counted but those of the tests.
    if (mlockall(MCL_CURRENT) != 0)
        ktap_bail("mlockall: %s", strerror(errno));
    ktap_plan(count ? count : CAUSES);
    for (unsigned i = 0; i < count; i++)
        run_cause(find_cause(argv[i + 1]));
    for (int i = 0; i < CAUSES && count == 0; i++)
        run_cause(causes[i]);
    return ktap_finish();
}
