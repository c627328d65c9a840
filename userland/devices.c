// userland/devices.c - owners and modes of the nodes in /dev
// SPDX-License-Identifier: MIT
//
// What udev's standard rules say. The groups' numbers are Debian's, and in
// image/root/etc/group.

#include "devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GROUP_TTY = 5,
    GROUP_DISK = 6,
    GROUP_KMEM = 15,
    GROUP_DIALOUT = 20,
};

// By how a name begins; the first that fits counts.
static const struct rule {
    const char *prefix;
    gid_t group;
    mode_t mode;
} rules[] = {
    {"ttyS", GROUP_DIALOUT, 0660}, {"tty", GROUP_TTY, 0620},
    {"console", GROUP_TTY, 0620},  {"ptmx", GROUP_TTY, 0666},
    {"sd", GROUP_DISK, 0660},      {"mem", GROUP_KMEM, 0640},
    {"port", GROUP_KMEM, 0640},
};

static const struct rule any_tty = {"tty", GROUP_TTY, 0666};

static const struct rule *rule_for(const char *name)
{
    if (strcmp(name, any_tty.prefix) == 0)
        return &any_tty;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strncmp(name, rules[i].prefix, strlen(rules[i].prefix)) == 0)
            return &rules[i];
    return NULL;
}

static void apply(int dir, const char *name, const struct rule *rule)
{
    struct stat info;

    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !(S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)))
        return;
    if (fchownat(dir, name, 0, rule->group, 0) != 0 ||
        fchmodat(dir, name, rule->mode, 0) != 0)
        dprintf(2, "init: /dev/%s: %s\n", name, strerror(errno));
}

void devices_set_owners(void)
{
    DIR *dir = opendir("/dev");
    const struct dirent *entry;

    if (!dir) {
        dprintf(2, "init: /dev: %s\n", strerror(errno));
        return;
    }
    while ((entry = readdir(dir))) {
        const struct rule *rule = rule_for(entry->d_name);

        if (rule)
            apply(dirfd(dir), entry->d_name, rule);
    }
    closedir(dir);
}
