// kernel/io_vector.c - the segments of a call, brought in from user memory
// SPDX-License-Identifier: MIT

#include "io_vector.h"

#include <kernel/uaccess.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

// Checks the segments and adds them up; what is beyond RW_BYTES_MAX is cut.
static int check_segments(struct iovec *segments, u32 count, u32 *out_bytes)
{
    u32 total = 0, i;

    for (i = 0; i < count; i++) {
        struct iovec *segment = &segments[i];
        const void __user *base = (void __user __force *)segment->iov_base;

        if ((s32)segment->iov_len < 0)
            return -EINVAL;
        if (!user_range_ok(base, segment->iov_len))
            return -EFAULT;
        segment->iov_len = min((u32)segment->iov_len, RW_BYTES_MAX - total);
        total += segment->iov_len;
    }
    *out_bytes = total;
    return 0;
}

int io_vector_get(const struct iovec __user *user, u32 count,
                  struct io_vector *out)
{
    u32 bytes;
    int rc;

    if (count > UIO_MAXIOV)
        return -EINVAL;
    out->segments = out->few;
    if (count > UIO_FASTIOV) {
        out->segments = kmalloc(count * sizeof(*user), GFP_KERNEL);
        if (!out->segments)
            return -ENOMEM;
    }
    rc = copy_from_user(out->segments, user, count * sizeof(*user));
    if (!rc)
        rc = check_segments(out->segments, count, &bytes);
    if (rc && out->segments != out->few)
        kfree(out->segments);
    if (!rc)
        io_init(&out->it, out->segments, bytes, IO_USER);
    return rc;
}

void io_vector_put(struct io_vector *vector)
{
    if (vector->segments != vector->few)
        kfree(vector->segments);
}

int io_segment_get(const void __user *buf, u32 bytes, struct iovec *segment,
                   struct io_iter *it)
{
    bytes = min(bytes, RW_BYTES_MAX);
    if (!user_range_ok(buf, bytes))
        return -EFAULT;
    *segment = (struct iovec){(void __force *)buf, bytes};
    io_init(it, segment, bytes, IO_USER);
    return 0;
}
