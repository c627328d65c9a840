// userland/tests/perms_places.c - who may do what in a directory
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int stat_it(const char *path)
{
    struct stat st;

    return result_of(stat(path, &st));
}

static int list_it(const char *path)
{
    DIR *dir = opendir(path);

    if (!dir)
        return errno;
    closedir(dir);
    return 0;
}

static int enter_it(const char *path)
{
    int here = open(".", O_RDONLY | O_DIRECTORY);
    int result = result_of(chdir(path));

    if (fchdir(here) != 0)
        return -1;
    close(here);
    return result;
}

static int create_in(const char *path)
{
    char name[64];
    int fd;

    snprintf(name, sizeof(name), "%s/new", path);
    fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (fd < 0)
        return errno;
    close(fd);
    return result_of(unlink(name));
}

static int unlink_it(const char *path)
{
    return result_of(unlink(path));
}

static int rmdir_it(const char *path)
{
    return result_of(rmdir(path));
}

static int make_dir(const char *path)
{
    return result_of(mkdir(path, 0755));
}

// To where everybody may make names.
static int move_it(const char *path)
{
    if (rename(path, "open2/moved") != 0)
        return errno;
    return rename("open2/moved", path) == 0 ? 0 : -1;
}

static int rename_here(const char *path)
{
    char name[64];

    snprintf(name, sizeof(name), "%s.new", path);
    if (rename(path, name) != 0)
        return errno;
    return rename(name, path) == 0 ? 0 : -1;
}

static int replace_it(const char *path)
{
    int fd = open("open2/mine", O_CREAT | O_WRONLY, 0644);

    if (fd < 0)
        return errno;
    close(fd);
    if (rename("open2/mine", path) == 0)
        return 0;
    fd = errno;
    unlink("open2/mine");
    return fd;
}

static int link_it(const char *path)
{
    if (link(path, "open2/link") != 0)
        return errno;
    return result_of(unlink("open2/link"));
}

static int follow_it(const char *path)
{
    return open_with(path, O_RDONLY);
}

static int follow_creating(const char *path)
{
    return open_with(path, O_RDONLY | O_CREAT);
}

static int read_link(const char *path)
{
    char text[64];

    return result_of(readlink(path, text, sizeof(text)) < 0 ? -1 : 0);
}

static int node_of(const char *path, mode_t mode, dev_t device)
{
    if (mknod(path, mode, device) != 0)
        return errno;
    return result_of(unlink(path));
}

static int char_device(const char *path)
{
    return node_of(path, S_IFCHR | 0600, makedev(1, 3));
}

static int block_device(const char *path)
{
    return node_of(path, S_IFBLK | 0600, makedev(1, 3));
}

static int whiteout(const char *path)
{
    return node_of(path, S_IFCHR | 0600, 0);
}

static int fifo(const char *path)
{
    return node_of(path, S_IFIFO | 0600, 0);
}

// What is made at @name by its owner: the mode, and whether the group is TEAM.
static int seen_and_removed(const char *name)
{
    struct stat st;

    if (stat(name, &st) != 0 || remove(name) != 0 || st.st_uid != geteuid())
        return -1;
    return SEEN((int)(st.st_mode & 07777) | (st.st_gid == TEAM ? 010000 : 0));
}

static int file_made(const char *path)
{
    char name[64];
    int fd;

    snprintf(name, sizeof(name), "%s/made", path);
    fd = open(name, O_CREAT | O_WRONLY, 02775);
    if (fd < 0)
        return errno;
    close(fd);
    return seen_and_removed(name);
}

static int dir_made(const char *path)
{
    char name[64];

    snprintf(name, sizeof(name), "%s/made", path);
    return mkdir(name, 0775) == 0 ? seen_and_removed(name) : errno;
}

static int mount_it(const char *path)
{
    if (mount("none", path, "tmpfs", 0, NULL) != 0)
        return errno;
    return result_of(umount(path));
}

static int umount_it(const char *path)
{
    return result_of(umount(path));
}

static int chroot_it(const char *path)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(chroot(path) == 0 ? 0 : errno);
    return syscall(SYS_wait4, pid, &status, 0, NULL) == pid ? status >> 8 : -1;
}

// clang-format off
static const struct row rows[] = {
    //                                   root user member setuid bare
    {"stat", stat_it, "secret", {0, 0, 0, 0, 0}},
    {"stat", stat_it, "closed/file", {0, EACCES, EACCES, 0, 0}},
    {"stat", stat_it, "closed/nothing", {ENOENT, EACCES, EACCES, ENOENT, ENOENT}},
    {"stat", stat_it, "closed/..", {0, EACCES, EACCES, 0, 0}},
    {"stat", stat_it, "search/file", {0, 0, 0, 0, 0}},
    {"stat", stat_it, "list/file", {0, EACCES, EACCES, 0, 0}},
    {"list", list_it, "search", {0, EACCES, EACCES, 0, 0}},
    {"list", list_it, "list", {0, 0, 0, 0, 0}},
    {"list", list_it, "write_only", {0, EACCES, EACCES, 0, 0}},
    {"enter", enter_it, "list", {0, EACCES, EACCES, 0, 0}},
    {"enter", enter_it, "search", {0, 0, 0, 0, 0}},
    {"enter", enter_it, "closed", {0, EACCES, EACCES, 0, 0}},
    {"create in", create_in, "dir", {0, EACCES, EACCES, 0, 0}},
    {"create in", create_in, "write_only", {0, 0, 0, 0, 0}},
    {"create in", create_in, "no_search", {0, EACCES, EACCES, 0, 0}},
    {"create in", create_in, "team_dir", {0, EACCES, 0, 0, 0}},
    {"mkdir", make_dir, "dir/new", {0, EACCES, EACCES, 0, 0}},
    {"mkdir", make_dir, "dir/file", {EEXIST, EEXIST, EEXIST, EEXIST, EEXIST}},
    {"rename", rename_here, "dir/mine", {0, EACCES, EACCES, 0, 0}},
    {"unlink", unlink_it, "dir/mine", {0, EACCES, EACCES, 0, 0}},
    {"unlink", unlink_it, "open/file", {0, 0, 0, 0, 0}},
    {"unlink", unlink_it, "sticky/root2", {0, EPERM, EPERM, 0, 0}},
    {"rename", rename_here, "sticky/root", {0, EPERM, EPERM, 0, 0}},
    {"rename", rename_here, "sticky/mine", {0, 0, 0, 0, 0}},
    {"replace", replace_it, "sticky/root", {0, EPERM, EPERM, 0, 0}},
    {"unlink", unlink_it, "sticky/mine", {0, 0, 0, 0, 0}},
    {"unlink", unlink_it, "sticky/other", {0, EPERM, EPERM, 0, 0}},
    {"unlink", unlink_it, "my_sticky/other", {0, 0, 0, 0, EPERM}},
    {"rmdir", rmdir_it, "open/moved", {0, 0, 0, 0, 0}},
    {"move", move_it, "open2", {EINVAL, EINVAL, EINVAL, EINVAL, EINVAL}},
    {"move", move_it, "closed", {0, EACCES, EACCES, 0, 0}},
    {"move", move_it, "open/moved_mine", {0, 0, 0, 0, EACCES}},
    {"link", link_it, "public", {0, EPERM, EPERM, 0, 0}},
    {"link", link_it, "writable", {0, 0, 0, 0, 0}},
    {"link", link_it, "mine", {0, 0, 0, 0, EPERM}},
    {"link", link_it, "bits_link", {0, EPERM, EPERM, 0, 0}},
    {"link", link_it, "bits_link_group", {0, EPERM, EPERM, 0, 0}},
    {"link", link_it, "team_writes", {0, EPERM, 0, 0, 0}},
    {"link", link_it, "fifo_secret", {0, EPERM, EPERM, 0, 0}},
    {"follow", follow_it, "sticky/link_root", {0, 0, 0, 0, 0}},
    {"follow", follow_it, "sticky/link_mine", {EACCES, 0, 0, EACCES, EACCES}},
    {"follow", follow_it, "sticky/link_other", {EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"follow", follow_creating, "sticky/link_other", {EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"follow", follow_it, "sticky/dir_other/file", {0, 0, 0, 0, 0}},
    {"follow", list_it, "sticky/dir_other/", {EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"readlink", read_link, "sticky/link_other", {0, 0, 0, 0, 0}},
    {"character device", char_device, "open/node", {0, EPERM, EPERM, 0, EPERM}},
    {"block device", block_device, "open/node", {0, EPERM, EPERM, 0, EPERM}},
    {"block device", block_device, "dir/node", {0, EACCES, EACCES, 0, EPERM}},
    {"block device", block_device, "public", {EEXIST, EEXIST, EEXIST, EEXIST, EEXIST}},
    {"whiteout", whiteout, "open/node", {0, 0, 0, 0, 0}},
    {"FIFO", fifo, "open/node", {0, 0, 0, 0, 0}},
    {"file made in", file_made, "open", {SEEN(02755), SEEN(02755), SEEN(02755), SEEN(02755), SEEN(02755)}},
    {"file made in", file_made, "open_team", {SEEN(012755), SEEN(010755), SEEN(012755), SEEN(012755), SEEN(010755)}},
    {"dir made in", dir_made, "open", {SEEN(0755), SEEN(0755), SEEN(0755), SEEN(0755), SEEN(0755)}},
    {"dir made in", dir_made, "open_team", {SEEN(012755), SEEN(012755), SEEN(012755), SEEN(012755), SEEN(012755)}},
    {"mount", mount_it, "dir", {0, EPERM, EPERM, 0, EPERM}},
    {"umount", umount_it, "dir", {EINVAL, EPERM, EPERM, EINVAL, EPERM}},
    {"chroot", chroot_it, "dir", {0, EPERM, EPERM, 0, EPERM}},
    {"chroot", chroot_it, "closed", {0, EACCES, EACCES, 0, EPERM}},
};
// clang-format on

const struct row_table place_rows = {rows, sizeof(rows) / sizeof(rows[0])};
