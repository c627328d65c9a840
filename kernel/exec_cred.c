// kernel/exec_cred.c - who a program runs as
// SPDX-License-Identifier: MIT
//
// Source: execve(2), capabilities(7). The set-user-id and set-group-id bits of
// the file that is loaded count (of a script's interpreter, not of the script),
// then what user 0 has in capabilities. Files have no capabilities of their
// own: there are no extended attributes.

#include <fs/context.h>
#include <fs/permission.h>
#include <fs/vfs.h>
#include <linux/mount.h>
#include <linux/personality.h>

#include "cred_internal.h"
#include "exec_internal.h"

static void take_file_owner(struct exec *x, struct cred *new)
{
    const struct inode *inode = x->file->inode;
    const u32 runs_as_group = S_ISGID | S_IXGRP;

    if (current->no_new_privs || (x->file->path.mount->flags & MS_NOSUID))
        return;
    if (inode->mode & S_ISUID)
        new->euid = inode->uid;
    if ((inode->mode & runs_as_group) == runs_as_group)
        new->egid = inode->gid;
    if ((inode->mode & S_ISUID) || new->egid != current->cred->egid)
        x->personality &= ~(u32)PER_CLEAR_ON_SETID;
}

// Whether others than the threads of this process have its root and its
// directory, and could change them under a program with more rights.
static bool shares_places(void)
{
    const struct task *task;
    u32 own = 0;

    list_for_each_entry (task, &task_list, all_link)
        own += task->tgid == current->tgid && task->fs == current->fs;
    return fs_context_users(current->fs) > own;
}

// Who may not gain anything keeps what it is, and of what it may no more than
// before.
static void give_up_gain(struct cred *new, const struct cred *old)
{
    if (current->no_new_privs || !cred_has(old, CAP_SETUID)) {
        new->euid = new->uid;
        new->egid = new->gid;
    }
    new->permitted &= old->permitted;
}

// The capabilities of @new, whose ids are those of the file.
// Return: whether the program has to take care: AT_SECURE.
static bool take_caps(struct cred *new, const struct cred *old)
{
    bool is_set_id = new->euid != old->uid || new->egid != old->gid;
    bool makes_effective = false;

    new->permitted = 0;
    if (!(new->securebits &SECBIT_NOROOT) &&
        (new->euid == 0 || new->uid == 0)) {
        new->permitted = new->bounding | new->inheritable;
        makes_effective = new->euid == 0;
    }
    if ((is_set_id || (new->permitted & ~old->permitted)) &&
        (current->no_new_privs || shares_places()))
        give_up_gain(new, old);
    if (is_set_id)
        new->ambient = 0;
    new->permitted |= new->ambient;
    new->effective = makes_effective ? new->permitted : new->ambient;
    return is_set_id || (new->uid != 0 &&
                         (makes_effective || (new->permitted & ~new->ambient)));
}

int exec_prepare_cred(struct exec *x)
{
    struct cred *new = cred_prepare();

    if (!new)
        return -ENOMEM;
    x->cred = new;
    fs_context_exec_begin(current->fs);
    x->holds_places = true;
    take_file_owner(x, new);
    x->is_secure = take_caps(new, current->cred);
    new->suid = new->fsuid = new->euid;
    new->sgid = new->fsgid = new->egid;
    new->securebits &= ~(u32)SECBIT_KEEP_CAPS;
    return 0;
}

void exec_note_readable(struct exec *x, const struct file *file)
{
    if (inode_permission(file->inode, MAY_READ, current->cred))
        x->is_unreadable = true;
}

bool exec_is_dumpable(const struct exec *x)
{
    return !x->is_unreadable && x->cred->uid == x->cred->euid &&
           x->cred->gid == x->cred->egid;
}
