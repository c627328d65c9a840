// fs/cdev.c - open files on character devices
// SPDX-License-Identifier: MIT
//
// Drivers know nothing of files (kernel/chardev.h). They take user addresses
// only, so that sendfile to one is refused (-EINVAL) and the program copies.

#include <fs/vfs.h>

#include <fs/shmem.h>
#include <kernel/chardev.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/uio.h>
#include <mm/shmem.h>
#include <mm/slab.h>

#define MEM_ZERO_MINOR 5u // /dev/zero

struct cdev_file {
    struct chardev *device;
    void *handle;
};

static void cdev_release(struct file *file)
{
    struct cdev_file *opened = file->private;

    if (opened->device->ops->release)
        opened->device->ops->release(opened->handle);
    kfree(opened);
}

// Steps over @bytes, which the driver has moved, of the current segment.
static void advance(struct io_iter *it, u32 bytes)
{
    it->left -= bytes;
    it->offset += bytes;
}

// The current segment's rest; skips those that are used up. @left is not 0.
static void __user *current_segment(struct io_iter *it, u32 *out_bytes)
{
    while (it->offset == it->segment->iov_len) {
        it->segment++;
        it->offset = 0;
    }
    *out_bytes = min((u32)it->segment->iov_len - it->offset, it->left);
    return (u8 __user __force *)it->segment->iov_base + it->offset;
}

// One call of the driver: @bytes to or from @buf. Return: as its read, write.
typedef ssize_t (*move_fn)(const struct cdev_file *opened, void __user *buf,
                           u32 bytes, bool nonblock);

static ssize_t move_in(const struct cdev_file *opened, void __user *buf,
                       u32 bytes, bool nonblock)
{
    return opened->device->ops->read(opened->handle, buf, bytes, nonblock);
}

static ssize_t move_out(const struct cdev_file *opened, void __user *buf,
                        u32 bytes, bool nonblock)
{
    return opened->device->ops->write(opened->handle, buf, bytes, nonblock);
}

// Segment by segment, until the driver has or takes no more.
static ssize_t move_segments(struct file *file, struct io_iter *it,
                             move_fn move)
{
    ssize_t total = 0;

    while (it->left) {
        u32 bytes;
        void __user *buf = current_segment(it, &bytes);
        ssize_t rc = move(file->private, buf, bytes, file_is_nonblocking(file));

        if (rc < 0)
            return total ? total : rc;
        advance(it, (u32)rc);
        total += rc;
        if ((u32)rc < bytes)
            break;
    }
    return total;
}

static ssize_t cdev_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct cdev_file *opened = file->private;

    (void)pos;
    if (!opened->device->ops->read || it->space != IO_USER)
        return -EINVAL;
    return move_segments(file, it, move_in);
}

static ssize_t cdev_write(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct cdev_file *opened = file->private;

    (void)pos;
    if (!opened->device->ops->write || it->space != IO_USER)
        return -EINVAL;
    return move_segments(file, it, move_out);
}

static int cdev_ioctl(struct file *file, u32 command, u32 argument)
{
    struct cdev_file *opened = file->private;

    if (!opened->device->ops->ioctl)
        return -ENOTTY;
    return opened->device->ops->ioctl(opened->handle, command, argument);
}

static u32 cdev_poll(struct file *file, struct wait_queue **queue)
{
    struct cdev_file *opened = file->private;
    u32 events = opened->device->ops->poll(opened->handle, queue);

    if (events & POLLIN)
        events |= POLLRDNORM;
    if (events & POLLOUT)
        events |= POLLWRNORM;
    return events;
}

// Each mapping is memory of its own, shared with those who inherit it.
static int bind_shared_zero(struct vm_area *vma)
{
    u64 bytes = ((u64)vma->pgoff << PAGE_SHIFT) + vma_bytes(vma);
    struct file *zero;
    int rc = shmem_file_create(SHMEM_ZERO_NAME, bytes, 0777, &zero);

    if (rc)
        return rc;
    if (!(vma->flags & VM_NORESERVE))
        rc = shmem_promise(&zero->inode->mapping, vma_pages(vma));
    if (!rc)
        rc = zero->ops->bind_vma(zero, vma);
    file_put(zero); // the area has it, if all went well
    return rc;
}

static int zero_bind_vma(struct file *file, struct vm_area *vma)
{
    (void)file;
    if (vma->flags & VM_SHARED)
        return bind_shared_zero(vma);
    // A private mapping of zeros is anonymous memory, and numbered so.
    vma->pgoff = vma->start.v >> PAGE_SHIFT;
    return 0;
}

// Devices that are always ready have no place, but who seeks or asks for bytes
// at one is not refused: as on Linux.
static s64 ready_llseek(struct file *file, s64 offset, u32 whence)
{
    (void)file;
    (void)offset;
    (void)whence;
    return 0;
}

// epoll(7) refuses these: no poll.
static const struct file_ops ready_file_ops = {
    .release = cdev_release,
    .read = cdev_read,
    .write = cdev_write,
    .ioctl = cdev_ioctl,
    .llseek = ready_llseek,
};

// The one device that can be mapped.
static const struct file_ops zero_file_ops = {
    .release = cdev_release,
    .read = cdev_read,
    .write = cdev_write,
    .ioctl = cdev_ioctl,
    .llseek = ready_llseek,
    .bind_vma = zero_bind_vma,
};

static const struct file_ops *ops_of(const struct chardev *device)
{
    if (device->major == MEM_MAJOR && device->minor == MEM_ZERO_MINOR)
        return &zero_file_ops;
    return device->ops->poll ? &chardev_file_ops : &ready_file_ops;
}

static int cdev_open(struct inode *inode, struct file *file)
{
    struct cdev_file *opened = kzalloc(sizeof(*opened), GFP_KERNEL);
    struct chardev *device;
    int rc;

    if (!opened)
        return -ENOMEM;
    // Behind the allocation: pseudo terminals come and go.
    device = chardev_find(device_major(inode->rdev), device_minor(inode->rdev));
    if (!device) {
        kfree(opened);
        return -ENXIO;
    }
    if (device->file_ops) {
        kfree(opened);
        file->ops = device->file_ops;
        return file->ops->open(inode, file);
    }
    opened->device = device;
    if (device->ops->open) {
        rc = device->ops->open(
            device->device, &opened->handle,
            (file_is_readable(file) ? CHARDEV_READABLE : 0u) |
                (file->flags & O_NOCTTY ? CHARDEV_NOCTTY : 0u));
        if (rc) {
            kfree(opened);
            return rc;
        }
    }
    file->ops = ops_of(device);
    file->private = opened;
    return 0;
}

const struct file_ops chardev_file_ops = {
    .open = cdev_open,
    .release = cdev_release,
    .read = cdev_read,
    .write = cdev_write,
    .poll = cdev_poll,
    .ioctl = cdev_ioctl,
};
