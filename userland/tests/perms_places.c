// userland/tests/perms_places.c - who may do what in a directory
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// ---- the tree --------------------------------------------------------------

struct node {
    const char *path;
    mode_t mode; // with its type
    uid_t uid;
    gid_t gid;
    const char *content; // of files; the target of links
};

static const char script[] = "#!/bin/true\n";

static const struct node nodes[] = {
    {"secret", S_IFREG | 0600, 0, 0, "x"},
    {"team", S_IFREG | 0640, 0, TEAM, "x"},
    {"team_writes", S_IFREG | 0660, 0, TEAM, "x"},
    {"public", S_IFREG | 0644, 0, 0, "x"},
    {"writable", S_IFREG | 0666, 0, 0, "x"},
    {"mine", S_IFREG | 0644, USER, USER, "x"},
    {"not_mine", S_IFREG | 0077, USER, USER, "x"},
    {"nobodys", S_IFREG | 0000, 0, 0, "x"},
    {"not_teams", S_IFREG | 0606, TEAM, TEAM, "x"},
    {"fifo_secret", S_IFIFO | 0600, 0, 0, NULL},
    {"script_plain", S_IFREG | 0644, 0, 0, script},
    {"script_secret", S_IFREG | 0700, 0, 0, script},
    {"script_team", S_IFREG | 0750, TEAM, TEAM, script},
    {"mode_root", S_IFREG | 0644, 0, 0, "x"},
    {"mode_mine", S_IFREG | 0644, USER, USER, "x"},
    {"team_mine", S_IFREG | 0644, USER, TEAM, "x"},
    {"group_mine", S_IFREG | 0644, USER, USER, "x"},
    {"own_mine", S_IFREG | 0644, USER, USER, "x"},
    {"own_self", S_IFREG | 0644, USER, USER, "x"},
    {"own_group", S_IFREG | 0644, USER, USER, "x"},
    {"suid_mine", S_IFREG | 04755, USER, USER, "x"},
    {"suid_other", S_IFREG | 04755, TEAM, TEAM, "x"},
    {"bits", S_IFREG | 06777, 0, 0, "x"},
    {"bits_team", S_IFREG | 02767, 0, TEAM, "x"},
    {"bits_cut", S_IFREG | 06777, 0, 0, "x"},
    {"bits_link", S_IFREG | 04777, 0, 0, "x"},
    {"bits_link_group", S_IFREG | 02777, 0, 0, "x"},
    {"dir", S_IFDIR | 0755, 0, 0, NULL},
    {"dir/file", S_IFREG | 0644, 0, 0, "x"},
    {"dir/mine", S_IFREG | 0644, USER, USER, "x"},
    {"closed", S_IFDIR | 0700, 0, 0, NULL},
    {"closed/file", S_IFREG | 0666, 0, 0, "x"},
    {"search", S_IFDIR | 0711, 0, 0, NULL},
    {"search/file", S_IFREG | 0666, 0, 0, "x"},
    {"list", S_IFDIR | 0744, 0, 0, NULL},
    {"list/file", S_IFREG | 0666, 0, 0, "x"},
    {"write_only", S_IFDIR | 0733, 0, 0, NULL},
    {"no_search", S_IFDIR | 0766, 0, 0, NULL},
    {"open", S_IFDIR | 0777, 0, 0, NULL},
    {"open/file", S_IFREG | 0600, 0, 0, "x"},
    {"open/moved", S_IFDIR | 0755, 0, 0, NULL},
    {"open/moved_mine", S_IFDIR | 0755, USER, USER, NULL},
    {"open2", S_IFDIR | 0777, 0, 0, NULL},
    {"sticky", S_IFDIR | 01777, 0, 0, NULL},
    {"sticky/root", S_IFREG | 0666, 0, 0, "x"},
    {"sticky/root2", S_IFREG | 0666, 0, 0, "x"},
    {"sticky/mine", S_IFREG | 0644, USER, USER, "x"},
    {"sticky/other", S_IFREG | 0666, TEAM, TEAM, "x"},
    {"sticky/link_root", S_IFLNK | 0777, 0, 0, "../public"},
    {"sticky/link_mine", S_IFLNK | 0777, USER, USER, "../public"},
    {"sticky/link_other", S_IFLNK | 0777, TEAM, TEAM, "../public"},
    {"sticky/dir_other", S_IFLNK | 0777, TEAM, TEAM, "../dir"},
    {"my_sticky", S_IFDIR | 01777, USER, USER, NULL},
    {"my_sticky/other", S_IFREG | 0666, TEAM, TEAM, "x"},
    {"team_dir", S_IFDIR | 02775, 0, TEAM, NULL},
    {"open_team", S_IFDIR | 02777, 0, TEAM, NULL},
};

bool copy_self(const char *path)
{
    static char chunk[64 * 1024];
    int from = open("/proc/self/exe", O_RDONLY);
    int to = open(path, O_CREAT | O_EXCL | O_WRONLY, 0755);
    bool ok = from >= 0 && to >= 0;
    ssize_t got = 0;

    while (ok && (got = read(from, chunk, sizeof(chunk))) > 0)
        ok = write(to, chunk, (size_t)got) == got;
    close(from);
    close(to);
    return ok && got == 0;
}

static bool make_node(const struct node *node)
{
    int fd;

    if (S_ISLNK(node->mode))
        return symlink(node->content, node->path) == 0 &&
               lchown(node->path, node->uid, node->gid) == 0;
    if (S_ISDIR(node->mode) ? mkdir(node->path, 0700)
                            : mknod(node->path, node->mode & S_IFMT, 0))
        return false;
    if (node->content) {
        fd = open(node->path, O_WRONLY);
        if (fd < 0 || write(fd, node->content, strlen(node->content)) < 0)
            return false;
        close(fd);
    }
    return chown(node->path, node->uid, node->gid) == 0 &&
           chmod(node->path, node->mode & 07777) == 0;
}

// A copy of this program, with the set-user-id bit of root.
static bool make_program(void)
{
    return copy_self("suid_root") && chmod("suid_root", 04755) == 0;
}

void make_tree(void)
{
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        if (!make_node(&nodes[i])) {
            perror(nodes[i].path);
            exit(EXIT_FAILURE);
        }
    }
    if (!make_program())
        exit(EXIT_FAILURE);
}

void remove_tree(void)
{
    if (system("rm -rf ./*") != 0)
        exit(EXIT_FAILURE);
}

// ---- calls -----------------------------------------------------------------

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
    int fd = open(path, O_RDONLY);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int follow_creating(const char *path)
{
    int fd = open(path, O_RDONLY | O_CREAT, 0644);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
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

// The owner's class, the group and the mode of what is made in @path.
static int file_made(const char *path)
{
    char name[64];
    struct stat st;
    int fd;

    snprintf(name, sizeof(name), "%s/made", path);
    fd = open(name, O_CREAT | O_WRONLY, 02775);
    if (fd < 0)
        return errno;
    close(fd);
    if (stat(name, &st) != 0 || unlink(name) != 0 || st.st_uid != geteuid())
        return -1;
    return SEEN((int)(st.st_mode & 07777) | (st.st_gid == TEAM ? 010000 : 0));
}

static int dir_made(const char *path)
{
    char name[64];
    struct stat st;

    snprintf(name, sizeof(name), "%s/made", path);
    if (mkdir(name, 0775) != 0)
        return errno;
    if (stat(name, &st) != 0 || rmdir(name) != 0 || st.st_uid != geteuid())
        return -1;
    return SEEN((int)(st.st_mode & 07777) | (st.st_gid == TEAM ? 010000 : 0));
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
