// include/fs/epoll.h - sets of files that are waited for: epoll(7)
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct epoll;
struct epoll_event;
struct file;

// epoll_create - an empty set, in a file. @flags: O_CLOEXEC.
// Return: fd; -ENOMEM; -EMFILE. May sleep.
__must_check s32 epoll_create(u32 flags);

// epoll_of - the set that @file is. NULL: another kind of file.
struct epoll *epoll_of(const struct file *file);

// epoll_add - look at @file, which is known as @fd there; epoll_modify, and
// epoll_remove - by the same two. The caller holds @file; the set does not, and
// forgets it when it is closed.
// Return: 0; -EEXIST, -ENOENT; -ELOOP: a ring of sets, or too deep; -EINVAL:
// too many ways lead to a file; -ENOSPC: too many items in all; -ENOMEM.
__must_check int epoll_add(struct epoll *epoll, struct file *file, s32 fd,
                           const struct epoll_event *event);
__must_check int epoll_modify(struct epoll *epoll, struct file *file, s32 fd,
                              const struct epoll_event *event);
__must_check int epoll_remove(struct epoll *epoll, struct file *file, s32 fd);

// epoll_wait - up to @max events to @events, until @deadline (fs/poll.h). The
// caller holds the set's file. Return: how many; -EINTR; -EFAULT.
__must_check s32 epoll_wait(struct epoll *epoll,
                            struct epoll_event __user *events, u32 max,
                            u64 deadline);

// epoll_forget_file - @file is about to go: no set looks at it any more.
void epoll_forget_file(struct file *file);
