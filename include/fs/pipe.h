// include/fs/pipe.h - pipes
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;

// pipe_init - the file system that pipes without a name live in.
void pipe_init(void);

// pipe_create - the two ends of a new pipe; @flags: O_NONBLOCK for both.
// Return: 0; -ENOMEM. May sleep.
__must_check int pipe_create(u32 flags, struct file **out_read,
                             struct file **out_write);
