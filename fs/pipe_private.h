// fs/pipe_private.h - what pipe.c and pipefs.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/vfs.h>

// pipe_alloc - empty, without users. NULL: no memory.
struct pipe *pipe_alloc(void);

// pipe_free - of @inode: nobody has it open; what was not read is lost.
void pipe_free(struct inode *inode);

// pipe_count_open - @file, of an inode with a pipe, is open.
void pipe_count_open(struct pipe *pipe, const struct file *file);
