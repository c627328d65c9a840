// fs/names.h - checks that names.c and rename.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/vfs.h>

// names_check_directory - may the walker change names where it stands?
// Return: 0; -EROFS; -EACCES.
__must_check int names_check_directory(const struct walk *walk);

// names_check_sticky - in a directory with the sticky bit, only owners remove.
// Return: 0; -EPERM.
__must_check int names_check_sticky(const struct walk *walk,
                                    const struct inode *inode);
