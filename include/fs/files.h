// include/fs/files.h - the descriptor table of a process
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;
struct files; // counted

struct files *files_create(void);                 // NULL: no memory
struct files *files_get(struct files *files);     // clone(CLONE_FILES)
struct files *files_fork(struct files *files);    // a copy; NULL: no memory
bool files_are_shared(const struct files *files); // by several tasks
void files_put(struct files *files);              // may sleep
void files_exec(struct files *files); // close the close-on-exec ones

// file_from_fd - of the current task, with a reference. NULL: -EBADF.
struct file *file_from_fd(int fd);

// files_install - lowest free descriptor >= @min; takes over the reference.
// Return: fd; -EMFILE; -ENOMEM.
__must_check int files_install(struct file *file, int min, bool cloexec);
