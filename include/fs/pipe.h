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

#define PIPE_CAPACITY_BYTES 65536u // of every pipe

// Flags of splice(2), tee(2) and vmsplice(2), which no uapi header has.
#define SPLICE_MOVE     1u
#define SPLICE_NONBLOCK 2u
#define SPLICE_MORE     4u
#define SPLICE_GIFT     8u
#define SPLICE_FLAGS    (SPLICE_MOVE | SPLICE_NONBLOCK | SPLICE_MORE | SPLICE_GIFT)

bool file_is_pipe(const struct file *file);

// splice(2) and tee(2): up to @bytes (not 0), fewer if that would take more
// than one wait, which @nowait forbids. Positions move by what was moved.
// Return: bytes; 0: the end; -EAGAIN; -ERESTARTSYS; -EPIPE, with SIGPIPE;
// -ENOMEM; what the file says. Context: task, no lock above the files'.
__must_check ssize_t pipe_to_file(struct file *pipe, struct file *out, u64 *pos,
                                  u32 bytes, bool nowait);
__must_check ssize_t pipe_from_file(struct file *in, u64 *pos,
                                    struct file *pipe, u32 bytes, bool nowait);
enum pipe_transfer {
    PIPE_MOVE,
    PIPE_COPY, // the bytes stay in @from, too
};
__must_check ssize_t pipe_to_pipe(struct file *from, struct file *to, u32 bytes,
                                  enum pipe_transfer transfer, bool nowait);
