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
// whole disk, or a disk that is never written; -EINVAL: neither a partition nor
// a file with blocks of its own, or with a hole, or not with a good header, or
// the partition holds something of somebody's (include/drivers/
// disk_signature.h); -ENOENT: the file was removed; -EIO; -EINTR; -ENOMEM; what
// swap_on returns. Context: task, sleeps.
__must_check int swap_on_path(const struct path *path, s32 priority);

// swap_on_by_word - what the command line's swap= asks for: "auto", which is
// all partitions of Faultline's own type for swap (block_is_our_swap), or one
// of them, as "/dev/sda3", "PARTLABEL=x" or "PARTUUID=x". Partitions of other
// types are for swapon(8) alone: a label may be anybody's, a person looks.
// What goes wrong is logged; the system runs without swap, too.
// Context: boot.
void swap_on_by_word(const char *word);

// swap_off_path - Return: as opening it for writing; as swap_off.
__must_check int swap_off_path(const struct path *path);
