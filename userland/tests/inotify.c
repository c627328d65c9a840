// userland/tests/inotify.c - inotify(7)
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. Most rows do something
// and compare all the events that come of it, in order, with a text: for each
// the number of its watch, its bits by a letter each, and the name.

#include "inotify.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char text[4096];
int in;
uint32_t cookies[2];

// A letter for each bit, from bit 0: access, modify, attrib, close-write,
// close, open, from, to, create, delete, delete-self, move-self.
static void add_bits(uint32_t mask)
{
    static const char letters[] = "amtwconpfdSM-UQI";
    size_t length = strlen(text);

    for (unsigned bit = 0; bit < 16; bit++)
        if (mask >> bit & 1)
            text[length++] = letters[bit];
    if (mask & IN_ISDIR)
        text[length++] = '/';
    text[length] = '\0';
}

static void add_event(const struct inotify_event *event)
{
    if (text[0])
        strcat(text, " ");
    sprintf(text + strlen(text), "%d:", event->wd);
    add_bits(event->mask);
    if (event->len)
        sprintf(text + strlen(text), ":%s", event->name);
    if (event->cookie) {
        cookies[0] = cookies[1];
        cookies[1] = event->cookie;
    }
}

void collect(void)
{
    char bytes[4096] __attribute__((aligned(4)));
    ssize_t count;

    text[0] = '\0';
    while ((count = read(in, bytes, sizeof(bytes))) > 0) {
        for (ssize_t at = 0; at < count;) {
            const struct inotify_event *event = (void *)(bytes + at);

            if (strlen(text) < sizeof(text) - 300)
                add_event(event);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

bool came(const char *expected)
{
    collect();
    if (strcmp(text, expected) == 0)
        return true;
    ktap_note("came '%s', not '%s'", text, expected);
    return false;
}

void make(const char *path)
{
    close(open(path, O_WRONLY | O_CREAT, 0644));
}

static void begin(void)
{
    mkdir(DIRECTORY, 0755);
    make(FILE_PATH);
    in = inotify_init1(IN_NONBLOCK);
}

static void end(void)
{
    close(in);
    unlink(FILE_PATH);
    unlink(OTHER);
    rmdir(SUB);
    rmdir(OTHER);
    rmdir(DIRECTORY);
}

static const struct ktap_test tests[] = {
    {"reads and writes", reads_and_writes},
    {"in a directory", in_a_directory},
    {"both", both},
    {"attributes", attributes},
    {"renames", renames},
    {"replaced", replaced},
    {"deleted", deleted},
    {"deleted while open", deleted_open},
    {"IN_EXCL_UNLINK", excluded},
    {"directories", directories},
    {"ends with its mount", ends_with_its_mount},
    {"sendfile", sent},
    {"masks", masks},
    {"IN_ONESHOT", one_shot},
    {"merged", merged},
    {"links", links},
    {"two readers", two_readers},
    {"layout", layout},
    {"polled", polled},
    {"waits", waits},
    {"overflow", overflow},
    {"limits", limits},
    {"errors", errors},
    {"rights", rights},
};

int main(void)
{
    const unsigned count = sizeof(tests) / sizeof(tests[0]);

    ktap_plan(count);
    for (unsigned i = 0; i < count; i++) {
        begin();
        ktap_result(tests[i].run(), "%s", tests[i].name);
        end();
    }
    return ktap_finish();
}
