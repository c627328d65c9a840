// kernel/sys_attr.h - what changing modes and owners shares with changing times
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct path;

// path_of_open - of an open file, held; but not of one opened with O_PATH.
// Return: 0; -EBADF.
__must_check int path_of_open(s32 fd, struct path *out);

// attr_check_changeable - whether attributes of this file can be changed at
// all. Return: 0; -EROFS; -EPERM; what the file system says.
__must_check int attr_check_changeable(const struct path *path);
