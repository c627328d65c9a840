// tests/unit/test_efi_cmdline.c - efi/cmdline.c
// sources: efi/cmdline.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include "../../efi/cmdline.h"

#define CAPACITY 32u

static char line[CAPACITY];

static bool append(const char *to, const char *options, u32 chars)
{
    // At an odd address, and with an end that the sanitizer sees.
    u8 *wide = malloc(1 + 2 * chars);
    bool taken;

    for (u32 i = 0; i < chars; i++) {
        wide[1 + 2 * i] = (u8)options[i];
        wide[2 + 2 * i] = 0;
    }
    strcpy(line, to);
    taken = cmdline_append_options(line, CAPACITY, wide + 1, 2 * chars);
    free(wide);
    return taken;
}

#define CHECK_APPENDED(to, options, result)                                    \
    do {                                                                       \
        CHECK(append(to, options, sizeof(options)));                           \
        CHECK(strcmp(line, result) == 0);                                      \
        CHECK(append(to, options, sizeof(options) - 1)); /* without its NUL */ \
        CHECK(strcmp(line, result) == 0);                                      \
    } while (0)

// The bytes are on the heap, where the sanitizer sees their end.
static bool from_bytes(const void *bytes, u32 count)
{
    u8 *text = malloc(count ? count : 1);
    bool fits;

    memcpy(text, bytes, count);
    fits = cmdline_from_text(line, CAPACITY, text, count);
    free(text);
    return fits;
}

#define CHECK_TEXT(text, result)                                               \
    do {                                                                       \
        CHECK(from_bytes(text, sizeof(text) - 1));                             \
        CHECK(strcmp(line, result) == 0);                                      \
    } while (0)

TEST(text)
{
    CHECK_TEXT("", "");
    CHECK_TEXT("\n", "");
    CHECK_TEXT("a", "a");
    CHECK_TEXT(" \n a\r\n\tb  c\x7f\n", "a b c");
    CHECK_TEXT("a\rb", "a b"); // old Macs
    CHECK_TEXT("a\0b", "a b");
    CHECK_TEXT("x=\xc3\xa4", "x=\xc3\xa4");
}

TEST(comments)
{
    CHECK_TEXT("# all of it", "");
    CHECK_TEXT("#", "");
    CHECK_TEXT("# one\r\na\r\n\t # two\r\nb\r\n", "a b");
    CHECK_TEXT("a#b c #d", "a#b c #d"); // none: not at a line's start
    CHECK_TEXT("#\xe4\n##\nx", "x");
}

TEST(what_editors_put_in_front)
{
    CHECK_TEXT("\xef\xbb\xbf", "");
    CHECK_TEXT("\xef\xbb\xbf# n\r\na b\r\n", "a b");
    CHECK_TEXT("\xff\xfe", "");
    CHECK_TEXT("\xff\xfe#\0n\0\r\0\n\0a\0 \0b\0", "a b");
    CHECK_TEXT("\xfe\xff\0#\0n\0\r\0\n\0a\0 \0b", "a b");
    CHECK_TEXT("\xff\xfe"
               "a\0\xe4\0b\0a\1",
               "a?b?");
    CHECK_TEXT("\xff\xfe"
               "a\0b", // half a character at the end
               "a");
    CHECK_TEXT("\xef\xbb", "\xef\xbb");
    CHECK_TEXT("\xff", "\xff");
}

TEST(what_fits)
{
    char text[3 * CAPACITY];

    memset(text, 'x', sizeof(text));
    CHECK(from_bytes(text, CAPACITY - 1));
    CHECK(strlen(line) == CAPACITY - 1);
    CHECK(!from_bytes(text, CAPACITY));
    text[CAPACITY - 1] = '\n'; // as editors end a file
    CHECK(from_bytes(text, CAPACITY));
    CHECK(strlen(line) == CAPACITY - 1);
    CHECK(!from_bytes(text, CAPACITY + 1));
    text[CAPACITY - 1] = text[0];
    CHECK(line[0] == '\0');
    // A comment may be as long as it likes.
    text[0] = '#';
    text[2 * CAPACITY] = '\n';
    CHECK(from_bytes(text, 2 * CAPACITY + CAPACITY / 2));
    CHECK(strlen(line) == CAPACITY / 2 - 1);
}

TEST(options)
{
    CHECK_APPENDED("a b", "c=d e", "a b c=d e");
    CHECK_APPENDED("", "c", "c");
    CHECK_APPENDED("a", "BOOTX64.EFI loglevel=7", "a loglevel=7");
    CHECK_APPENDED("a", "\\x\\bootia32.efi", "a");
    CHECK_APPENDED("a", ".efi x", "a x");
    CHECK_APPENDED("a", "efi x", "a efi x");
}

TEST(what_is_not_text)
{
    u8 odd[] = {'a', 0, 'b'};

    CHECK(!append("a", "b\x01", 2));
    CHECK(!append("a", "b\xe4", 2));
    CHECK(!append("a", "", 0));
    CHECK(!append("a", "\0b", 2));
    CHECK(strcmp(line, "a") == 0);
    CHECK(!cmdline_append_options(line, CAPACITY, odd, sizeof(odd)));
}

TEST(the_limit)
{
    static const char long_options[] = "0123456789012345678901234567890";

    CHECK(!append("a", long_options, 30));
    CHECK(strcmp(line, "a") == 0);
    CHECK(append("a", long_options, 29));
    CHECK_EQ(strlen(line), CAPACITY - 1);
}

TEST(random_options)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        char options[40];
        u32 chars = test_random_below(sizeof(options) + 1);

        for (u32 j = 0; j < chars; j++)
            options[j] = "abc. .efi .EFI \0\n"[test_random_below(17)];
        if (append("x", options, chars))
            CHECK(strlen(line) < CAPACITY && line[0] == 'x');
        else
            CHECK(strcmp(line, "x") == 0);
    }
}
