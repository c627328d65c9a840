// fs/permission.c - who may do what to a file
// SPDX-License-Identifier: MIT
//
// Source: path_resolution(7), capabilities(7). A walk asks this of each
// directory, so what everybody may is answered first, without looking at who
// asks.

#include <fs/permission.h>

#include <fs/inode.h>
#include <kernel/cred.h>

#define EVERY_CLASS 0111u // one bit of owner, group and others

// What goes beyond the mode.
static bool is_overridden(const struct inode *inode, u32 mask,
                          const struct cred *cred)
{
    if (S_ISDIR(inode->mode) || mask == MAY_READ)
        if (!(mask & MAY_WRITE) && cred_has(cred, CAP_DAC_READ_SEARCH))
            return true;
    // To run a file somebody must be allowed to.
    return (S_ISDIR(inode->mode) || !(mask & MAY_EXEC) ||
            (inode->mode & EVERY_CLASS)) &&
           cred_has(cred, CAP_DAC_OVERRIDE);
}

static __noinline int check_class(const struct inode *inode, u32 mask,
                                  const struct cred *cred)
{
    u32 bits = inode->mode;

    if (cred->fsuid == inode->uid)
        bits >>= 6;
    else if (cred_in_group(cred, inode->gid))
        bits >>= 3;
    if (!(mask & ~bits) || is_overridden(inode, mask, cred))
        return 0;
    return inode->ops->permits && inode->ops->permits(inode) ? 0 : -EACCES;
}

int inode_permission(const struct inode *inode, u32 mask,
                     const struct cred *cred)
{
    if (!(mask * EVERY_CLASS & ~inode->mode))
        return 0;
    if (cred->fsuid == inode->uid && !(mask & ~(inode->mode >> 6)))
        return 0;
    return check_class(inode, mask, cred);
}

bool inode_is_owner(const struct inode *inode, const struct cred *cred)
{
    return cred->fsuid == inode->uid || cred_has(cred, CAP_FOWNER);
}

bool inode_in_group(const struct inode *inode, const struct cred *cred)
{
    return cred_in_group(cred, inode->gid) || cred_has(cred, CAP_FSETID);
}

// S_ISGID without the group's x is not a right of programs, but to be kept by
// those of the group only.
void inode_drop_set_ids_always(struct inode *inode)
{
    u32 drop = S_ISUID;

    if ((inode->mode & S_IXGRP) || !inode_in_group(inode, current->cred))
        drop |= S_ISGID;
    if (!(inode->mode & drop))
        return;
    inode->mode &= ~drop;
    inode_mark_dirty(inode);
}

void inode_drop_set_ids(struct inode *inode)
{
    if ((inode->mode & (S_ISUID | S_ISGID)) && S_ISREG(inode->mode) &&
        !capable(CAP_FSETID))
        inode_drop_set_ids_always(inode);
}

void inode_init_owner(struct inode *inode, const struct inode *dir)
{
    const u32 runs_as_group = S_ISGID | S_IXGRP;

    inode->uid = current->cred->fsuid;
    inode->gid = current->cred->fsgid;
    if (!(dir->mode & S_ISGID))
        return;
    inode->gid = dir->gid;
    if (S_ISDIR(inode->mode))
        inode->mode |= S_ISGID;
    else if ((inode->mode & runs_as_group) == runs_as_group &&
             !inode_in_group(dir, current->cred))
        inode->mode &= ~(u32)S_ISGID;
}
