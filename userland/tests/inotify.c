// userland/tests/inotify.c - inotify(7)
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. Most rows do something
// and compare all the events that come of it, in order, with a text: for each
// the number of its watch, its bits by a letter each, and the name.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fails.h"
#include "ktap.h"

#define DIR       "/tmp/inotify"
#define FILE_PATH DIR "/file"
#define OTHER     DIR "/other"
#define SUB       DIR "/sub"

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

static char text[4096]; // of the events that came last
static int in;
static uint32_t cookies[2]; // of the last two events that had one

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

static void collect(void)
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

// The events that came are these; else they are shown.
static bool came(const char *expected)
{
    collect();
    if (strcmp(text, expected) == 0)
        return true;
    ktap_note("came '%s', not '%s'", text, expected);
    return false;
}

static void make(const char *path)
{
    close(open(path, O_WRONLY | O_CREAT, 0644));
}

static void begin(void)
{
    mkdir(DIR, 0755);
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
    rmdir(DIR);
}

// ---- what happens to files --------------------------------------------------

static bool reads_and_writes(void)
{
    char byte = 'x';
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && read(fd, &byte, 1) == 0 && came("1:o") &&
         write(fd, "ab", 2) == 2 && came("1:m") &&
         pread(fd, &byte, 1, 0) == 1 && came("1:a") &&
         write(fd, &byte, 0) == 0 && came("");
    ok = ok && ftruncate(fd, 0) == 0 && came("1:m") && close(fd) == 0 &&
         came("1:w");
    fd = open(FILE_PATH, O_RDONLY);
    close(fd);
    ok = ok && came("1:o 1:c");
    fd = open(FILE_PATH, O_WRONLY | O_TRUNC);
    close(fd);
    ok = ok && came("1:m 1:o 1:w");
    fd = open(FILE_PATH, O_PATH);
    close(fd);
    return ok && came("");
}

static bool in_a_directory(void)
{
    char byte;
    bool ok = inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 1;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && write(fd, "ab", 2) == 2 && pread(fd, &byte, 1, 0) == 1 &&
         close(fd) == 0 && came("1:o:file 1:m:file 1:a:file 1:w:file");
    make(OTHER);
    ok = ok && came("1:f:other 1:o:other 1:w:other") && mkdir(SUB, 0755) == 0 &&
         came("1:f/:sub") && rmdir(SUB) == 0 && came("1:d/:sub") &&
         unlink(OTHER) == 0 && came("1:d:other");
    ok = ok && symlink("x", OTHER) == 0 && came("1:f:other") &&
         unlink(OTHER) == 0 && mkfifo(OTHER, 0600) == 0 &&
         came("1:d:other 1:f:other") && unlink(OTHER) == 0 &&
         link(FILE_PATH, OTHER) == 0 && came("1:d:other 1:f:other");
    return ok && fails(mkdir(OTHER, 0755), EEXIST) && came("");
}

static bool both(void)
{
    char byte;
    bool ok = inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 2;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && came("1:o:file 2:o") && write(fd, "x", 1) == 1 &&
         came("1:m:file 2:m") && read(fd, &byte, 1) == 0 && came("") &&
         close(fd) == 0 && came("1:w:file 2:w");
    return ok;
}

static bool attributes(void)
{
    struct timespec times[2] = {{1, 0}, {2, 0}};
    bool ok = inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 2;

    ok = ok && chmod(FILE_PATH, 0600) == 0 && came("1:t:file 2:t") &&
         chown(FILE_PATH, 0, 0) == 0 && came("1:t:file 2:t") &&
         utimensat(AT_FDCWD, FILE_PATH, times, 0) == 0 && came("1:t:file 2:t");
    times[0].tv_nsec = UTIME_OMIT;
    ok = ok && utimensat(AT_FDCWD, FILE_PATH, times, 0) == 0 &&
         came("1:m:file 2:m");
    times[0].tv_nsec = 0;
    times[1].tv_nsec = UTIME_OMIT;
    ok = ok && utimensat(AT_FDCWD, FILE_PATH, times, 0) == 0 &&
         came("1:a:file 2:a");
    ok = ok && link(FILE_PATH, OTHER) == 0 && came("2:t 1:f:other") &&
         unlink(OTHER) == 0 && came("2:t 1:d:other");
    return ok && chmod(DIR, 0700) == 0 && came("1:t/") &&
           fails(chmod(DIR "/none", 0), ENOENT) && came("");
}

static bool renames(void)
{
    bool ok = mkdir(SUB, 0755) == 0 &&
              inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, SUB, IN_ALL_EVENTS) == 2 &&
              inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 3;

    ok = ok && rename(FILE_PATH, OTHER) == 0 &&
         came("1:n:file 1:p:other 3:M") && cookies[0] == cookies[1] &&
         cookies[0];
    uint32_t first = cookies[0];
    ok = ok && rename(OTHER, SUB "/deep") == 0 &&
         came("1:n:other 2:p:deep 3:M") && cookies[0] == cookies[1] &&
         cookies[0] != first;
    ok = ok && rename(SUB "/deep", FILE_PATH) == 0 &&
         came("2:n:deep 1:p:file 3:M") && rename(SUB, OTHER) == 0 &&
         came("1:n/:sub 1:p/:other 2:M") && rename(OTHER, OTHER) == 0 &&
         came("");
    return ok;
}

static bool replaced(void)
{
    make(OTHER);
    bool ok = inotify_add_watch(in, OTHER, IN_ALL_EVENTS) == 1 &&
              rename(FILE_PATH, OTHER) == 0 && came("1:t 1:S 1:I");

    make(FILE_PATH);
    return ok && inotify_add_watch(in, OTHER, IN_ALL_EVENTS) == 2;
}

static bool deleted(void)
{
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 2;

    ok = ok && unlink(FILE_PATH) == 0 && came("1:t 1:S 1:I 2:d:file") &&
         fails(inotify_rm_watch(in, 1), EINVAL);
    return ok && rmdir(DIR) == 0 && came("2:S 2:I");
}

// As long as it is open, it is there.
static bool deleted_open(void)
{
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 2;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && came("2:o:file 1:o") && unlink(FILE_PATH) == 0 &&
         came("1:t 2:d:file") && write(fd, "x", 1) == 1 &&
         came("2:m:file 1:m") && close(fd) == 0 && came("2:w:file 1:w 1:S 1:I");
    return ok;
}

static bool excluded(void)
{
    bool ok = inotify_add_watch(in, DIR, IN_ALL_EVENTS | IN_EXCL_UNLINK) == 1;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && unlink(FILE_PATH) == 0 && came("1:o:file 1:d:file") &&
         write(fd, "x", 1) == 1 && close(fd) == 0 && came("");
    return ok;
}

static bool directories(void)
{
    char entries[512];
    bool ok = mkdir(SUB, 0755) == 0 &&
              inotify_add_watch(in, DIR, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, SUB, IN_ALL_EVENTS) == 2;
    int fd = open(SUB, O_RDONLY | O_DIRECTORY);

    ok = ok && came("1:o/:sub 2:o/") &&
         getdents(fd, (struct dirent *)entries, sizeof(entries)) > 0 &&
         came("1:a/:sub 2:a/") && close(fd) == 0 && came("1:c/:sub 2:c/") &&
         rmdir(SUB) == 0 && came("2:S 2:I 1:d/:sub");
    return ok;
}

static bool ends_with_its_mount(void)
{
    bool ok = mount("none", DIR, "tmpfs", 0, NULL) == 0;

    make(FILE_PATH);
    ok = ok && inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
         umount(DIR) == 0 && came("1:U 1:I");
    return ok;
}

static bool sent(void)
{
    int fd = open(FILE_PATH, O_RDWR), out;
    bool ok = write(fd, "abc", 3) == 3;

    out = open(OTHER, O_WRONLY | O_CREAT, 0644);
    lseek(fd, 0, SEEK_SET);
    ok = ok && inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
         inotify_add_watch(in, OTHER, IN_ALL_EVENTS) == 2 &&
         sendfile(out, fd, NULL, 3) == 3 && close(out) == 0 && close(fd) == 0;
    collect();
    return ok && strstr(text, "1:a") && strstr(text, "2:m") &&
           strstr(text, "2:w 1:w");
}

// ---- watches ----------------------------------------------------------------

static bool masks(void)
{
    int fd;
    bool ok = inotify_add_watch(in, FILE_PATH, IN_OPEN) == 1 &&
              inotify_add_watch(in, FILE_PATH, IN_CLOSE) == 1;

    fd = open(FILE_PATH, O_RDONLY);
    close(fd);
    ok = ok && came("1:c") &&
         inotify_add_watch(in, FILE_PATH, IN_OPEN | IN_MASK_ADD) == 1;
    fd = open(FILE_PATH, O_RDONLY);
    close(fd);
    ok = ok && came("1:o 1:c") &&
         fails(inotify_add_watch(in, FILE_PATH, IN_OPEN | IN_MASK_CREATE),
               EEXIST) &&
         inotify_add_watch(in, DIR, IN_OPEN | IN_MASK_CREATE) == 2 &&
         inotify_rm_watch(in, 1) == 0 && came("1:I") &&
         inotify_add_watch(in, FILE_PATH, IN_MODIFY) == 3;
    return ok;
}

static bool one_shot(void)
{
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS | IN_ONESHOT) == 1;
    int fd = open(FILE_PATH, O_RDONLY);

    close(fd);
    return ok && came("1:o 1:I") && fails(inotify_rm_watch(in, 1), EINVAL);
}

static bool merged(void)
{
    int fd = open(FILE_PATH, O_RDWR);
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1;

    for (int i = 0; i < 5; i++)
        ok = ok && write(fd, "x", 1) == 1;
    ok = ok && pread(fd, &(char){0}, 1, 0) == 1 && write(fd, "x", 1) == 1 &&
         came("1:m 1:a 1:m");
    close(fd);
    return ok;
}

static bool links(void)
{
    bool ok =
        symlink(FILE_PATH, OTHER) == 0 &&
        inotify_add_watch(in, OTHER, IN_OPEN) == 1 &&
        inotify_add_watch(in, FILE_PATH, IN_OPEN) == 1 &&
        inotify_add_watch(in, OTHER, IN_DONT_FOLLOW | IN_DELETE_SELF) == 2;

    return ok && unlink(OTHER) == 0 && came("2:S 2:I");
}

static bool two_readers(void)
{
    int other = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), bytes;
    bool ok = inotify_add_watch(in, FILE_PATH, IN_OPEN) == 1 &&
              inotify_add_watch(other, FILE_PATH, IN_OPEN) == 1 &&
              fcntl(other, F_GETFD) == FD_CLOEXEC;
    int fd = open(FILE_PATH, O_RDONLY);

    close(fd);
    ok =
        ok && came("1:o") && ioctl(other, FIONREAD, &bytes) == 0 && bytes == 16;
    close(other);
    return ok;
}

// ---- reading ----------------------------------------------------------------

static bool layout(void)
{
    char bytes[256] __attribute__((aligned(4)));
    const struct inotify_event *event = (void *)bytes;
    int count;
    bool ok = inotify_add_watch(in, DIR, IN_CREATE | IN_DELETE) == 1;

    make(DIR "/sixteen-letters-");
    unlink(DIR "/sixteen-letters-");
    ok = ok && ioctl(in, FIONREAD, &count) == 0 && count == 96 &&
         fails(read(in, bytes, 47), EINVAL) && read(in, bytes, 50) == 48 &&
         event->len == 32 && strcmp(event->name, "sixteen-letters-") == 0 &&
         event->cookie == 0 && read(in, bytes, 256) == 48 &&
         fails(read(in, bytes, 256), EAGAIN) &&
         fails(read(in, bytes, 0), EAGAIN);
    return ok;
}

static bool polled(void)
{
    struct pollfd entry = {.fd = in, .events = POLLIN | POLLOUT};
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(0), status = 0;
    bool ok = inotify_add_watch(in, DIR, IN_CREATE) == 1 &&
              poll(&entry, 1, 0) == 0 &&
              epoll_ctl(set, EPOLL_CTL_ADD, in, &event) == 0;
    pid_t child = fork();

    if (child == 0) {
        usleep(20000);
        make(OTHER);
        _exit(0);
    }
    ok = ok && epoll_wait(set, &event, 1, 20000) == 1 &&
         poll(&entry, 1, 0) == 1 && entry.revents == POLLIN &&
         came("1:f:other") && poll(&entry, 1, 0) == 0;
    waitpid(child, &status, 0);
    close(set);
    return ok;
}

static bool waits(void)
{
    char bytes[64];
    int status = 0, blocking = inotify_init();
    bool ok = inotify_add_watch(blocking, DIR, IN_CREATE) == 1;
    pid_t child = fork();

    if (child == 0) {
        usleep(20000);
        make(OTHER);
        _exit(0);
    }
    ok = ok && read(blocking, bytes, sizeof(bytes)) == 32;
    waitpid(child, &status, 0);
    close(blocking);
    return ok;
}

// ---- limits and errors ------------------------------------------------------

static long setting(const char *name, long value)
{
    char path[64], number[16] = "";
    int fd;

    snprintf(path, sizeof(path), "/proc/sys/fs/inotify/%s", name);
    fd = open(path, O_RDWR);
    if (fd < 0 || read(fd, number, sizeof(number) - 1) < 0)
        return -1;
    if (value >= 0) {
        char new[16];
        int length = snprintf(new, sizeof(new), "%ld\n", value);

        if (pwrite(fd, new, (size_t)length, 0) != length)
            return -1;
    }
    close(fd);
    return atol(number);
}

static bool overflow(void)
{
    long before = setting("max_queued_events", 3);
    int few = inotify_init1(IN_NONBLOCK), saved = in;
    int fd = open(FILE_PATH, O_RDWR);

    in = few;
    bool ok = before == 16384 &&
              inotify_add_watch(few, FILE_PATH, IN_ALL_EVENTS) == 1;
    for (int i = 0; i < 5; i++)
        ok = ok && pwrite(fd, "x", 1, 0) == 1 &&
             pread(fd, &(char){0}, 1, 0) == 1;
    ok = ok && came("1:m 1:a 1:m -1:Q") && pwrite(fd, "x", 1, 0) == 1 &&
         came("1:m");
    close(fd);
    close(few);
    in = saved;
    return setting("max_queued_events", before) == 3 && ok;
}

static bool limits(void)
{
    long instances = setting("max_user_instances", 2);
    long watches = setting("max_user_watches", 1);
    int second = inotify_init();
    bool ok = instances == 128 && watches >= 8192 && second >= 0 &&
              fails(inotify_init(), EMFILE) &&
              inotify_add_watch(in, DIR, IN_OPEN) == 1 &&
              inotify_add_watch(in, DIR, IN_CLOSE) == 1 &&
              fails(inotify_add_watch(second, DIR, IN_OPEN), ENOSPC);

    close(second);
    setting("max_user_instances", instances);
    return setting("max_user_watches", watches) == 1 && ok;
}

static bool errors(void)
{
    int pipes[2];
    bool ok = pipe(pipes) == 0 && fails(inotify_init1(1), EINVAL) &&
              fails(inotify_add_watch(in, DIR, 0), EINVAL) &&
              fails(inotify_add_watch(999, DIR, IN_OPEN), EBADF) &&
              fails(inotify_add_watch(999, DIR, 0), EINVAL) &&
              fails(inotify_add_watch(pipes[0], DIR, IN_OPEN), EINVAL) &&
              fails(inotify_add_watch(in, DIR "/none", IN_OPEN), ENOENT) &&
              fails(inotify_add_watch(in, "", IN_OPEN), ENOENT) &&
              fails(inotify_add_watch(in, (char *)4096, IN_OPEN), EFAULT) &&
              fails(inotify_add_watch(in, FILE_PATH, IN_OPEN | IN_ONLYDIR),
                    ENOTDIR) &&
              fails(inotify_add_watch(in, DIR,
                                      IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE),
                    EINVAL) &&
              inotify_add_watch(in, DIR, IN_ONLYDIR) == 1 &&
              fails(inotify_rm_watch(in, 7), EINVAL) &&
              fails(inotify_rm_watch(999, 1), EBADF) &&
              fails(inotify_rm_watch(pipes[0], 1), EINVAL) &&
              fails(write(in, "x", 1), EBADF);
    close(pipes[0]);
    close(pipes[1]);
    return ok;
}

static bool rights(void)
{
    int status = 0;
    bool ok = chmod(FILE_PATH, 0600) == 0;
    pid_t child = fork();

    if (child == 0) {
        if (setuid(1000))
            _exit(9);
        _exit(fails(inotify_add_watch(in, FILE_PATH, IN_OPEN), EACCES) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return ok && status == 0;
}

// ---- all --------------------------------------------------------------------

static const struct {
    const char *name;
    bool (*run)(void);
} tests[] = {
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
