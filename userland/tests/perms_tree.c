// userland/tests/perms_tree.c - the files that rows are about
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
