// userland/tests/books.c - what the kernel holds, to be compared
// SPDX-License-Identifier: MIT
//
// Compared are, from the kernel's own recount (docs/memory.md, "Books"), frames
// by who has them, and objects in use of each slab cache. Two things change
// without anything being taken or given back, and are accounted for:
//
// - Who wakes up brings back pages of its own that were swapped out (process 1
//   does when it is given an orphan), and reclaim takes others. So of anonymous
//   memory the contents are compared, wherever they are: anon.contents.
// - Nodes of radix trees follow the pages that are cached. The census finds
//   each in the tree of a file or of the swap cache, or in the stock of spare
//   ones (radix.nodes): there is nothing left to compare.
//
// Kernel stacks and pages of files are kept as long as memory lasts; that the
// census knows where each frame is, is all that can be asked of them.

#include "books.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"

#define CENSUS_FILE "/proc/faultline/census"
#define SLAB_FILE   "/proc/slabinfo"

enum {
    TEXT_BYTES = 16384
};

static char text[TEXT_BYTES];

static void read_text(const char *path)
{
    int fd = open(path, O_RDONLY);
    size_t used = 0;
    ssize_t bytes;

    if (fd < 0)
        ktap_bail("%s: %s", path, strerror(errno));
    while ((bytes = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
        used += (size_t)bytes;
    close(fd);
    if (bytes < 0 || used == sizeof(text) - 1)
        ktap_bail("%s: %s", path, bytes < 0 ? strerror(errno) : "too long");
    text[used] = '\0';
}

static bool starts(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static bool is_frame_line(const char *name)
{
    return (starts(name, "kernel.") && !starts(name, "kernel.stacks")) ||
           strcmp(name, "anon.contents") == 0 ||
           strcmp(name, "mm.tables_and_directories") == 0;
}

static bool is_cache_line(const char *name)
{
    return name[0] != '#' && strcmp(name, "slabinfo") != 0 &&
           strcmp(name, "radix_node") != 0;
}

// The lines of the text that are wanted: a name and a number.
static void take_lines(struct books *out, bool (*is_wanted)(const char *name))
{
    const char *line = text;

    while (*line) {
        struct books_line *to = &out->lines[out->count];

        if (out->count == BOOKS_LINES)
            ktap_bail("more than %u lines of books", BOOKS_LINES);
        if (sscanf(line, "%31s %u", to->name, &to->number) == 2 &&
            is_wanted(to->name))
            out->count++;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
}

void books_read(struct books *out)
{
    out->count = 0;
    read_text(SLAB_FILE);
    take_lines(out, is_cache_line);
    read_text(CENSUS_FILE);
    take_lines(out, is_frame_line);
    out->is_balanced = strstr(text, "census: ok");
}

// All that differ, as far as there is room.
static bool same(const struct books *a, const struct books *b, char *difference,
                 size_t size)
{
    size_t used = 0;

    if (a->count != b->count) {
        snprintf(difference, size, "lines: %u, were %u", b->count, a->count);
        return false;
    }
    for (unsigned i = 0; i < a->count; i++) {
        const struct books_line *was = &a->lines[i], *is = &b->lines[i];

        if (was->number == is->number && strcmp(was->name, is->name) == 0)
            continue;
        if (used < size)
            used += (size_t)snprintf(
                difference + used, size - used, "%s%s: %u, was %s: %u",
                used ? "; " : "", is->name, is->number, was->name, was->number);
    }
    return used == 0;
}

// The first line of the census that is wrong; it is in the text still.
static void tell_mismatch(char *difference, size_t size)
{
    const char *wrong = strstr(text, "MISMATCH");

    while (wrong && wrong > text && wrong[-1] != '\n')
        wrong--;
    snprintf(difference, size, "census: %.*s",
             wrong ? (int)strcspn(wrong, "\n") : 1, wrong ? wrong : "?");
}

bool books_balance(const struct books *before, char *difference, size_t size)
{
    struct books now;

    books_read(&now);
    if (!now.is_balanced) {
        tell_mismatch(difference, size);
        return false;
    }
    return same(before, &now, difference, size);
}
