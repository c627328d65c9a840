// kernel/sys_caps.c - capabilities: their calls, and what setuid does to them
// SPDX-License-Identifier: MIT
//
// Source: capabilities(7). What exec does is in exec_cred.c. There are no
// capabilities of files (extended attributes) and no user namespaces.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/uaccess.h>
#include <linux/prctl.h>

#include "cred_internal.h"

// Of the superuser as an owner of files: these come and go with fsuid.
#define BIT(capability) (1ull << (capability))
#define CAPS_OF_FILES                                                          \
    (BIT(CAP_CHOWN) | BIT(CAP_MKNOD) | BIT(CAP_DAC_OVERRIDE) |                 \
     BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) |            \
     BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MAC_OVERRIDE))

// ---- setuid ----------------------------------------------------------------

static bool has_root(const struct cred *cred)
{
    return cred->uid == 0 || cred->euid == 0 || cred->suid == 0;
}

void caps_follow_users(struct cred *new, const struct cred *old)
{
    if (new->securebits & SECBIT_NO_SETUID_FIXUP)
        return;
    if (has_root(old) && !has_root(new)) {
        if (!(new->securebits &SECBIT_KEEP_CAPS))
            new->permitted = new->effective = 0;
        new->ambient = 0;
    }
    if (old->euid == 0 && new->euid != 0)
        new->effective = 0;
    if (old->euid != 0 && new->euid == 0)
        new->effective = new->permitted;
}

void caps_follow_file_user(struct cred *new, const struct cred *old)
{
    if (new->securebits & SECBIT_NO_SETUID_FIXUP)
        return;
    if (old->fsuid == 0 && new->fsuid != 0)
        new->effective &= ~CAPS_OF_FILES;
    if (old->fsuid != 0 && new->fsuid == 0)
        new->effective |= new->permitted &CAPS_OF_FILES;
}

// ---- capget, capset --------------------------------------------------------

// How many words a set has in the version that the program speaks; one that is
// not known is answered with the one to speak. Return: 0; -EFAULT; -EINVAL.
static int check_version(struct __user_cap_header_struct __user *header,
                         u32 *out_words)
{
    u32 version;

    if (get_user(version, &header->version))
        return -EFAULT;
    switch (version) {
    case _LINUX_CAPABILITY_VERSION_1:
        *out_words = _LINUX_CAPABILITY_U32S_1;
        return 0;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3:
        *out_words = _LINUX_CAPABILITY_U32S_3;
        return 0;
    default: break;
    }
    if (put_user((u32)_LINUX_CAPABILITY_VERSION_3, &header->version))
        return -EFAULT;
    return -EINVAL;
}

s32 sys_capget(struct __user_cap_header_struct __user *header,
               struct __user_cap_data_struct __user *data)
{
    struct __user_cap_data_struct out[_LINUX_CAPABILITY_U32S_3];
    const struct task *task;
    u32 words, i;
    s32 pid;
    int error = check_version(header, &words);

    if (error || !data) // asking for the version only
        return !data && error == -EINVAL ? 0 : error;
    if (get_user(pid, &header->pid))
        return -EFAULT;
    if (pid < 0)
        return -EINVAL;
    task = pid ? task_find(pid) : current;
    if (!task)
        return -ESRCH;
    for (i = 0; i < words; i++) {
        out[i].effective = (u32)(task->cred->effective >> (32 * i));
        out[i].permitted = (u32)(task->cred->permitted >> (32 * i));
        out[i].inheritable = (u32)(task->cred->inheritable >> (32 * i));
    }
    return copy_to_user(data, out, words * sizeof(out[0]));
}

// The sets that capset(2) gives. Return: 0; -EPERM.
static int set_caps(struct cred *new, u64 effective, u64 permitted,
                    u64 inheritable)
{
    const struct cred *old = current->cred;

    if (!capable(CAP_SETPCAP) &&
        (inheritable & ~(old->inheritable | old->permitted)))
        return -EPERM;
    if ((inheritable & ~(old->inheritable | old->bounding)) ||
        (permitted & ~old->permitted) || (effective & ~permitted))
        return -EPERM;
    new->effective = effective;
    new->permitted = permitted;
    new->inheritable = inheritable;
    new->ambient &= permitted &inheritable;
    return 0;
}

s32 sys_capset(struct __user_cap_header_struct __user *header,
               const struct __user_cap_data_struct __user *data)
{
    struct __user_cap_data_struct in[_LINUX_CAPABILITY_U32S_3] = {{0}};
    u64 effective, permitted, inheritable;
    struct cred *new;
    u32 words;
    s32 pid;
    int error = check_version(header, &words);

    if (error)
        return error;
    if (get_user(pid, &header->pid))
        return -EFAULT;
    if (pid != 0 && pid != current->pid)
        return -EPERM;
    if (copy_from_user(in, data, words * sizeof(in[0])))
        return -EFAULT;
    // Bits without a meaning are dropped.
    effective = (in[0].effective | (u64)in[1].effective << 32) & CAPS_ALL;
    permitted = (in[0].permitted | (u64)in[1].permitted << 32) & CAPS_ALL;
    inheritable = (in[0].inheritable | (u64)in[1].inheritable << 32) & CAPS_ALL;
    new = cred_prepare();
    if (!new)
        return -ENOMEM;
    error = set_caps(new, effective, permitted, inheritable);
    if (error)
        cred_put(new);
    else
        cred_commit(new);
    return error;
}

// ---- prctl -----------------------------------------------------------------

static int drop_bounding(struct cred *new, u32 capability)
{
    if (!capable(CAP_SETPCAP))
        return -EPERM;
    if (capability > CAP_LAST_CAP)
        return -EINVAL;
    new->bounding &= ~BIT(capability);
    return 0;
}

// A lock stays, and what it locks; nothing unknown.
static int set_securebits(struct cred *new, u32 bits)
{
    u32 old = new->securebits;

    if ((((old & SECURE_ALL_LOCKS) >> 1) & (old ^ bits)) ||
        (old & SECURE_ALL_LOCKS & ~bits) ||
        (bits & ~(u32)(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) ||
        !capable(CAP_SETPCAP))
        return -EPERM;
    new->securebits = bits;
    return 0;
}

static int set_keepcaps(struct cred *new, u32 keep)
{
    if (keep > 1)
        return -EINVAL;
    if (new->securebits & SECBIT_KEEP_CAPS_LOCKED)
        return -EPERM;
    new->securebits &= ~(u32)SECBIT_KEEP_CAPS;
    if (keep)
        new->securebits |= SECBIT_KEEP_CAPS;
    return 0;
}

static int change_ambient(struct cred *new, u32 how, u32 capability)
{
    if (how == PR_CAP_AMBIENT_CLEAR_ALL) {
        if (capability)
            return -EINVAL;
        new->ambient = 0;
        return 0;
    }
    if (capability > CAP_LAST_CAP ||
        (how != PR_CAP_AMBIENT_RAISE && how != PR_CAP_AMBIENT_LOWER))
        return -EINVAL;
    if (how == PR_CAP_AMBIENT_LOWER) {
        new->ambient &= ~BIT(capability);
        return 0;
    }
    if (!(new->permitted &new->inheritable &BIT(capability)) ||
        (new->securebits &SECBIT_NO_CAP_AMBIENT_RAISE))
        return -EPERM;
    new->ambient |= BIT(capability);
    return 0;
}

static int change(struct cred *new, u32 option, u32 a, u32 b)
{
    switch (option) {
    case PR_CAPBSET_DROP: return drop_bounding(new, a);
    case PR_SET_SECUREBITS: return set_securebits(new, a);
    case PR_SET_KEEPCAPS: return set_keepcaps(new, a);
    default: return change_ambient(new, a, b);
    }
}

static s32 change_current(u32 option, u32 a, u32 b)
{
    struct cred *new = cred_prepare();
    int error;

    if (!new)
        return -ENOMEM;
    error = change(new, option, a, b);
    if (error)
        cred_put(new);
    else
        cred_commit(new);
    return error;
}

s32 caps_prctl(u32 option, u32 a, u32 b, u32 c, u32 d)
{
    const struct cred *me = current->cred;

    switch (option) {
    case PR_CAPBSET_READ:
        return a > CAP_LAST_CAP ? -EINVAL : (me->bounding & BIT(a)) != 0;
    case PR_GET_SECUREBITS: return (s32)me->securebits;
    case PR_GET_KEEPCAPS: return (me->securebits & SECBIT_KEEP_CAPS) != 0;
    case PR_CAP_AMBIENT:
        if (c || d)
            return -EINVAL;
        if (a != PR_CAP_AMBIENT_IS_SET)
            return change_current(option, a, b);
        return b > CAP_LAST_CAP ? -EINVAL : (me->ambient & BIT(b)) != 0;
    case PR_CAPBSET_DROP:
    case PR_SET_SECUREBITS:
    case PR_SET_KEEPCAPS: return change_current(option, a, b);
    default: return -ENOSYS;
    }
}
