// tests/unit/test_string.c - lib/string.c against the C library
// sources: lib/string.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <lib/string.h>

void *our_memcpy(void *restrict dst, const void *restrict src, size_t bytes);
void *our_memmove(void *dst, const void *src, size_t bytes);
void *our_memset(void *dst, int byte, size_t bytes);
int our_memcmp(const void *a, const void *b, size_t bytes);
size_t our_strlen(const char *s);
size_t our_strnlen(const char *s, size_t max);
int our_strcmp(const char *a, const char *b);
int our_strncmp(const char *a, const char *b, size_t max);
char *our_strchr(const char *s, int c);
char *our_strrchr(const char *s, int c);

#define BYTES 96u

static void fill(u8 *buf)
{
    for (u32 i = 0; i < BYTES; i++)
        buf[i] = (u8)test_random();
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

TEST(copy_and_fill)
{
    u8 ours[BYTES], theirs[BYTES], source[BYTES];

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 bytes = test_random_below(BYTES / 2);
        u32 to = test_random_below(BYTES / 2);
        u32 from = test_random_below(BYTES / 2);
        int byte = (int)test_random();

        fill(ours);
        fill(source);
        memcpy(theirs, ours, BYTES);
        switch (test_random_below(3)) {
        case 0:
            CHECK(our_memcpy(ours + to, source + from, bytes) == ours + to);
            memcpy(theirs + to, source + from, bytes);
            break;
        case 1:
            CHECK(our_memmove(ours + to, ours + from, bytes) == ours + to);
            memmove(theirs + to, theirs + from, bytes);
            break;
        default:
            CHECK(our_memset(ours + to, byte, bytes) == ours + to);
            memset(theirs + to, byte, bytes);
            break;
        }
        CHECK(memcmp(ours, theirs, BYTES) == 0);
    }
}

// Few different characters, so that much is equal; also above 127.
static void random_text(char *text, u32 size)
{
    u32 length = test_random_below(size);

    for (u32 i = 0; i < length; i++)
        text[i] = "ab\xff"[test_random_below(3)];
    text[length] = '\0';
}

TEST(compare_and_find)
{
    char a[12], b[12];

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 max = test_random_below(14);
        int c = "ab\xffz"[test_random_below(5)]; // the last: the NUL

        random_text(a, sizeof(a));
        random_text(b, sizeof(b));
        CHECK_EQ(our_strlen(a), strlen(a));
        CHECK_EQ(our_strnlen(a, max), strnlen(a, max));
        CHECK_EQ(sign(our_strcmp(a, b)), sign(strcmp(a, b)));
        CHECK_EQ(sign(our_strncmp(a, b, max)), sign(strncmp(a, b, max)));
        CHECK(our_strchr(a, c) == strchr(a, c));
        CHECK(our_strrchr(a, c) == strrchr(a, c));
        max = (u32)strlen(a) < strlen(b) ? (u32)strlen(a) : (u32)strlen(b);
        CHECK_EQ(sign(our_memcmp(a, b, max)), sign(memcmp(a, b, max)));
    }
}

TEST(copy_with_truncation)
{
    char buf[4] = "xxx";

    CHECK(str_copy(buf, "", 1) && strcmp(buf, "") == 0);
    CHECK(str_copy(buf, "abc", 4) && strcmp(buf, "abc") == 0);
    CHECK(!str_copy(buf, "abcd", 4) && strcmp(buf, "abc") == 0);
    CHECK(!str_copy(buf, "abcd", 1) && strcmp(buf, "") == 0);
}

TEST(prefix)
{
    const char *s = "root=PARTLABEL=x";

    CHECK(str_starts(s, "root=") == s + 5);
    CHECK(str_starts(s, "") == s);
    CHECK(str_starts(s, s) == s + strlen(s));
    CHECK(!str_starts(s, "roots"));
    CHECK(!str_starts("ro", "root="));
}

struct number {
    const char *text;
    u32 base;
    int rc;
    u64 value;
    u32 used;
};

TEST(numbers)
{
    static const struct number cases[] = {
        {"0", 0, 0, 0, 1},
        {"12 34", 0, 0, 12, 2},
        {"0x1F", 0, 0, 31, 4},
        {"0X1f", 16, 0, 31, 4},
        {"ff", 16, 0, 255, 2},
        {"0x", 0, 0, 0, 1}, // the number 0, then an x
        {"0xg", 16, 0, 0, 1},
        {"010", 0, 0, 8, 3},
        {"010", 10, 0, 10, 3},
        {"08", 0, 0, 0, 1},
        {"z", 36, 0, 35, 1},
        {"18446744073709551615", 10, 0, ~0ull, 20},
        {"0xffffffffffffffff", 0, 0, ~0ull, 18},
        {"18446744073709551616", 10, -ERANGE, 0, 20},
        {"99999999999999999999999999999", 10, -ERANGE, 0, 29},
        {"", 0, -EINVAL, 0, 0},
        {" 1", 0, -EINVAL, 0, 0},
        {"-1", 0, -EINVAL, 0, 0},
        {"f", 10, -EINVAL, 0, 0},
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct number *n = &cases[i];
        const char *end = n->text;
        u64 value = 0;

        CHECK_EQ(str_to_u64(n->text, n->base, &value, &end), n->rc);
        CHECK_EQ(value, n->value);
        CHECK_EQ(end - n->text, n->used);
        CHECK_EQ(str_to_u64(n->text, n->base, &value, NULL), n->rc);
    }
}

TEST(numbers_like_strtoull)
{
    char text[32];

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u64 n =
            ((u64)test_random() << 32 | test_random()) >> test_random_below(64);
        static const char *const formats[] = {"%llu", "%#llx", "%#llo"};
        u64 value;

        snprintf(text, sizeof(text), formats[test_random_below(3)], n);
        CHECK_EQ(str_to_u64(text, 0, &value, NULL), 0);
        CHECK_EQ(value, n);
    }
}
