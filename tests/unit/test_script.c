// tests/unit/test_script.c - kernel/script.c
// sources: kernel/script.c lib/string.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../kernel/script.h"

// The head in an allocation of its very size, so that ASan sees a byte too far.
static int parse(const char *text, u32 bytes, struct script_line *out)
{
    char *head = malloc(bytes + !bytes);
    int result;

    memcpy(head, text, bytes);
    result = script_parse(head, bytes, out);
    free(head);
    return result;
}

static bool gives(const char *text, const char *interpreter,
                  const char *argument)
{
    struct script_line line;

    return parse(text, (u32)strlen(text), &line) == 0 &&
           strcmp(line.interpreter, interpreter) == 0 &&
           strcmp(line.argument, argument) == 0;
}

static bool refused(const char *text, u32 bytes)
{
    struct script_line line;

    return parse(text, bytes, &line) == -ENOEXEC;
}

TEST(examples)
{
    CHECK(gives("#!/bin/sh\necho\n", "/bin/sh", ""));
    CHECK(gives("#! /bin/sh -e\n", "/bin/sh", "-e"));
    CHECK(gives("#!\t /bin/awk  -f  x y \t\nz", "/bin/awk", "-f  x y"));
    CHECK(gives("#!/bin/sh", "/bin/sh", "")); // no newline, end of file
    CHECK(gives("#!a\n", "a", ""));
}

TEST(refused_ones)
{
    CHECK(refused("", 0));
    CHECK(refused("#", 1));
    CHECK(refused("#!", 2));
    CHECK(refused("#!\n/bin/sh\n", 11));
    CHECK(refused("#!   \t\n", 7));
    CHECK(refused("\177ELF", 4));
    CHECK(refused("#!\0/bin/sh\n", 11));
}

TEST(long_lines)
{
    char text[2 * SCRIPT_LINE_BYTES];
    struct script_line line;

    // An interpreter that may go on beyond the line: refused.
    memset(text, 'a', sizeof(text));
    memcpy(text, "#!", 2);
    CHECK(refused(text, sizeof(text)));
    CHECK(refused(text, SCRIPT_LINE_BYTES));
    // One that ends with the file, just inside.
    CHECK_EQ(parse(text, SCRIPT_LINE_BYTES - 1, &line), 0);
    CHECK_EQ(strlen(line.interpreter), SCRIPT_LINE_BYTES - 3);
    // An argument that is too long is cut.
    text[5] = ' ';
    CHECK_EQ(parse(text, sizeof(text), &line), 0);
    CHECK_EQ(strlen(line.interpreter), 3);
    CHECK_EQ(strlen(line.argument), SCRIPT_LINE_BYTES - 6);
}

// Whatever the bytes: strings end, and nothing outside is read (ASan).
TEST(random_heads)
{
    static const char letters[] = {'#', '!', ' ', '\t', '\n', '\0', 'a', '/'};
    char text[SCRIPT_LINE_BYTES + 16];

    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        u32 bytes = test_random_below(sizeof(text) + 1);
        struct script_line line;

        for (u32 i = 0; i < bytes; i++)
            text[i] = letters[test_random_below(
                test_random_one_in(8) ? sizeof(letters) : 1)];
        for (u32 i = 0; i < bytes; i++)
            if (text[i] == '#' && i)
                text[i] = 'b';
        if (bytes > 1)
            text[1] = '!';
        if (parse(text, bytes, &line))
            continue;
        CHECK(line.interpreter[0] != '\0');
        CHECK(!strpbrk(line.interpreter, " \t\n"));
        CHECK(!strchr(line.argument, '\n'));
        CHECK(strlen(line.interpreter) + strlen(line.argument) <=
              SCRIPT_LINE_BYTES - 2);
    }
}
