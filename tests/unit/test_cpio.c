// tests/unit/test_cpio.c - lib/cpio.c
// sources: lib/cpio.c
// SPDX-License-Identifier: MIT
//
// Archives are made here, and read from a block of exactly their size, so that
// the sanitizer sees every byte read beyond.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <lib/cpio.h>

#define ARCHIVE_BYTES 8192u

static char archive[ARCHIVE_BYTES];
static u32 archive_bytes;

static void append(const void *bytes, u32 count)
{
    memcpy(archive + archive_bytes, bytes, count);
    archive_bytes += count;
}

static void pad(u32 multiple)
{
    while (archive_bytes % multiple)
        append("", 1);
}

static void append_entry(const char *name, u32 mode, const char *data)
{
    char header[111];
    static u32 ino;

    snprintf(header, sizeof(header),
             "070701%08X%08X%08X%08X%08x%08X%08X%08X%08X%08X%08X%08X%08X",
             ++ino, mode, 1000u, 100u, 1u, 0x5f5e1000u, (u32)strlen(data), 8u,
             1u, 4u, 64u, (u32)strlen(name) + 1, 0u);
    append(header, 110);
    append(name, (u32)strlen(name) + 1);
    pad(4);
    append(data, (u32)strlen(data));
    pad(4);
}

static void append_trailer(void)
{
    append_entry("TRAILER!!!", 0, "");
}

static void start(void)
{
    archive_bytes = 0;
}

static bool is_name(const struct cpio_entry *entry, const char *name)
{
    return strcmp(entry->name, name) == 0;
}

TEST(examples)
{
    struct cpio_reader reader;
    struct cpio_entry entry;

    start();
    append_entry(".", 040755, "");
    append_entry("./bin", 040755, "");
    append_entry("/bin/sh", 0100755, "hello");
    append_entry("dev/console", 020600, "");
    append_trailer();
    pad(512);
    append_entry("second", 0120777, "target");
    append_trailer();

    cpio_init(&reader, archive, archive_bytes);
    CHECK_EQ(cpio_next(&reader, &entry), 1);
    CHECK(is_name(&entry, ".") && entry.mode == 040755);
    CHECK_EQ(cpio_next(&reader, &entry), 1);
    CHECK(is_name(&entry, "bin"));
    CHECK_EQ(cpio_next(&reader, &entry), 1);
    CHECK(is_name(&entry, "bin/sh") && entry.size == 5);
    CHECK(memcmp(entry.data, "hello", 5) == 0);
    CHECK(entry.uid == 1000 && entry.gid == 100 && entry.nlink == 1);
    CHECK(entry.mtime == 0x5f5e1000u && entry.dev_major == 8);
    CHECK(entry.dev_minor == 1);
    CHECK_EQ(cpio_next(&reader, &entry), 1);
    CHECK(entry.rdev_major == 4 && entry.rdev_minor == 64);
    CHECK_EQ(cpio_next(&reader, &entry), 1);
    CHECK(is_name(&entry, "second") && entry.size == 6);
    CHECK_EQ(cpio_next(&reader, &entry), 0);
    CHECK_EQ(cpio_next(&reader, &entry), 0);
}

// Reads all of @bytes bytes at @data, which may be anything, in a block of
// their size. Returns how many entries, or the error.
static int read_all(const char *data, u32 bytes)
{
    char *copy = malloc(bytes + !bytes);
    struct cpio_reader reader;
    struct cpio_entry entry;
    volatile u32 sum = 0;
    int rc, count = 0;

    memcpy(copy, data, bytes);
    cpio_init(&reader, copy, bytes);
    while ((rc = cpio_next(&reader, &entry)) > 0) {
        const char *content = entry.data;

        CHECK(entry.name[0] && entry.name[0] != '/');
        sum += (u32)strlen(entry.name);
        for (u32 i = 0; i < entry.size; i++)
            sum += (u8)content[i];
        count++;
    }
    free(copy);
    return rc ? rc : count;
}

TEST(no_archive)
{
    start();
    CHECK_EQ(read_all(archive, 0), 0);
    memset(archive, 0, 64);
    CHECK_EQ(read_all(archive, 64), 0);
    CHECK_EQ(read_all("x", 1), -EINVAL);
    CHECK_EQ(read_all("070701", 6), -EINVAL);
}

TEST(bad_fields)
{
    static const struct {
        u32 at;
        const char *text;
    } cases[] = {
        {0, "070702"},    // the variant with checksums
        {0, "070707"},    // the old format
        {6, "0000000g"},  // not hexadecimal
        {54, "ffffffff"}, // size
        {54, "00000100"}, // size, just too much
        {94, "00000000"}, // no name
        {94, "00000001"}, // an empty one
        {94, "fffffff0"}, // a long one
        {94, "00000005"}, // without its NUL
        {94, "00000009"}, // with more than one
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        start();
        append_entry("file1", 0100644, "");
        CHECK_EQ(archive_bytes, 116);
        append_trailer();
        CHECK_EQ(read_all(archive, archive_bytes), 1);
        memcpy(archive + cases[i].at, cases[i].text, strlen(cases[i].text));
        CHECK_EQ(read_all(archive, archive_bytes), -EINVAL);
    }
}

TEST(bad_names)
{
    start();
    append_entry("", 0100644, ""); // nothing but its NUL
    append_trailer();
    CHECK_EQ(read_all(archive, archive_bytes), -EINVAL);
    start();
    append_entry("a/b", 0100644, "");
    append_trailer();
    CHECK_EQ(read_all(archive, archive_bytes), 1);
    archive[111] = '\0'; // a NUL inside
    CHECK_EQ(read_all(archive, archive_bytes), -EINVAL);
    start();
    append_entry(".//.//", 0100644, ""); // the root, by another name
    append_trailer();
    CHECK_EQ(read_all(archive, archive_bytes), 1);
}

TEST(every_truncation)
{
    start();
    append_entry("a", 0100644, "12345");
    append_entry("b", 0100644, "1234");
    append_trailer();
    CHECK_EQ(read_all(archive, archive_bytes), 2);
    // The zeros that pad the trailer may be missing, and nothing else.
    CHECK_EQ(read_all(archive, archive_bytes - 3), 2);
    for (u32 bytes = 1; bytes < archive_bytes - 3; bytes++)
        CHECK_EQ(read_all(archive, bytes), -EINVAL);
}

TEST(second_archive_must_be_aligned)
{
    start();
    append_trailer();
    append("\0", 2);
    append_entry("a", 0100644, "");
    append_trailer();
    CHECK_EQ(read_all(archive, archive_bytes), -EINVAL);
}

TEST(random_damage)
{
    for (u32 i = 0; i < TEST_ROUNDS / 4; i++) {
        u32 changes = test_random_below(4);

        start();
        for (u32 j = test_random_below(4); j > 0; j--)
            append_entry("./some/name" + test_random_below(10), 0100644,
                         "some content" + test_random_below(12));
        append_trailer();
        pad(test_random_one_in(2) ? 512 : 4);
        while (changes--) {
            u32 at = test_random_below(archive_bytes);

            archive[at] = test_random_one_in(2)
                              ? (char)test_random()
                              : "0123456789abcdef"[test_random_below(16)];
        }
        read_all(archive, archive_bytes - test_random_below(8));
    }
}
