// include/kernel/swap_backing.h - swap areas on block devices and in files
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct path;

// swap_on_path - claim the partition, or lock the file, that @path names, read
// its header and swap to it. The area keeps @path (a reference of its own).
// Return: 0; -EISDIR, -EROFS, -EACCES, ...: as opening it for writing; -ENXIO:
// a node without a device; -EBUSY: claimed by another, or on already; -EPERM: a
// whole disk; -EINVAL: neither a partition nor a file with blocks of its own,
// or with a hole, or not with a good header; -ENOENT: the file was removed;
// -EIO; -EINTR; -ENOMEM; what swap_on returns. Context: task, sleeps.
__must_check int swap_on_path(const struct path *path, s32 priority);

// swap_on_by_name - the same for "/dev/sda3", "PARTLABEL=x" or "PARTUUID=x", at
// boot; -ENODEV: none.
__must_check int swap_on_by_name(const char *spec);

// swap_off_path - Return: as opening it for writing; as swap_off.
__must_check int swap_off_path(const struct path *path);
