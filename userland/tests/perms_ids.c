// userland/tests/perms_ids.c - the calls on users and groups
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fails.h"

enum {
    MANY_GROUPS = 3000,
    MOST_GROUPS = 65536,
};

static bool uids_are(uid_t real, uid_t effective, uid_t saved)
{
    uid_t r, e, s;

    return getresuid(&r, &e, &s) == 0 && r == real && e == effective &&
           s == saved;
}

// ---- users -----------------------------------------------------------------

static bool setuid_of_root(void)
{
    return syscall(SYS_setuid32, USER) == 0 && uids_are(USER, USER, USER) &&
           has_caps(0, 0) && fails(syscall(SYS_setuid32, 0), EPERM) &&
           fails(syscall(SYS_setuid32, -1), EINVAL);
}

static bool saved_user(void)
{
    struct caps all;

    return get_caps(&all) && resuid(USER, USER, 0) == 0 &&
           has_caps(0, all.permitted) && syscall(SYS_setuid32, 0) == 0 &&
           uids_are(USER, 0, 0) && has_caps(all.permitted, all.permitted) &&
           resuid(-1, USER, USER) == 0 && has_caps(0, 0);
}

static bool setreuid_saves(void)
{
    return resuid(USER, TEAM, 0) == 0 &&
           fails(syscall(SYS_setreuid32, 0, -1), EPERM) &&
           syscall(SYS_setreuid32, TEAM, USER) == 0 &&
           uids_are(TEAM, USER, USER) &&
           syscall(SYS_setreuid32, -1, TEAM) == 0 &&
           uids_are(TEAM, TEAM, USER) &&
           fails(syscall(SYS_setreuid32, -1, 7), EPERM);
}

static bool setresuid_of_user(void)
{
    return resuid(1, 2, 3) == 0 && resuid(3, 1, 2) == 0 && uids_are(3, 1, 2) &&
           fails(resuid(4, -1, -1), EPERM) && fails(resuid(-1, 4, -1), EPERM) &&
           fails(resuid(-1, -1, 4), EPERM) && resuid(-1, -1, -1) == 0 &&
           uids_are(3, 1, 2);
}

static bool fsuid(void)
{
    struct caps caps;
    const uint64_t files = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) |
                           BIT(CAP_FOWNER) | BIT(CAP_MKNOD);

    if (syscall(SYS_setfsuid32, USER) != 0 || !get_caps(&caps) ||
        (caps.effective & files) || !(caps.effective & BIT(CAP_KILL)))
        return false;
    return syscall(SYS_setfsuid32, -1) == USER &&
           fails(open("secret", O_RDONLY), EACCES) &&
           syscall(SYS_setfsuid32, 0) == USER && get_caps(&caps) &&
           (caps.effective & files) == files && open("secret", O_RDONLY) >= 0;
}

static bool fsuid_of_user(void)
{
    return resuid(USER, TEAM, TEAM) == 0 &&
           syscall(SYS_setfsuid32, 7) == TEAM &&
           syscall(SYS_setfsuid32, USER) == TEAM &&
           syscall(SYS_setfsuid32, -1) == USER && resuid(-1, USER, -1) == 0 &&
           syscall(SYS_setfsuid32, -1) == USER;
}

static bool in_16_bits(void)
{
    unsigned short real, effective, saved;

    return resuid(100000, 0, 65535) == 0 && syscall(SYS_getuid) == 65534 &&
           syscall(SYS_getresuid, &real, &effective, &saved) == 0 &&
           real == 65534 && effective == 0 && saved == 65535 &&
           syscall(SYS_setresuid, 65535, 65535, 7) == 0 &&
           uids_are(100000, 0, 7) && syscall(SYS_setuid, USER) == 0 &&
           uids_are(USER, USER, USER);
}

// ---- groups ----------------------------------------------------------------

static bool many_groups(void)
{
    static gid_t given[MANY_GROUPS], got[MANY_GROUPS];
    int fd;

    for (int i = 0; i < MANY_GROUPS; i++)
        given[i] = (gid_t)(10000 + 7 * (MANY_GROUPS - i));
    if (setgroups(MANY_GROUPS, given) != 0 ||
        getgroups(0, NULL) != MANY_GROUPS ||
        getgroups(MANY_GROUPS, got) != MANY_GROUPS ||
        !fails(getgroups(MANY_GROUPS - 1, got), EINVAL))
        return false;
    for (int i = 0; i < MANY_GROUPS; i++)
        if (got[i] != given[MANY_GROUPS - 1 - i])
            return false;
    if (chown("secret", 0, given[1234]) != 0 || chmod("secret", 0640) != 0 ||
        resuid(USER, USER, USER) != 0)
        return false;
    fd = open("secret", O_RDONLY);
    close(fd);
    return fd >= 0;
}

static bool too_many_groups(void)
{
    static gid_t groups[MOST_GROUPS + 1];

    return syscall(SYS_setgroups32, MOST_GROUPS, groups) == 0 &&
           syscall(SYS_getgroups32, 0, NULL) == MOST_GROUPS &&
           fails(syscall(SYS_setgroups32, MOST_GROUPS + 1, groups), EINVAL) &&
           fails(syscall(SYS_setgroups32, -1, groups), EINVAL) &&
           fails(syscall(SYS_setgroups32, 1, NULL), EFAULT) &&
           syscall(SYS_setgroups32, 0, NULL) == 0 &&
           syscall(SYS_getgroups32, 0, NULL) == 0;
}

static bool groups_in_16_bits(void)
{
    const unsigned short given[] = {9, 65535, 3};
    unsigned short got[2];
    const gid_t wide[] = {70000, 5};

    return fails(syscall(SYS_setgroups, 3, given), EINVAL) &&
           syscall(SYS_setgroups, 1, given) == 0 &&
           syscall(SYS_getgroups, 2, got) == 1 && got[0] == 9 &&
           syscall(SYS_setgroups32, 2, wide) == 0 &&
           syscall(SYS_getgroups, 2, got) == 2 && got[0] == 5 &&
           got[1] == 65534;
}

static const struct ktap_test tests[] = {
    {"setuid of root", setuid_of_root},
    {"the saved user", saved_user},
    {"setreuid and the saved user", setreuid_saves},
    {"setresuid of a user", setresuid_of_user},
    {"setfsuid", fsuid},
    {"setfsuid of a user", fsuid_of_user},
    {"users in 16 bits", in_16_bits},
    {"many groups", many_groups},
    {"too many groups", too_many_groups},
    {"groups in 16 bits", groups_in_16_bits},
};

const struct ktap_suite id_checks = KTAP_SUITE("users and groups", tests);
