// include/fs/anon.h - open files that have no place in the tree
// SPDX-License-Identifier: MIT
//
// What epoll_create, eventfd and their like give. All are of one inode.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;
struct file_ops;
struct inode;
struct inode_ops;
struct mount;
struct path;

// anon_init - the file system they live in.
void anon_init(void);

// anon_file_create - @name is what /proc/PID/fd shows: "anon_inode:[eventfd]".
// @flags: O_*; @private is the file's from now on, for ops->release.
// Return: 0; -ENOMEM. May sleep.
__must_check int anon_file_create(const char *name, const struct file_ops *ops,
                                  void *private, u32 flags, struct file **out);

// anon_file_install - give @file a descriptor, which takes it over; @flags:
// O_CLOEXEC. Return: fd; -ENOMEM, -EMFILE: @file is closed.
__must_check s32 anon_file_install(struct file *file, u32 flags);

// anon_file_is - whether @file was made with @ops. Any file may be asked about.
bool anon_file_is(const struct file *file, const struct file_ops *ops);

// anon_file_from_fd - of the current task, if it was made with @ops; with a
// reference. Return: 0; -EBADF; -EINVAL: another kind of file.
__must_check int anon_file_from_fd(s32 fd, const struct file_ops *ops,
                                   struct file **out);

// anon_path_create - a path to a new inode of an internal file system, of the
// caller's; its name is "@kind:[number]". Return: 0; -ENOMEM. May sleep.
__must_check int anon_path_create(struct mount *mount, u32 mode,
                                  const struct inode_ops *ops, const char *kind,
                                  struct path *out);

// anon_may_set_attributes - for inode_ops of such: the owner may. Return: 0.
int anon_may_set_attributes(struct inode *inode);
