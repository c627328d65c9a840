// userland/tests/fdcalls_unnamed.c - fdcalls.c: O_TMPFILE
// SPDX-License-Identifier: MIT
//
// On both file systems: / is ext2, /tmp is tmpfs.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fdcalls.h"

#define LIMITED "/tmp/fdcalls-limited"

static int name_it(int fd, const char *name)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

static bool used_in(const char *folder, const char *name)
{
    int fd = open(folder, O_TMPFILE | O_RDWR, 0640), named;
    char bytes[4] = "", link[32], target[64] = "";
    struct stat is, later;
    bool ok = fd >= 0 && fstat(fd, &is) == 0 && is.st_nlink == 0 &&
              S_ISREG(is.st_mode) && (is.st_mode & 07777) == 0640 &&
              write(fd, "abc", 3) == 3 && pread(fd, bytes, 3, 0) == 3 &&
              strcmp(bytes, "abc") == 0;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ok = ok && readlink(link, target, sizeof(target) - 1) > 0 &&
         strstr(target, "/#") && strstr(target, " (deleted)");
    ok = ok && (fcntl(fd, F_GETFL) & O_TMPFILE) == O_TMPFILE;
    ok = ok && name_it(fd, name) == 0 && stat(name, &later) == 0 &&
         later.st_ino == is.st_ino && later.st_nlink == 1 && later.st_size == 3;
    named = open(name, O_RDONLY);
    ok = ok && read(named, bytes, 3) == 3 && strcmp(bytes, "abc") == 0 &&
         unlink(name) == 0 && fails(name_it(fd, name), ENOENT);
    close(named);
    close(fd);
    return ok;
}

static bool in_tmpfs(void)
{
    return used_in("/tmp", "/tmp/named");
}

static bool on_disk(void)
{
    return used_in("/", "/named");
}

static bool never_named(void)
{
    int fd = open("/tmp", O_TMPFILE | O_WRONLY | O_EXCL, 0600);
    bool ok = fd >= 0 && fails(name_it(fd, "/tmp/named"), ENOENT);

    close(fd);
    return ok;
}

static bool in_any_mode(void)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0);
    struct stat is;
    bool ok = fd >= 0 && fstat(fd, &is) == 0 && !(is.st_mode & 07777) &&
              write(fd, "x", 1) == 1;

    close(fd);
    return ok;
}

static bool errors(void)
{
    return fails(open("/tmp", O_TMPFILE | O_RDONLY, 0600), EINVAL) &&
           fails(open("/tmp", O_TMPFILE | O_RDWR | O_CREAT, 0600), EINVAL) &&
           fails(open("/tmp", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600),
                 EINVAL) &&
           fails(open("/etc/passwd", O_TMPFILE | O_RDWR, 0600), ENOTDIR) &&
           fails(open("/none", O_TMPFILE | O_RDWR, 0600), ENOENT) &&
           fails(open("/proc", O_TMPFILE | O_RDWR, 0600), EOPNOTSUPP);
}

// nr_inodes= limits names as well; the first is its inode's.
static bool names_count(void)
{
    bool ok = mkdir(LIMITED, 0700) == 0 &&
              mount("none", LIMITED, "tmpfs", 0, "nr_inodes=4") == 0 &&
              chdir(LIMITED) == 0;
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);

    ok = ok && fd >= 0 && name_it(fd, "a") == 0 && link("a", "b") == 0 &&
         link("a", "c") == 0 && fails(link("a", "d"), ENOSPC) &&
         fails(mkdir("d", 0700), ENOSPC);
    ok = ok && unlink("a") == 0 && link("b", "d") == 0 &&
         rename("d", "e") == 0 && fails(link("b", "d"), ENOSPC);
    ok = ok && unlink("b") == 0 && unlink("c") == 0 && unlink("e") == 0 &&
         mkdir("x", 0700) == 0 && mkdir("y", 0700) == 0 &&
         fails(mkdir("z", 0700), ENOSPC);
    close(fd);
    ok = ok && mkdir("z", 0700) == 0;
    return chdir("/") == 0 && umount(LIMITED) == 0 && rmdir(LIMITED) == 0 && ok;
}

static const struct ktap_test tests[] = {
    {"in tmpfs", in_tmpfs},       {"on disk", on_disk},
    {"never named", never_named}, {"in any mode", in_any_mode},
    {"errors", errors},           {"names count", names_count},
};

const struct ktap_suite unnamed_suite = KTAP_SUITE("O_TMPFILE", tests);
