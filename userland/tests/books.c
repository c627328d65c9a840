// userland/tests/books.c - what the kernel holds, to be compared
// SPDX-License-Identifier: MIT
//
// Counted are objects in use, of each slab cache, and frames by use. Free
// frames alone would not do: slabs and kernel stacks are kept for the next one
// who needs them, so their number depends on what happened before.

#include "books.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"

#define CENSUS_FILE "/proc/faultline/census"

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
    text[used] = '\0';
}

// A line of /proc/meminfo, in KiB.
static long amount(const char *name)
{
    size_t length = strlen(name);
    long kib = 0;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':' &&
            sscanf(line + length + 1, "%ld", &kib) == 1)
            return kib;
    }
    ktap_bail("no %s in /proc/meminfo", name);
}

static void read_frames(struct books *out)
{
    read_text("/proc/meminfo");
    out->anonymous = amount("AnonPages");
    out->tables = amount("PageTables");
    out->unaccounted = amount("MemTotal") - amount("MemFree") -
                       amount("Buffers") - amount("Cached") -
                       amount("SwapCached") - out->anonymous - out->tables -
                       amount("Slab") - amount("KernelStack");
}

static void read_caches(struct books *out)
{
    out->caches = 0;
    read_text("/proc/slabinfo");
    for (const char *line = strchr(text, '\n'); line && line[1];
         line = strchr(line + 1, '\n')) {
        if (line[1] == '#' || out->caches == BOOKS_CACHES)
            continue;
        if (sscanf(line + 1, "%31s %u", out->cache[out->caches].name,
                   &out->cache[out->caches].objects) == 2)
            out->caches++;
    }
}

void books_read(struct books *out)
{
    read_frames(out);
    read_caches(out);
}

static bool same(const struct books *a, const struct books *b, char *difference,
                 size_t size)
{
    if (a->unaccounted != b->unaccounted || a->anonymous != b->anonymous ||
        a->tables != b->tables) {
        snprintf(difference, size,
                 "KiB of frames: unknown %+ld anonymous %+ld "
                 "tables %+ld",
                 b->unaccounted - a->unaccounted, b->anonymous - a->anonymous,
                 b->tables - a->tables);
        return false;
    }
    for (unsigned i = 0; i < a->caches; i++) {
        if (a->cache[i].objects == b->cache[i].objects)
            continue;
        snprintf(difference, size, "objects of %s: %u, were %u",
                 a->cache[i].name, b->cache[i].objects, a->cache[i].objects);
        return false;
    }
    return true;
}

// The kernel's own recount of every frame (docs/memory.md), where there is one.
static bool census(char *difference, size_t size)
{
    const char *wrong;

    if (access(CENSUS_FILE, R_OK))
        return true;
    read_text(CENSUS_FILE);
    if (strstr(text, "census: ok"))
        return true;
    wrong = strstr(text, "MISMATCH");
    while (wrong && wrong > text && wrong[-1] != '\n')
        wrong--;
    snprintf(difference, size, "census: %.*s",
             wrong ? (int)strcspn(wrong, "\n") : 1, wrong ? wrong : "?");
    return false;
}

bool books_balance(const struct books *before, char *difference, size_t size)
{
    struct books now;

    books_read(&now);
    return same(before, &now, difference, size) && census(difference, size);
}
