// userland/tests/inotify_files.c - inotify.c: what comes of which calls
// SPDX-License-Identifier: MIT

#include "inotify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

bool reads_and_writes(void)
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

bool in_a_directory(void)
{
    char byte;
    bool ok = inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 1;
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

bool both(void)
{
    char byte;
    bool ok = inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 2;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && came("1:o:file 2:o") && write(fd, "x", 1) == 1 &&
         came("1:m:file 2:m") && read(fd, &byte, 1) == 0 && came("") &&
         close(fd) == 0 && came("1:w:file 2:w");
    return ok;
}

bool attributes(void)
{
    struct timespec times[2] = {{1, 0}, {2, 0}};
    bool ok = inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 1 &&
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
    return ok && chmod(DIRECTORY, 0700) == 0 && came("1:t/") &&
           fails(chmod(DIRECTORY "/none", 0), ENOENT) && came("");
}

bool renames(void)
{
    bool ok = mkdir(SUB, 0755) == 0 &&
              inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 1 &&
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

bool replaced(void)
{
    make(OTHER);
    bool ok = inotify_add_watch(in, OTHER, IN_ALL_EVENTS) == 1 &&
              rename(FILE_PATH, OTHER) == 0 && came("1:t 1:S 1:I");

    make(FILE_PATH);
    return ok && inotify_add_watch(in, OTHER, IN_ALL_EVENTS) == 2;
}

bool deleted(void)
{
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 2;

    ok = ok && unlink(FILE_PATH) == 0 && came("1:t 1:S 1:I 2:d:file") &&
         fails(inotify_rm_watch(in, 1), EINVAL);
    return ok && rmdir(DIRECTORY) == 0 && came("2:S 2:I");
}

// As long as it is open, it is there.
bool deleted_open(void)
{
    bool ok = inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 2;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && came("2:o:file 1:o") && unlink(FILE_PATH) == 0 &&
         came("1:t 2:d:file") && write(fd, "x", 1) == 1 &&
         came("2:m:file 1:m") && close(fd) == 0 && came("2:w:file 1:w 1:S 1:I");
    return ok;
}

bool excluded(void)
{
    bool ok =
        inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS | IN_EXCL_UNLINK) == 1;
    int fd = open(FILE_PATH, O_RDWR);

    ok = ok && unlink(FILE_PATH) == 0 && came("1:o:file 1:d:file") &&
         write(fd, "x", 1) == 1 && close(fd) == 0 && came("");
    return ok;
}

bool directories(void)
{
    char entries[512];
    bool ok = mkdir(SUB, 0755) == 0 &&
              inotify_add_watch(in, DIRECTORY, IN_ALL_EVENTS) == 1 &&
              inotify_add_watch(in, SUB, IN_ALL_EVENTS) == 2;
    int fd = open(SUB, O_RDONLY | O_DIRECTORY);

    ok = ok && came("1:o/:sub 2:o/") &&
         getdents(fd, (struct dirent *)entries, sizeof(entries)) > 0 &&
         came("1:a/:sub 2:a/") && close(fd) == 0 && came("1:c/:sub 2:c/") &&
         rmdir(SUB) == 0 && came("2:S 2:I 1:d/:sub");
    return ok;
}

bool ends_with_its_mount(void)
{
    bool ok = mount("none", DIRECTORY, "tmpfs", 0, NULL) == 0;

    make(FILE_PATH);
    ok = ok && inotify_add_watch(in, FILE_PATH, IN_ALL_EVENTS) == 1 &&
         umount(DIRECTORY) == 0 && came("1:U 1:I");
    return ok;
}

bool sent(void)
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
