// kernel/sys_owners.c - system calls: users and groups of a process
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/string.h>

#define ID_NONE     0xffffffffu // "leave as it is"
#define ID_16_OTHER 65534u      // what a larger one reads as in 16 bits

static s32 in_16_bits(u32 id)
{
    return (s32)(id > ID_16_OTHER ? ID_16_OTHER : id);
}

s32 sys_getuid(void)
{
    return in_16_bits(current->uid);
}

s32 sys_geteuid(void)
{
    return in_16_bits(current->euid);
}

s32 sys_getgid(void)
{
    return in_16_bits(current->gid);
}

s32 sys_getegid(void)
{
    return in_16_bits(current->egid);
}

s32 sys_getuid32(void)
{
    return (s32)current->uid;
}

s32 sys_geteuid32(void)
{
    return (s32)current->euid;
}

s32 sys_getgid32(void)
{
    return (s32)current->gid;
}

s32 sys_getegid32(void)
{
    return (s32)current->egid;
}

// The three ids of a kind: real, effective, saved.
struct ids {
    u32 real, effective, saved;
};

static bool privileged(void)
{
    return current->euid == 0;
}

static bool is_one_of(const struct ids *ids, u32 id)
{
    return id == ID_NONE || id == ids->real || id == ids->effective ||
           id == ids->saved;
}

// setuid(2): all three for the superuser, else only the effective one.
static int set_one(struct ids *ids, u32 id)
{
    if (id == ID_NONE)
        return -EINVAL;
    if (privileged())
        *ids = (struct ids){id, id, id};
    else if (id == ids->real || id == ids->saved)
        ids->effective = id;
    else
        return -EPERM;
    return 0;
}

// setreuid(2): the saved one follows when the real one is set, or when the
// effective one becomes something else than the real one was.
static int set_two(struct ids *ids, u32 real, u32 effective)
{
    struct ids old = *ids;

    if (!privileged() &&
        ((real != ID_NONE && real != old.real && real != old.effective) ||
         !is_one_of(&old, effective)))
        return -EPERM;
    if (real != ID_NONE)
        ids->real = real;
    if (effective != ID_NONE)
        ids->effective = effective;
    if (real != ID_NONE || (effective != ID_NONE && effective != old.real))
        ids->saved = ids->effective;
    return 0;
}

static int set_three(struct ids *ids, const struct ids *new)
{
    if (!privileged() &&
        (!is_one_of(ids, new->real) || !is_one_of(ids, new->effective) ||
         !is_one_of(ids, new->saved)))
        return -EPERM;
    if (new->real != ID_NONE)
        ids->real = new->real;
    if (new->effective != ID_NONE)
        ids->effective = new->effective;
    if (new->saved != ID_NONE)
        ids->saved = new->saved;
    return 0;
}

static struct ids user_ids(void)
{
    return (struct ids){current->uid, current->euid, current->suid};
}

static struct ids group_ids(void)
{
    return (struct ids){current->gid, current->egid, current->sgid};
}

static s32 take_user_ids(const struct ids *ids, int error)
{
    if (error)
        return error;
    current->uid = ids->real;
    current->euid = ids->effective;
    current->suid = ids->saved;
    return 0;
}

static s32 take_group_ids(const struct ids *ids, int error)
{
    if (error)
        return error;
    current->gid = ids->real;
    current->egid = ids->effective;
    current->sgid = ids->saved;
    return 0;
}

s32 sys_setuid32(u32 uid)
{
    struct ids ids = user_ids();

    return take_user_ids(&ids, set_one(&ids, uid));
}

s32 sys_setgid32(u32 gid)
{
    struct ids ids = group_ids();

    return take_group_ids(&ids, set_one(&ids, gid));
}

s32 sys_setreuid32(u32 ruid, u32 euid)
{
    struct ids ids = user_ids();

    return take_user_ids(&ids, set_two(&ids, ruid, euid));
}

s32 sys_setregid32(u32 rgid, u32 egid)
{
    struct ids ids = group_ids();

    return take_group_ids(&ids, set_two(&ids, rgid, egid));
}

s32 sys_setresuid32(u32 ruid, u32 euid, u32 suid)
{
    struct ids ids = user_ids();
    struct ids new = {ruid, euid, suid};

    return take_user_ids(&ids, set_three(&ids, &new));
}

s32 sys_setresgid32(u32 rgid, u32 egid, u32 sgid)
{
    struct ids ids = group_ids();
    struct ids new = {rgid, egid, sgid};

    return take_group_ids(&ids, set_three(&ids, &new));
}

static s32 give_three(const struct ids *ids, u32 __user *real,
                      u32 __user *effective, u32 __user *saved)
{
    if (put_user(ids->real, real) || put_user(ids->effective, effective))
        return -EFAULT;
    return put_user(ids->saved, saved);
}

s32 sys_getresuid32(u32 __user *ruid, u32 __user *euid, u32 __user *suid)
{
    struct ids ids = user_ids();

    return give_three(&ids, ruid, euid, suid);
}

s32 sys_getresgid32(u32 __user *rgid, u32 __user *egid, u32 __user *sgid)
{
    struct ids ids = group_ids();

    return give_three(&ids, rgid, egid, sgid);
}

s32 sys_getgroups32(s32 count, u32 __user *groups)
{
    u32 have = current->group_count;

    if (count < 0 || (count && (u32)count < have))
        return -EINVAL;
    if (count && copy_to_user(groups, current->groups, have * sizeof(u32)))
        return -EFAULT;
    return (s32)have;
}

s32 sys_setgroups32(s32 count, const u32 __user *groups)
{
    u32 new[TASK_GROUPS_MAX];

    if (!privileged())
        return -EPERM;
    if (count < 0 || (u32)count > TASK_GROUPS_MAX)
        return -EINVAL;
    if (copy_from_user(new, groups, (u32)count * sizeof(u32)))
        return -EFAULT;
    memcpy(current->groups, new, (u32)count * sizeof(u32));
    current->group_count = (u32)count;
    return 0;
}
