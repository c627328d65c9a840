// include/fs/io.h - where the bytes of a read go to, or of a write come from
// SPDX-License-Identifier: MIT
//
// An io_iter walks over the segments of a readv or writev, in user memory (or
// kernel memory, for exec and sendfile), and is used up as bytes are moved.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct iovec;
struct page;

enum io_space {
    IO_USER,
    IO_KERNEL,
};

struct io_iter {
    const struct iovec *segment; // the current one; the array is the caller's
    u32 offset;                  // bytes of it that are used up
    u32 left;                    // bytes in all that are not
    enum io_space space;
    bool nowait; // as if the file were O_NONBLOCK: for pipes and sockets
};

// @left is the sum of the segments.
void io_init(struct io_iter *it, const struct iovec *segments, u32 left,
             enum io_space space);

// io_put - copy @bytes (at most it->left) from @src to where the iterator is.
// io_get - the other way. Return: bytes moved; fewer than asked: a fault.
// Context: task, may sleep.
u32 io_put(struct io_iter *it, const void *src, u32 bytes);
u32 io_get(struct io_iter *it, void *dst, u32 bytes);

// The same without sleeping: a user page that is not there ends the copy.
u32 io_put_atomic(struct io_iter *it, const void *src, u32 bytes);
u32 io_get_atomic(struct io_iter *it, void *dst, u32 bytes);

// io_put_zeros - as io_put.
u32 io_put_zeros(struct io_iter *it, u32 bytes);

// io_prefault - bring in what the next io_get_atomic of @bytes will read.
// Return: 0; -EFAULT: not even the first byte can be read. May sleep.
__must_check int io_prefault(struct io_iter *it, u32 bytes);

// io_put_page - page_copy_fn for mapping_read: @arg is the iterator.
u32 io_put_page(void *arg, struct page *page, u32 offset, u32 bytes);
