// include/fs/init.h - file systems at boot
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// fs_init - caches; registers ext2, tmpfs, proc, devfs. Needs mm_init.
void fs_init(void);

// fs_mount_root - @root is the command line's word ("PARTLABEL=...",
// "/dev/sda2", "initramfs"); for initramfs the archives are unpacked into a
// tmpfs; @writable is about a disk. Also mounts devfs on /dev and proc on /proc
// when these exist. Return: 0 or -errno, logged. Context: task.
__must_check int fs_mount_root(const char *root, bool writable,
                               const void *initramfs, u64 initramfs_bytes,
                               const void *overlay, u64 overlay_bytes);
