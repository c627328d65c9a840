// userland/tests/fsops_names.c - names: making, removing, renaming, listing
// SPDX-License-Identifier: MIT

#include "fsops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ktap.h"

enum {
    MANY_FILES = 400,
};

// ---- names -----------------------------------------------------------------

bool create_and_unlink(void)
{
    bool ok = make_file("a", "one") && has_content("a", "one");

    ok = ok && fails(open("a", O_CREAT | O_EXCL | O_RDWR, 0644), EEXIST);
    ok = ok && unlink("a") == 0 && !exists("a");
    return ok && fails(unlink("a"), ENOENT) &&
           fails(open("a", O_RDONLY), ENOENT);
}

bool long_names(void)
{
    char name[NAME_MAX + 2];

    memset(name, 'n', sizeof(name));
    name[NAME_MAX + 1] = '\0';
    bool ok = fails(open(name, O_CREAT | O_RDWR, 0644), ENAMETOOLONG) &&
              fails(mkdir(name, 0755), ENAMETOOLONG);
    name[NAME_MAX] = '\0';
    return make_file(name, "long") && has_content(name, "long") &&
           unlink(name) == 0 && ok;
}

bool directories(void)
{
    nlink_t before = stat_of(".").st_nlink;
    bool ok = mkdir("d", 0755) == 0 && fails(mkdir("d", 0755), EEXIST);

    ok = ok && stat_of(".").st_nlink == before + 1 &&
         stat_of("d").st_nlink == 2 &&
         stat_of("d/..").st_ino == stat_of(".").st_ino;
    ok = ok && make_file("d/f", "x") && fails(rmdir("d"), ENOTEMPTY);
    ok = ok && fails(unlink("d"), EISDIR) && fails(rmdir("d/f"), ENOTDIR) &&
         fails(rmdir("d/."), EINVAL) && fails(mkdir("d/f/g", 0755), ENOTDIR);
    return ok && unlink("d/f") == 0 && rmdir("d") == 0 && !exists("d") &&
           stat_of(".").st_nlink == before;
}

bool removed_directory(void)
{
    int fd;
    bool ok = mkdir("d", 0755) == 0;

    fd = open("d", O_RDONLY | O_DIRECTORY);
    ok = ok && fd >= 0 && rmdir("d") == 0 &&
         fails(openat(fd, "f", O_CREAT | O_RDWR, 0644), ENOENT) &&
         fails(mkdirat(fd, "e", 0755), ENOENT);
    struct stat st;
    ok = ok && fstat(fd, &st) == 0 && st.st_nlink == 0;
    return close(fd) == 0 && ok;
}

static bool one_symlink(size_t length)
{
    static char target[PATH_MAX], got[PATH_MAX];

    memset(target, 't', length);
    target[length] = '\0';
    bool ok = symlink(target, "l") == 0 &&
              readlink("l", got, sizeof(got)) == (ssize_t)length &&
              memcmp(got, target, length) == 0 &&
              stat_of("l").st_size == (off_t)length;
    return unlink("l") == 0 && ok;
}

// Of the link itself, which no call with a path reaches.
static int chmod_link(const char *name, mode_t mode)
{
    char path[32];
    int fd = open(name, O_PATH | O_NOFOLLOW), rc, error;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    rc = chmod(path, mode);
    error = errno;
    close(fd);
    errno = error;
    return rc;
}

bool symlinks(void)
{
    char small[2];
    bool ok = one_symlink(1) && one_symlink(59) && one_symlink(60) &&
              one_symlink(61) && one_symlink(1000);

    ok = ok && symlink("t", "l") == 0 && symlink("l", "m") == 0;
    ok = ok && fails(symlink("t", "l"), EEXIST) && make_file("m", "via") &&
         has_content("t", "via") && S_ISLNK(stat_of("l").st_mode) &&
         readlink("m", small, 1) == 1 && small[0] == 'l';
    ok = ok && fails(chmod_link("l", 0600), EOPNOTSUPP);
    return unlink("l") == 0 && unlink("m") == 0 && unlink("t") == 0 && ok;
}

bool links(void)
{
    bool ok = make_file("a", "both") && link("a", "b") == 0;

    ok = ok && stat_of("a").st_nlink == 2 &&
         stat_of("a").st_ino == stat_of("b").st_ino &&
         fails(link("a", "b"), EEXIST) && fails(link("none", "c"), ENOENT) &&
         mkdir("d", 0755) == 0 && fails(link("d", "c"), EPERM);
    ok = ok && unlink("a") == 0 && has_content("b", "both") &&
         stat_of("b").st_nlink == 1;
    return unlink("b") == 0 && rmdir("d") == 0 && ok;
}

bool special_files(void)
{
    bool ok = mkfifo("p", 0640) == 0 && S_ISFIFO(stat_of("p").st_mode);

    ok = ok && mknod("c", S_IFCHR | 0600, makedev(1, 3)) == 0 &&
         stat_of("c").st_rdev == makedev(1, 3) &&
         mknod("e", S_IFBLK | 0600, makedev(259, 70000)) == 0 &&
         stat_of("e").st_rdev == makedev(259, 70000) &&
         mknod("s", S_IFSOCK | 0600, 0) == 0 && S_ISSOCK(stat_of("s").st_mode);
    return unlink("p") == 0 && unlink("c") == 0 && unlink("e") == 0 &&
           unlink("s") == 0 && ok;
}

// ---- rename ----------------------------------------------------------------

enum kind {
    NONE,
    FILE_,
    EMPTY,
    FULL,
    LINK,
    KINDS,
};

static bool make_kind(const char *path, enum kind kind)
{
    char inner[64];

    snprintf(inner, sizeof(inner), "%s/inner", path);
    switch (kind) {
    case FILE_: return make_file(path, path);
    case EMPTY: return mkdir(path, 0755) == 0;
    case FULL: return mkdir(path, 0755) == 0 && make_file(inner, path);
    case LINK: return symlink("nowhere", path) == 0;
    default: return true;
    }
}

static void clear_kind(const char *path)
{
    char inner[64];

    snprintf(inner, sizeof(inner), "%s/inner", path);
    unlink(inner);
    rmdir(path);
    unlink(path);
}

// What rename(row, column) gives: 0 or errno.
static const int rename_table[KINDS][KINDS] = {
    {ENOENT, ENOENT, ENOENT, ENOENT, ENOENT},
    {0, 0, EISDIR, EISDIR, 0},
    {0, ENOTDIR, 0, ENOTEMPTY, ENOTDIR},
    {0, ENOTDIR, 0, ENOTEMPTY, ENOTDIR},
    {0, 0, EISDIR, EISDIR, 0},
};

static bool rename_one(const char *from, const char *to, enum kind row,
                       enum kind column)
{
    int expected = rename_table[row][column];
    bool ok = make_kind(from, row) && make_kind(to, column);
    ino_t ino = stat_of(from).st_ino, old = stat_of(to).st_ino;

    ok = ok &&
         (expected ? fails(rename(from, to), expected) : rename(from, to) == 0);
    if (ok && !expected)
        ok = !exists(from) && stat_of(to).st_ino == ino;
    if (ok && expected)
        ok = stat_of(to).st_ino == old && stat_of(from).st_ino == ino;
    if (ok && !expected && row >= EMPTY && row <= FULL) {
        char up[64];

        snprintf(up, sizeof(up), "%s/..", to);
        ok = stat_of(up).st_ino ==
             stat_of(strchr(to, '/') ? "other" : ".").st_ino;
    }
    clear_kind(from);
    clear_kind(to);
    if (!ok)
        ktap_note("rename %s to %s: kinds %d, %d", from, to, row, column);
    return ok;
}

bool rename_matrix(void)
{
    bool ok = mkdir("other", 0755) == 0;
    nlink_t here = stat_of(".").st_nlink;

    for (enum kind row = 0; row < KINDS; row++)
        for (enum kind column = 0; column < KINDS; column++)
            ok = rename_one("x", "y", row, column) &&
                 rename_one("x", "other/y", row, column) && ok;
    // Whatever moved, nobody's links were lost.
    ok = ok && stat_of("other").st_nlink == 2 && stat_of(".").st_nlink == here;
    return rmdir("other") == 0 && ok;
}

bool rename_special_cases(void)
{
    bool ok = mkdir("d", 0755) == 0 && mkdir("d/e", 0755) == 0;

    ok = ok && fails(rename("d", "d/e/f"), EINVAL) &&
         fails(rename("d/e", "d"), ENOTEMPTY) &&
         fails(rename("d/.", "x"), EBUSY);
    ok = ok && make_file("a", "x") && link("a", "b") == 0;
    // Two names of one file: nothing happens.
    ok = ok && rename("a", "b") == 0 && exists("a") && exists("b");
    ok = ok && rename("a", "a") == 0 && stat_of("a").st_nlink == 2;
    ok = ok && fails(rename("a", "none/b"), ENOENT);
    return unlink("a") == 0 && unlink("b") == 0 && rmdir("d/e") == 0 &&
           rmdir("d") == 0 && ok;
}

bool rename_over_open(void)
{
    char buffer[8];
    bool ok = make_file("a", "new") && make_file("b", "old");
    int fd = open("b", O_RDONLY);

    ok = ok && rename("a", "b") == 0 && has_content("b", "new");
    ok = ok && read(fd, buffer, 8) == 3 && memcmp(buffer, "old", 3) == 0;
    return close(fd) == 0 && unlink("b") == 0 && ok;
}

// ---- directories as they are read ------------------------------------------

bool many_names(void)
{
    static bool seen[MANY_FILES];
    char name[300];
    bool ok = mkdir("many", 0755) == 0;

    for (int i = 0; ok && i < MANY_FILES; i++) {
        snprintf(name, sizeof(name), "many/%d-%.*s", i, i % 40,
                 "a-name-that-is-as-long-as-it-happens-to-be");
        ok = make_file(name, "");
    }
    // Each is seen once, although those that were seen are removed, and others
    // come.
    memset(seen, 0, sizeof(seen));
    DIR *dir = opendir("many");
    for (struct dirent *e; ok && (e = readdir(dir)) != NULL;) {
        char *end;
        long number = strtol(e->d_name, &end, 10);

        if (e->d_name[0] == '.' || e->d_name[0] == 'n')
            continue;
        ok = *end == '-' && number < MANY_FILES && !seen[number];
        seen[number] = true;
        snprintf(name, sizeof(name), "many/%s", e->d_name);
        ok = ok && unlink(name) == 0;
        if (number % 7 == 0) {
            snprintf(name, sizeof(name), "many/new%ld", number);
            ok = ok && make_file(name, "");
        }
    }
    closedir(dir);
    for (int i = 0; i < MANY_FILES; i++)
        ok = ok && seen[i];
    for (int i = 0; i < MANY_FILES; i += 7) {
        snprintf(name, sizeof(name), "many/new%d", i);
        ok = ok && unlink(name) == 0;
    }
    return rmdir("many") == 0 && ok;
}

bool types_in_directories(void)
{
    int found = 0;
    bool ok = mkdir("k", 0755) == 0 && make_file("k/f", "") &&
              mkdir("k/d", 0755) == 0 && symlink("f", "k/l") == 0 &&
              mkfifo("k/p", 0644) == 0;
    DIR *dir = opendir("k");

    for (struct dirent *e; ok && (e = readdir(dir)) != NULL;) {
        int type = e->d_name[0] == 'f'   ? DT_REG
                   : e->d_name[0] == 'l' ? DT_LNK
                   : e->d_name[0] == 'p' ? DT_FIFO
                                         : DT_DIR;
        ok = e->d_type == type;
        found++;
    }
    closedir(dir);
    return unlink("k/f") == 0 && rmdir("k/d") == 0 && unlink("k/l") == 0 &&
           unlink("k/p") == 0 && rmdir("k") == 0 && ok && found == 6;
}
