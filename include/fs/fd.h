// include/fs/fd.h - descriptors, for the calls that work on them and for /proc
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/files.h>

#define FILES_MAX 1024u // descriptors of one process

// files_install_at - as dup2: at @fd, closing what is there. Takes over the
// reference on success. Return: fd; -EBADF: out of range; -ENOMEM. May sleep.
__must_check int files_install_at(struct file *file, s32 fd, bool cloexec);

// files_has_room - whether a descriptor can be had now. Return: 0; -EMFILE;
// -ENOMEM. May sleep.
__must_check int files_has_room(void);

// files_close - of the current task. Return: 0; -EBADF. May sleep.
__must_check int files_close(s32 fd);

// Close-on-exec of the current task's descriptor. Return: 0 (or 1); -EBADF.
__must_check int files_cloexec(s32 fd);
__must_check int files_set_cloexec(s32 fd, bool cloexec);

// files_get_file - as file_from_fd, of any table.
struct file *files_get_file(struct files *files, s32 fd);
// files_next_fd - the lowest open descriptor >= @from; -1: none.
s32 files_next_fd(struct files *files, s32 from);
// files_peek - the same without a reference: good until the caller sleeps.
struct file *files_peek(const struct files *files, s32 fd);
bool files_is_cloexec(const struct files *files, s32 fd);
u32 files_table_size(const struct files *files);
