// tests/unit/test_fmt.c - lib/fmt.c against the C library's snprintf
// sources: lib/fmt.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <stdint.h>
#include <string.h>

#include <lib/fmt.h>

#define CHECK_FMT(expected, ...)                                               \
    do {                                                                       \
        char text_[128];                                                       \
        int length_ = fmt_print(text_, sizeof(text_), __VA_ARGS__);            \
                                                                               \
        if (strcmp(text_, (expected)))                                         \
            test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", text_,         \
                      expected);                                               \
        CHECK_EQ(length_, strlen(expected));                                   \
    } while (0)

TEST(examples)
{
    void *p = (void *)(uintptr_t)0xc0100000u;
    const char *volatile no_text = NULL; // unseen by the compiler's check

    CHECK_FMT("", "%s", "");
    CHECK_FMT("a=-1 b=4294967295", "a=%d b=%u", -1, ~0u);
    CHECK_FMT("[0000beef] [BEEF  ] [  beef]", "[%08x] [%-6X] [%*x]", 0xbeefu,
              0xbeefu, 6, 0xbeefu);
    CHECK_FMT("-9223372036854775808", "%lld", (long long)INT64_MIN);
    CHECK_FMT("100%", "%d%%", 100);
    CHECK_FMT("ab|(null)", "%.2s|%s", "abc", no_text);
    CHECK_FMT(sizeof(p) == 4 ? "0xc0100000" : "0x00000000c0100000", "%p", p);
}

// What the compiler would not let through as a literal.
static const char *volatile odd_formats[] = {"%q|", "%", "%5", "%-08l", "%ly"};

TEST(unknown_conversions_stand)
{
    for (u32 i = 0; i < ARRAY_SIZE(odd_formats); i++) {
        const char *format = odd_formats[i];

        CHECK_FMT(format, format, 1);
    }
}

TEST(truncation)
{
    char buf[8];

    memset(buf, 'x', sizeof(buf));
    CHECK_EQ(fmt_print(buf, 0, "abc"), 3);
    CHECK_EQ(buf[0], 'x');
    CHECK_EQ(fmt_print(buf, 1, "abc"), 3);
    CHECK_EQ(buf[0], 0);
    CHECK_EQ(fmt_print(buf, 4, "%s", "abc"), 3);
    CHECK(strcmp(buf, "abc") == 0);
    CHECK_EQ(fmt_print(buf, 4, "%d", 12345), 5);
    CHECK(strcmp(buf, "123") == 0);
    CHECK_EQ(buf[4], 'x');
}

#define SPEC_BYTES 40

// A random conversion of an integer: flags, width, precision, length.
static void random_spec(char *spec, const char *length)
{
    char *p = spec;

    *p++ = '%';
    for (u32 i = test_random_below(4); i > 0; i--)
        *p++ = "-0+ #"[test_random_below(5)];
    if (test_random_one_in(2))
        p += sprintf(p, "%u", test_random_below(30));
    if (test_random_one_in(2))
        p += sprintf(p, ".%u", test_random_below(30));
    p += sprintf(p, "%s", length);
    *p++ = "diuxXo"[test_random_below(6)];
    *p = '\0';
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define COMPARE(spec, value)                                                   \
    do {                                                                       \
        char ours_[80], theirs_[80];                                           \
        int length_ = fmt_print(ours_, sizeof(ours_), spec, value);            \
                                                                               \
        CHECK_EQ(length_, snprintf(theirs_, sizeof(theirs_), spec, value));    \
        if (strcmp(ours_, theirs_))                                            \
            test_fail(__FILE__, __LINE__, "%s of %llx: \"%s\", not \"%s\"",    \
                      spec, (long long)(value), ours_, theirs_);               \
    } while (0)

TEST(integers_like_snprintf)
{
    char spec[SPEC_BYTES];

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u64 value =
            ((u64)test_random() << 32 | test_random()) >> test_random_below(64);

        if (test_random_one_in(8))
            value = 0;
        switch (test_random_below(6)) {
        case 0:
            random_spec(spec, "hh");
            COMPARE(spec, (int)value);
            break;
        case 1:
            random_spec(spec, "h");
            COMPARE(spec, (int)value);
            break;
        case 2:
            random_spec(spec, "");
            COMPARE(spec, (int)value);
            break;
        case 3:
            random_spec(spec, "l");
            COMPARE(spec, (long)value);
            break;
        case 4:
            random_spec(spec, "ll");
            COMPARE(spec, (s64)value);
            break;
        default:
            random_spec(spec, "z");
            COMPARE(spec, (size_t)value);
            break;
        }
    }
}

TEST(strings_like_snprintf)
{
    char ours[64], theirs[64];

    for (u32 i = 0; i < TEST_ROUNDS / 10; i++) {
        size_t size = test_random_below(sizeof(ours)) + 1;
        int width = (int)test_random_below(30) - 15;
        int precision = (int)test_random_below(12) - 2;
        int length = fmt_print(ours, size, "<%*.*s|%-*c>", width, precision,
                               "abcdefg", width, 'x');

        CHECK_EQ(length, snprintf(theirs, size, "<%*.*s|%-*c>", width,
                                  precision, "abcdefg", width, 'x'));
        CHECK(strcmp(ours, theirs) == 0);
    }
}
