// include/fs/context.h - root, current directory and umask of a process
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct fs_context; // counted
struct path;

struct fs_context *fs_context_create(void); // at the root; NULL: no memory
struct fs_context *fs_context_get(struct fs_context *context);
struct fs_context *fs_context_fork(struct fs_context *context);
void fs_context_put(struct fs_context *context);
// fs_context_exec_begin, _end - around an exec of a task that uses it: between
// the look at who shares it and the last thread's end nobody more is to
// (fs_context_in_exec: clone(2) with CLONE_FS is refused).
void fs_context_exec_begin(struct fs_context *context);
void fs_context_exec_end(struct fs_context *context);
bool fs_context_in_exec(const struct fs_context *context);
u32 fs_context_users(const struct fs_context *context); // who shares it

// Of @context (NULL, kernel threads: the root of everything), held.
void fs_context_root(const struct fs_context *context, struct path *out);
void fs_context_cwd(const struct fs_context *context, struct path *out);

u32 fs_context_umask(const struct fs_context *context);

// Of the current task. @path is not used up. May sleep.
void fs_set_root(const struct path *path);
void fs_set_cwd(const struct path *path);
u32 fs_umask(void);
u32 fs_set_umask(u32 umask); // Return: the old one
