// fs/ext2/super.h - between super.c and mount.c
// SPDX-License-Identifier: MIT
#pragma once

#include "ext2.h"

extern const struct super_ops ext2_super_ops;

bool ext2_is_readonly(const struct ext2_fs *fs);
u32 ext2_now_s(void);

// ext2_parse_options - Return: 0; -EINVAL, logged.
__must_check int ext2_parse_options(const char *options);

// ext2_claim - arm the device, or make it safe. Return: 0; -EROFS: it cannot be
// written; -EBUSY: somebody else has it.
__must_check int ext2_claim(struct ext2_fs *fs, bool writable);

// ext2_check_writable - Return: 0; -EINVAL, logged: features that allow reading
// only.
__must_check int ext2_check_writable(const struct ext2_fs *fs);

// ext2_begin_writing - it is about to be written: not clean from now on. Counts
// are as the disk has them. Return: 0; -EIO; -ENOMEM.
__must_check int ext2_begin_writing(struct ext2_fs *fs);

// ext2_free - all that a mounted one has in memory; also half of it.
void ext2_free(struct ext2_fs *fs);
