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

TEST(tidy)
{
    strcpy(line, " \n a\r\n\tb  c\x7f\n");
    cmdline_tidy(line);
    CHECK(strcmp(line, "a b c") == 0);
    strcpy(line, "\n");
    cmdline_tidy(line);
    CHECK(line[0] == '\0');
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
