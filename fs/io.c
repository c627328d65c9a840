// fs/io.c - moving bytes between the kernel and the segments of a read or write
// SPDX-License-Identifier: MIT
//
// One loop (io_move) takes the segments in turn; what differs - direction,
// user or kernel memory, sleeping or not - is a small enum. The atomic forms
// are for copies under a page lock or a kmap_atomic window: a fault there
// would take mm->lock, or the same page lock, so it must not happen; the
// caller prefaults, tries, and tries again.

#include <fs/io.h>

#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/uio.h>
#include <mm/highmem.h>

enum io_direction {
    IO_TO_ITER,
    IO_FROM_ITER,
    IO_ZERO_ITER,
};

void io_init(struct io_iter *it, const struct iovec *segments, u32 left,
             enum io_space space)
{
    *it = (struct io_iter){.segment = segments, .left = left, .space = space};
}

// Return: bytes NOT moved.
static u32 move_piece(enum io_space space, void *base, void *buf, u32 bytes,
                      enum io_direction direction)
{
    void __user *user = (void __user __force *)base;

    if (space == IO_USER) {
        if (!user_range_ok(user, bytes))
            return bytes;
        switch (direction) {
        case IO_TO_ITER: return arch_copy_to_user(user, buf, bytes);
        case IO_FROM_ITER: return arch_copy_from_user(buf, user, bytes);
        case IO_ZERO_ITER: return arch_clear_user(user, bytes);
        }
    }
    switch (direction) {
    case IO_TO_ITER: memcpy(base, buf, bytes); break;
    case IO_FROM_ITER: memcpy(buf, base, bytes); break;
    case IO_ZERO_ITER: memset(base, 0, bytes); break;
    }
    return 0;
}

static u32 io_move(struct io_iter *it, u8 *buf, u32 bytes,
                   enum io_direction direction)
{
    u32 moved = 0;

    ASSERT(bytes <= it->left);
    while (moved < bytes) {
        const struct iovec *segment = it->segment;
        u32 here = min((u32)segment->iov_len - it->offset, bytes - moved);
        u32 missed = 0;

        if (here)
            missed = move_piece(it->space, (u8 *)segment->iov_base + it->offset,
                                buf ? buf + moved : NULL, here, direction);
        here -= missed;
        moved += here;
        it->offset += here;
        it->left -= here;
        if (missed)
            break;
        if (it->offset == segment->iov_len) {
            it->segment++;
            it->offset = 0;
        }
    }
    return moved;
}

u32 io_put(struct io_iter *it, const void *src, u32 bytes)
{
    return io_move(it, (u8 *)(uintptr_t)src, bytes, IO_TO_ITER);
}

u32 io_get(struct io_iter *it, void *dst, u32 bytes)
{
    return io_move(it, dst, bytes, IO_FROM_ITER);
}

u32 io_put_zeros(struct io_iter *it, u32 bytes)
{
    return io_move(it, NULL, bytes, IO_ZERO_ITER);
}

u32 io_put_atomic(struct io_iter *it, const void *src, u32 bytes)
{
    u32 moved;

    pagefault_disable();
    moved = io_put(it, src, bytes);
    pagefault_enable();
    return moved;
}

u32 io_get_atomic(struct io_iter *it, void *dst, u32 bytes)
{
    u32 moved;

    pagefault_disable();
    moved = io_get(it, dst, bytes);
    pagefault_enable();
    return moved;
}

// One byte of each page of the current segment is enough: a copy that ends
// early has made progress, and the caller comes again.
int io_prefault(struct io_iter *it, u32 bytes)
{
    struct io_iter probe = *it;
    const u8 __user *from;
    u32 here, offset;
    u8 byte;

    if (it->space == IO_KERNEL || !it->left)
        return 0;
    while (probe.offset == probe.segment->iov_len) {
        probe.segment++;
        probe.offset = 0;
    }
    from = (const u8 __user __force *)probe.segment->iov_base + probe.offset;
    here = min((u32)probe.segment->iov_len - probe.offset, bytes);
    if (get_user(byte, from))
        return -EFAULT;
    // Later pages: one that is missing shortens the copy, no more.
    for (offset = PAGE_SIZE; offset < here; offset += PAGE_SIZE)
        if (get_user(byte, from + offset))
            break;
    return 0;
}

u32 io_put_page(void *arg, struct page *page, u32 offset, u32 bytes)
{
    struct io_iter *it = arg;
    u8 *window = kmap_atomic(page);
    u32 moved = io_put_atomic(it, window + offset, bytes);

    kunmap_atomic(window);
    if (moved < bytes) {
        window = kmap(page);
        moved += io_put(it, window + offset + moved, bytes - moved);
        kunmap(page);
    }
    return moved;
}
