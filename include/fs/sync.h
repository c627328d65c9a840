// include/fs/sync.h - bringing data to where it survives the power going off
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;
struct super;

enum file_sync_kind {
    FILE_SYNC_DATA, // fdatasync: content, and what is needed to read it
    FILE_SYNC_ALL,  // fsync: times and modes too
};

// file_sync - the bytes [start, last] of the file's content, its inode, and
// what of the file system's tables they need are on the medium when this
// returns 0. Return: -EIO, -ENOSPC ...: something could not be written, now or
// since this open file was last told; -EINVAL: it has no store. May sleep; no
// inode lock held.
__must_check int file_sync(struct file *file, u64 start, u64 last,
                           enum file_sync_kind kind);

// file_write_errors - what went wrong since this open file was last told.
// Return: 0; -errno.
int file_write_errors(struct file *file);

// fs_sync - all of a file system. fs_sync_all - of all that are mounted; what
// fails is in the log. May sleep.
__must_check int fs_sync(struct super *super);
void fs_sync_all(void);

// fs_sync_init - boot: the flusher comes here for inodes.
void fs_sync_init(void);
