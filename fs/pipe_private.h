// fs/pipe_private.h - what pipe.c and pipefs.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/pipe.h>
#include <fs/vfs.h>
#include <kernel/wait.h>
#include <linux/limits.h>
#include <mm/page_alloc.h>

#define PIPE_BYTES PIPE_CAPACITY_BYTES
#define PIPE_PAGES (PIPE_BYTES / PAGE_SIZE)

struct pipe {
    struct mutex lock;
    struct wait_queue queue;        // anything has changed
    u8 *pages[PIPE_PAGES];          // NULL: no bytes there
    u32 head;                       // place of the first byte
    u32 used;                       // bytes
    bool held;                      // they are under way to a file
    u32 readers, writers;           // open files
    u32 reader_opens, writer_opens; // ever: for opens that wait
};

// What poll calls room.
static inline bool pipe_has_room(const struct pipe *pipe)
{
    return PIPE_BYTES - pipe->used >= PIPE_BUF;
}

// Whether a reader need not wait: there are bytes, or there will be none.
static inline bool pipe_may_take(const struct pipe *pipe)
{
    return (pipe->used && !pipe->held) || (!pipe->used && !pipe->writers);
}

// pipe_take_bytes - as many as there are, and as @it takes; pipe->lock is held.
// Return: how many; -EFAULT.
ssize_t pipe_take_bytes(struct pipe *pipe, struct io_iter *it);

// pipe_alloc - empty, without users. NULL: no memory.
struct pipe *pipe_alloc(void);

// pipe_free - of @inode: nobody has it open; what was not read is lost.
void pipe_free(struct inode *inode);

// pipe_count_open - @file, of an inode with a pipe, is open.
void pipe_count_open(struct pipe *pipe, const struct file *file);
