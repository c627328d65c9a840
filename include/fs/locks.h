// include/fs/locks.h - locks on files: flock(2), and fcntl(2)'s of both kinds
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/lock_range.h>

struct file;
struct files;
struct inode;

enum lock_kind {
    LOCK_FLOCK, // of an open file, on the whole; knows nothing of the others
    LOCK_POSIX, // of a descriptor table, on a range
    LOCK_OFD,   // of an open file, on a range
};

// file_lock - hold @mode on bytes @start to @last of @file (LOCK_MODE_NONE:
// nothing). @files: the owner of LOCK_POSIX.
// Return: 0; -EAGAIN: somebody else's is in the way, and not @wait (of
// LOCK_FLOCK, what @file held before is gone, as on Linux); -EDEADLK (POSIX);
// -ERESTARTSYS; -ENOMEM. Context: task, may sleep.
__must_check int file_lock(struct file *file, enum lock_kind kind,
                           struct files *files, enum lock_mode mode, u64 start,
                           u64 last, bool wait);

// file_lock_test - what would be in the way of a LOCK_POSIX or LOCK_OFD, in
// *@out. Return: false: nothing.
bool file_lock_test(struct file *file, enum lock_kind kind, struct files *files,
                    enum lock_mode mode, u64 start, u64 last,
                    struct lock_range *out);

// locks_table_closed - @files lets go of a descriptor of @file: all that it
// holds by LOCK_POSIX on that file goes, whatever other descriptors there are.
// locks_file_gone - the last close of @file.
// locks_inode_gone - nobody holds anything.
void locks_table_closed(struct file *file, struct files *files);
void locks_file_gone(struct file *file);
void locks_inode_gone(struct inode *inode);

// locks_for_each - all that is held, for /proc/locks; @show does not sleep.
void locks_for_each(void (*show)(void *arg, enum lock_kind kind,
                                 const struct inode *inode,
                                 const struct lock_range *range),
                    void *arg);
