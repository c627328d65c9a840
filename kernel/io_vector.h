// kernel/io_vector.h - the segments of a call, brought in from user memory
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/io.h>
#include <linux/uio.h>

#define RW_BYTES_MAX 0x7ffff000u // of one call, as on Linux

struct io_vector {
    struct iovec few[UIO_FASTIOV];
    struct iovec *segments; // few, or allocated
    struct io_iter it;
};

// io_vector_get - copied and checked; what is beyond RW_BYTES_MAX is cut.
// Return: 0; -EINVAL; -EFAULT; -ENOMEM. Then nothing is to be put. May sleep.
__must_check int io_vector_get(const struct iovec __user *user, u32 count,
                               struct io_vector *out);
void io_vector_put(struct io_vector *vector);

// io_segment_get - the same of one. Return: 0; -EFAULT.
__must_check int io_segment_get(const void __user *buf, u32 bytes,
                                struct iovec *segment, struct io_iter *it);
