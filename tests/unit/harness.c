// tests/unit/harness.c - runs the tests of one program
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <base/assert.h>

static struct test *first_test, **last_link = &first_test;
static jmp_buf fail_jump;
static u64 random_state;

jmp_buf test_assert_jump;
bool test_assert_expected;

void test_register(struct test *test)
{
    *last_link = test;
    last_link = &test->next;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list args;

    printf("%s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    test_assert_expected = false;
    longjmp(fail_jump, 1);
}

void assert_failed(const char *expr, const char *file, int line,
                   const char *func)
{
    if (test_assert_expected)
        longjmp(test_assert_jump, 1);
    test_fail(file, line, "ASSERT(%s) in %s", expr, func);
}

// splitmix64 (Steele, Lea, Flood 2014): any seed will do.
u32 test_random(void)
{
    u64 z = random_state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (u32)(z >> 32);
}

u32 test_random_below(u32 limit)
{
    return (u32)((u64)test_random() * limit >> 32);
}

static bool run(const struct test *test, u64 seed)
{
    random_state = seed;
    if (setjmp(fail_jump)) {
        printf("FAIL %s\n", test->name);
        return false;
    }
    test->run();
    printf("ok   %s\n", test->name);
    return true;
}

int main(int argc, char **argv)
{
    const char *text = getenv("SEED");
    u64 seed = text ? strtoull(text, NULL, 0) : (u64)time(NULL);
    u32 passed = 0, failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("SEED=%llu\n", seed);
    for (const struct test *test = first_test; test; test = test->next) {
        if (argc > 1 && !strstr(test->name, argv[1]))
            continue;
        if (run(test, seed))
            passed++;
        else
            failed++;
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
