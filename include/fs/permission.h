// include/fs/permission.h - who may do what to a file
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct cred;
struct inode;

enum access_mask { // as in access(2)
    MAY_EXEC = 1,
    MAY_WRITE = 2,
    MAY_READ = 4,
};

// inode_permission - whether @cred may do all of @mask: by the mode, by the
// owner and the group, and by the capabilities that go beyond them.
// Return: 0; -EACCES.
__must_check int inode_permission(const struct inode *inode, u32 mask,
                                  const struct cred *cred);

// inode_is_owner - the owner, or with CAP_FOWNER: may change mode and times.
bool inode_is_owner(const struct inode *inode, const struct cred *cred);

// inode_in_group - in the group of the file, or with CAP_FSETID: may have
// S_ISGID there.
bool inode_in_group(const struct inode *inode, const struct cred *cred);

// inode_drop_set_ids - content was changed, or is to be: a program with the
// rights of its owner loses them, unless the current task has CAP_FSETID.
// inode_drop_set_ids_always - for the same after a change of the owner.
void inode_drop_set_ids(struct inode *inode);
void inode_drop_set_ids_always(struct inode *inode);

// inode_init_owner - of one that the current task makes in @dir: user, group,
// and what S_ISGID of @dir does to the mode.
void inode_init_owner(struct inode *inode, const struct inode *dir);
