// userland/tests/ktap.c - results of in-guest tests, as KTAP version 1
// SPDX-License-Identifier: MIT
//
// Sources: Linux Documentation/dev-tools/ktap.rst.

#include "ktap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LEVELS = 2,
    LINE_BYTES = 512,
};

static struct level {
    const char *name;
    unsigned planned;
    unsigned done;
    unsigned failed;
} levels[LEVELS];

static unsigned depth;

// put - write a line: indentation, prefix, text, newline.
static void put(const char *prefix, const char *format, va_list arguments)
{
    char text[LINE_BYTES];
    char line[LINE_BYTES + 64];

    vsnprintf(text, sizeof(text), format, arguments);
    int length = snprintf(line, sizeof(line), "%*s%s%s\n", (int)depth * 2, "",
                          prefix, text);
    for (int done = 0; done < length;) {
        ssize_t n = write(STDOUT_FILENO, line + done, (size_t)(length - done));

        if (n <= 0)
            _exit(EXIT_FAILURE); // nobody hears us
        done += n;
    }
}

__attribute__((format(printf, 1, 2))) static void put_line(const char *format,
                                                           ...)
{
    va_list arguments;

    va_start(arguments, format);
    put("", format, arguments);
    va_end(arguments);
}

void ktap_plan(unsigned tests)
{
    put_line("KTAP version 1");
    put_line("1..%u", tests);
    levels[depth].planned = tests;
}

void ktap_enter(const char *name, unsigned tests)
{
    if (depth + 1 == LEVELS)
        ktap_bail("sub-tests of sub-tests");
    depth++;
    levels[depth] = (struct level){.name = name};
    put_line("# Subtest: %s", name);
    ktap_plan(tests);
}

void ktap_leave(void)
{
    struct level *level = &levels[depth--];

    ktap_result(level->failed == 0 && level->done == level->planned, "%s",
                level->name);
}

bool ktap_result(bool ok, const char *format, ...)
{
    struct level *level = &levels[depth];
    char prefix[32];
    va_list arguments;

    level->done++;
    if (!ok)
        level->failed++;
    snprintf(prefix, sizeof(prefix), "%s %u ", ok ? "ok" : "not ok",
             level->done);
    va_start(arguments, format);
    put(prefix, format, arguments);
    va_end(arguments);
    return ok;
}

void ktap_run(const struct ktap_test *tests, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        errno = 0;
        ktap_result(tests[i].run(), "%s", tests[i].name);
    }
}

void ktap_run_suite(const char *name, const struct ktap_test *tests,
                    unsigned count)
{
    ktap_enter(name, count);
    ktap_run(tests, count);
    ktap_leave();
}

int ktap_run_program(const struct ktap_test *tests, unsigned count)
{
    ktap_plan(count);
    ktap_run(tests, count);
    return ktap_finish();
}

int ktap_run_suites(const struct ktap_suite *const *suites, unsigned count)
{
    ktap_plan(count);
    for (unsigned i = 0; i < count; i++)
        ktap_run_suite(suites[i]->name, suites[i]->tests, suites[i]->count);
    return ktap_finish();
}

void ktap_skip(const char *name, const char *reason)
{
    ktap_result(true, "%s # SKIP %s", name, reason);
}

void ktap_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put("# ", format, arguments);
    va_end(arguments);
}

void ktap_bail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put("Bail out! ", format, arguments);
    va_end(arguments);
    _exit(EXIT_FAILURE);
}

int ktap_finish(void)
{
    struct level *top = &levels[0];

    if (top->done != top->planned)
        ktap_note("%u tests were planned, %u done", top->planned, top->done);
    return top->failed == 0 && top->done == top->planned ? EXIT_SUCCESS
                                                         : EXIT_FAILURE;
}
