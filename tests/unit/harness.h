// tests/unit/harness.h - what host unit tests are made of
// SPDX-License-Identifier: MIT
//
//   // tests/unit/test_x.c - ...
//   // sources: mm/x.c lib/string.c
//   #include "harness.h"
//
//   TEST(name) { CHECK(x_init() == 0); CHECK_EQ(x_count(), 3); }
//
// Each file is one program; the harness has main() and runs every TEST in the
// order of the file. A failed check ends its test, not the program. Random
// numbers start from the seed that is printed, anew in each test; SEED=n in
// the environment sets it, and the first argument picks tests by a part of
// their name.
#pragma once

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <base/compiler.h>
#include <base/types.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_register(struct test *test);

// Ends the running test as failed.
__noreturn __printf(3, 4) void test_fail(const char *file, int line,
                                         const char *format, ...);

#define TEST(id)                                                               \
    static void id(void);                                                      \
    static struct test id##_test = {.name = #id, .run = id};                   \
    __attribute__((constructor)) static void id##_register(void)               \
    {                                                                          \
        test_register(&id##_test);                                             \
    }                                                                          \
    static void id(void)

#define CHECK(expr)                                                            \
    do {                                                                       \
        if (!(expr))                                                           \
            test_fail(__FILE__, __LINE__, "%s", #expr);                        \
    } while (0)

// Numbers of up to 64 bits, shown when they differ.
#define CHECK_EQ(a, b)                                                         \
    do {                                                                       \
        long long check_a_ = (long long)(a), check_b_ = (long long)(b);        \
                                                                               \
        if (check_a_ != check_b_)                                              \
            test_fail(__FILE__, __LINE__,                                      \
                      "%s == %s: %lld (%#llx), %lld "                          \
                      "(%#llx)",                                               \
                      #a, #b, check_a_, check_a_, check_b_, check_b_);         \
    } while (0)

// An ASSERT in @statement has to fail.
#define CHECK_ASSERTS(statement)                                               \
    do {                                                                       \
        test_assert_expected = true;                                           \
        if (setjmp(test_assert_jump) == 0) {                                   \
            statement;                                                         \
            test_fail(__FILE__, __LINE__, "no assertion: %s", #statement);     \
        }                                                                      \
        test_assert_expected = false;                                          \
    } while (0)

extern jmp_buf test_assert_jump;
extern bool test_assert_expected;

// Rounds of the random tests: enough for each rare case, seconds in all.
#define TEST_ROUNDS 100000u

u32 test_random(void);

// A number below @limit (not 0).
u32 test_random_below(u32 limit);

// True once in @n times.
static inline bool test_random_one_in(u32 n)
{
    return test_random_below(n) == 0;
}
