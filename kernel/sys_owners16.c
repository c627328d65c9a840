// kernel/sys_owners16.c - system calls: users and groups, in 16 bits
// SPDX-License-Identifier: MIT
//
// What programs call that are older than Linux 2.4: the calls of sys_owners.c
// and groups.c with narrower numbers.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/ids.h>
#include <kernel/uaccess.h>

s32 sys_getuid(void)
{
    return id_to_16(current->cred->uid);
}

s32 sys_geteuid(void)
{
    return id_to_16(current->cred->euid);
}

s32 sys_getgid(void)
{
    return id_to_16(current->cred->gid);
}

s32 sys_getegid(void)
{
    return id_to_16(current->cred->egid);
}

s32 sys_setuid(u32 uid)
{
    return sys_setuid32(id_from_16(uid));
}

s32 sys_setgid(u32 gid)
{
    return sys_setgid32(id_from_16(gid));
}

s32 sys_setreuid(u32 ruid, u32 euid)
{
    return sys_setreuid32(id_from_16(ruid), id_from_16(euid));
}

s32 sys_setregid(u32 rgid, u32 egid)
{
    return sys_setregid32(id_from_16(rgid), id_from_16(egid));
}

s32 sys_setresuid(u32 ruid, u32 euid, u32 suid)
{
    return sys_setresuid32(id_from_16(ruid), id_from_16(euid),
                           id_from_16(suid));
}

s32 sys_setresgid(u32 rgid, u32 egid, u32 sgid)
{
    return sys_setresgid32(id_from_16(rgid), id_from_16(egid),
                           id_from_16(sgid));
}

s32 sys_setfsuid(u32 uid)
{
    return id_to_16((u32)sys_setfsuid32(id_from_16(uid)));
}

s32 sys_setfsgid(u32 gid)
{
    return id_to_16((u32)sys_setfsgid32(id_from_16(gid)));
}

static s32 give_three(u32 real, u32 effective, u32 saved, u16 __user *to_real,
                      u16 __user *to_effective, u16 __user *to_saved)
{
    if (put_user(id_to_16(real), to_real) ||
        put_user(id_to_16(effective), to_effective))
        return -EFAULT;
    return put_user(id_to_16(saved), to_saved);
}

s32 sys_getresuid(u16 __user *ruid, u16 __user *euid, u16 __user *suid)
{
    const struct cred *me = current->cred;

    return give_three(me->uid, me->euid, me->suid, ruid, euid, suid);
}

s32 sys_getresgid(u16 __user *rgid, u16 __user *egid, u16 __user *sgid)
{
    const struct cred *me = current->cred;

    return give_three(me->gid, me->egid, me->sgid, rgid, egid, sgid);
}
