// include/fs/types.h - the file systems there are
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct chardev;
struct fs_type;

extern struct fs_type ext2_type;
extern struct fs_type tmpfs_type;
extern struct fs_type procfs_type;
extern struct fs_type devfs_type;
extern struct fs_type devpts_type;

// mem_devices_init - /dev/null, zero, full, random, urandom.
void mem_devices_init(void);

// kmsg_device_init - /dev/kmsg.
void kmsg_device_init(void);

// initramfs_unpack - a cpio archive into the tree at the root. Return: 0;
// -EINVAL: damaged; -ENOMEM, -ENOSPC, ... What was unpacked stays.
__must_check int initramfs_unpack(const void *data, u64 bytes);
