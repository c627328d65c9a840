// include/fs/flock.h - flock(2): one lock per open file, on the whole of it
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;
struct inode;

// file_flock - hold @type (F_RDLCK, F_WRLCK) through @file, or nothing
// (F_UNLCK). Return: 0; -EWOULDBLOCK: somebody else's is in the way and not
// @wait (what @file held before is gone, as on Linux); -ERESTARTSYS; -ENOMEM.
__must_check int file_flock(struct file *file, u32 type, bool wait);

// file_flock_release - at the last close.
void file_flock_release(struct file *file);

// flock_list_destroy - the inode goes; nobody holds a lock.
void flock_list_destroy(struct inode *inode);
