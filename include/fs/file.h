// include/fs/file.h - open files, as exec and mmap see them
// SPDX-License-Identifier: MIT
//
// (The VFS's own headers are beside this one: vfs.h, files.h, context.h.)
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;
struct vm_area;

// file_open_exec - open a program by path (relative to the current task's
// directory): regular, executable by the caller.
// Return: 0; -ENOENT, -EACCES, -ENOEXEC (not regular is -EACCES), ... May
// sleep.
__must_check int file_open_exec(const char *path, struct file **out);

void file_get(struct file *file);
void file_put(struct file *file); // the last one closes; may sleep

u64 file_size(const struct file *file);

// file_read_kernel - into kernel memory at @pos; short only at the end.
// Return: bytes; -errno. May sleep.
ssize_t file_read_kernel(struct file *file, void *buf, size_t bytes, u64 pos);

// file_check_map - whether @bytes from page @pgoff on can be mapped with
// @vm_flags (VM_SHARED, VM_WRITE, VM_EXEC): no sleep. Return: 0; -EOVERFLOW:
// beyond what the file can reach; -EACCES: not open for that; -EPERM: to be
// run, from a mount that forbids it; -ENODEV: cannot be mapped.
__must_check int file_check_map(const struct file *file, u32 vm_flags,
                                u32 pgoff, u32 bytes);

// file_forbids_exec - it lies on a mount whose files are not to be run.
bool file_forbids_exec(const struct file *file);

// file_bind_vma - mmap: set @vma's ops, mapping and file (with a reference
// that ops->close drops). The bind function of struct mmap_request.
// Return: 0; as file_check_map; what the kind of file says.
__must_check int file_bind_vma(struct file *file, struct vm_area *vma);

// file_vma_is_ours - vm_operations.is_ours: the current task owns the file, or
// may write to it. No sleep.
bool file_vma_is_ours(const struct vm_area *vma);

// file_path - as /proc/PID/maps shows it. Return: buf or a constant.
const char *file_path(const struct file *file, char *buf, size_t size);
