// userland/tests/inject_users.c - becoming another, when memory is short
// SPDX-License-Identifier: MIT
//
// Who fails to change is who it was.

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inject.h"

enum {
    USER = 1000,
    MANY_GROUPS = 3000,
};

static int do_groups(void)
{
    static gid_t groups[MANY_GROUPS];

    for (unsigned i = 0; i < MANY_GROUPS; i++)
        groups[i] = MANY_GROUPS - i;
    if (setgroups(MANY_GROUPS, groups) == 0)
        return getgroups(0, NULL) == MANY_GROUPS ? 0 : WRONG;
    return getgroups(0, NULL) == 0 ? errno : WRONG;
}

static int do_user(void)
{
    if (syscall(SYS_setresuid32, USER, USER, USER) == 0)
        return getuid() == USER && geteuid() == USER ? 0 : WRONG;
    return getuid() == 0 && geteuid() == 0 ? errno : WRONG;
}

// It reports no error.
static int do_file_user(void)
{
    long old = syscall(SYS_setfsuid32, USER), now = syscall(SYS_setfsuid32, -1);

    if (old != 0 || (now != 0 && now != USER))
        return WRONG;
    return now == USER ? 0 : ENOMEM;
}

static int do_bounding(void)
{
    int result = prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0);
    int error = result ? errno : 0;

    if (prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) != (result != 0))
        return WRONG;
    return error;
}

static int do_capset(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}}, now[2];
    int error = syscall(SYS_capset, &header, none) ? errno : 0;

    if (syscall(SYS_capget, &header, now) != 0 ||
        (now[0].permitted == 0) != (error == 0))
        return WRONG;
    return error;
}

static const struct operation operations[] = {
    {.name = "setgroups", .run = do_groups},
    {.name = "setresuid", .run = do_user},
    {.name = "setfsuid", .run = do_file_user},
    {.name = "PR_CAPBSET_DROP", .run = do_bounding},
    {.name = "capset", .run = do_capset},
};

const struct operation_set user_operations = {
    operations, sizeof(operations) / sizeof(operations[0])};
