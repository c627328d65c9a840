// kernel/sys_owners.c - system calls: users and groups of a process
// SPDX-License-Identifier: MIT
//
// Both kinds have four numbers (real, effective, saved, for files) and the same
// rules, so they are changed by the same functions. Users besides bring
// capabilities with them: kernel/sys_caps.c.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/ids.h>
#include <kernel/uaccess.h>
#include <linux/resource.h>

#include "cred_internal.h"

enum id_kind {
    USERS,
    GROUPS,
};

struct ids {
    u32 real, effective, saved, files;
};

static struct ids ids_of(const struct cred *cred, enum id_kind kind)
{
    if (kind == USERS)
        return (struct ids){cred->uid, cred->euid, cred->suid, cred->fsuid};
    return (struct ids){cred->gid, cred->egid, cred->sgid, cred->fsgid};
}

static void set_ids(struct cred *new, enum id_kind kind, const struct ids *ids)
{
    if (kind == USERS) {
        new->uid = ids->real;
        new->euid = ids->effective;
        new->suid = ids->saved;
        new->fsuid = ids->files;
    } else {
        new->gid = ids->real;
        new->egid = ids->effective;
        new->sgid = ids->saved;
        new->fsgid = ids->files;
    }
}

// setuid(2) goes through though the new user has too many tasks already; it is
// the next exec that fails (kernel/exec.c).
static void note_task_count(const struct cred *new)
{
    if (new->uid != 0 &&
        user_task_count(new->uid) > current->process->limits[RLIMIT_NPROC].soft)
        current->flags |= TF_TOO_MANY;
    else
        current->flags &= ~(u32)TF_TOO_MANY;
}

// @error: what the rules say. Return: 0; @error; -ENOMEM.
static s32 take(enum id_kind kind, const struct ids *ids, int error)
{
    struct cred *new;

    if (error)
        return error;
    new = cred_prepare();
    if (!new)
        return -ENOMEM;
    set_ids(new, kind, ids);
    if (kind == USERS) {
        caps_follow_users(new, current->cred);
        note_task_count(new);
    }
    cred_commit(new);
    return 0;
}

// ---- the rules -------------------------------------------------------------

static bool privileged(enum id_kind kind)
{
    return capable(kind == USERS ? CAP_SETUID : CAP_SETGID);
}

static bool is_one_of(const struct ids *ids, u32 id)
{
    return id == ID_KEEP || id == ids->real || id == ids->effective ||
           id == ids->saved;
}

// setuid(2): all for the superuser, else only the effective one.
static s32 set_one(enum id_kind kind, u32 id)
{
    struct ids ids = ids_of(current->cred, kind);

    if (id == ID_KEEP)
        return -EINVAL;
    if (privileged(kind))
        ids.real = ids.saved = id;
    else if (id != ids.real && id != ids.saved)
        return -EPERM;
    ids.effective = ids.files = id;
    return take(kind, &ids, 0);
}

// setreuid(2): the saved one follows when the real one is set, or when the
// effective one becomes something else than the real one was.
static s32 set_two(enum id_kind kind, u32 real, u32 effective)
{
    const struct ids old = ids_of(current->cred, kind);
    struct ids ids = old;
    int error = 0;

    if (!privileged(kind) &&
        ((real != ID_KEEP && real != old.real && real != old.effective) ||
         !is_one_of(&old, effective)))
        error = -EPERM;
    if (real != ID_KEEP)
        ids.real = real;
    if (effective != ID_KEEP)
        ids.effective = effective;
    if (real != ID_KEEP || (effective != ID_KEEP && effective != old.real))
        ids.saved = ids.effective;
    ids.files = ids.effective;
    return take(kind, &ids, error);
}

static s32 set_three(enum id_kind kind, u32 real, u32 effective, u32 saved)
{
    const struct ids old = ids_of(current->cred, kind);
    struct ids ids = old;
    int error = 0;

    if (!privileged(kind) &&
        (!is_one_of(&old, real) || !is_one_of(&old, effective) ||
         !is_one_of(&old, saved)))
        error = -EPERM;
    if (real != ID_KEEP)
        ids.real = real;
    if (effective != ID_KEEP)
        ids.effective = effective;
    if (saved != ID_KEEP)
        ids.saved = saved;
    ids.files = ids.effective;
    return take(kind, &ids, error);
}

// setfsuid(2) reports no error, only what was there before.
static s32 set_files(enum id_kind kind, u32 id)
{
    const struct ids ids = ids_of(current->cred, kind);
    struct cred *new;

    if (id == ids.files || id == ID_KEEP ||
        (!is_one_of(&ids, id) && !privileged(kind)))
        return (s32)ids.files;
    new = cred_prepare();
    if (!new)
        return (s32)ids.files;
    if (kind == USERS) {
        new->fsuid = id;
        caps_follow_file_user(new, current->cred);
    } else {
        new->fsgid = id;
    }
    cred_commit(new);
    return (s32)ids.files;
}

// ---- the calls -------------------------------------------------------------

s32 sys_getuid32(void)
{
    return (s32)current->cred->uid;
}

s32 sys_geteuid32(void)
{
    return (s32)current->cred->euid;
}

s32 sys_getgid32(void)
{
    return (s32)current->cred->gid;
}

s32 sys_getegid32(void)
{
    return (s32)current->cred->egid;
}

s32 sys_setuid32(u32 uid)
{
    return set_one(USERS, uid);
}

s32 sys_setgid32(u32 gid)
{
    return set_one(GROUPS, gid);
}

s32 sys_setreuid32(u32 ruid, u32 euid)
{
    return set_two(USERS, ruid, euid);
}

s32 sys_setregid32(u32 rgid, u32 egid)
{
    return set_two(GROUPS, rgid, egid);
}

s32 sys_setresuid32(u32 ruid, u32 euid, u32 suid)
{
    return set_three(USERS, ruid, euid, suid);
}

s32 sys_setresgid32(u32 rgid, u32 egid, u32 sgid)
{
    return set_three(GROUPS, rgid, egid, sgid);
}

s32 sys_setfsuid32(u32 uid)
{
    return set_files(USERS, uid);
}

s32 sys_setfsgid32(u32 gid)
{
    return set_files(GROUPS, gid);
}

static s32 give_three(enum id_kind kind, u32 __user *real,
                      u32 __user *effective, u32 __user *saved)
{
    const struct ids ids = ids_of(current->cred, kind);

    if (put_user(ids.real, real) || put_user(ids.effective, effective))
        return -EFAULT;
    return put_user(ids.saved, saved);
}

s32 sys_getresuid32(u32 __user *ruid, u32 __user *euid, u32 __user *suid)
{
    return give_three(USERS, ruid, euid, suid);
}

s32 sys_getresgid32(u32 __user *rgid, u32 __user *egid, u32 __user *sgid)
{
    return give_three(GROUPS, rgid, egid, sgid);
}
