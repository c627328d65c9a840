// userland/tests/races_files.c - races.c: files of the kernel
// SPDX-License-Identifier: MIT

#include "races.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    WATCH_STEPS = 4,
};

static int watches_held(void *fd)
{
    hold_me("slab", held_step);
    return inotify_add_watch(*(int *)fd, "/tmp", IN_CREATE);
}

static int number; // of the other's watch

static bool watches_too(void *fd)
{
    number = inotify_add_watch(*(int *)fd, "/tmp", IN_DELETE);
    return number > 0;
}

// Two who watch a file by the same descriptor have one watch.
bool one_watch(void)
{
    bool ok = true;

    for (held_step = 1; ok && held_step <= WATCH_STEPS; held_step++) {
        int fd = inotify_init1(0);

        ok = race(watches_held, watches_too, &fd) == number;
        if (!ok)
            ktap_note("held in allocation %u", held_step);
        close(fd);
    }
    return ok;
}

#define TEXT_FILE "/proc/filesystems"

struct text {
    int fd;
    char bytes[PAGE];
    ssize_t length;
};

// The buffer is held up at its first byte.
static int reads_text(void *argument)
{
    const struct text *text = argument;
    char *at = (char *)map_pages(1);

    hold_me("user", 1);
    return pread(text->fd, at, PAGE, 0) == text->length &&
                   memcmp(at, text->bytes, (size_t)text->length) == 0
               ? 0
               : 1;
}

// Has it made anew, and takes memory as large for other texts.
static bool reads_others(void *argument)
{
    static const char *const paths[] = {"/proc/version", "/proc/meminfo",
                                        "/proc/stat", "/proc/mounts"};
    const struct text *text = argument;
    int fds[4];
    char byte;
    bool ok = pread(text->fd, &byte, 1, 0) == 1;

    for (int i = 0; i < 4; i++) {
        fds[i] = open(paths[i], O_RDONLY);
        ok = ok && read(fds[i], &byte, 1) == 1;
    }
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    return ok;
}

// Two that read the same open file do not take the text from each other.
bool readers_of_a_text(void)
{
    static struct text text;
    bool ok;

    text.fd = open(TEXT_FILE, O_RDONLY);
    text.length = read(text.fd, text.bytes, PAGE);
    ok = text.length > 0 && race(reads_text, reads_others, &text) == 0;
    close(text.fd);
    return ok;
}
