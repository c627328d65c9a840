// fs/mapped.c - files whose bytes are their inode's mapping
// SPDX-License-Identifier: MIT
//
// read, write and mmap of regular files (and read of block devices), all
// through the page cache.
//
// Writing: source bytes may lie in a mapping of the very page written, so no
// user page is faulted in while a page is locked. The source is touched first;
// then, with the page locked, copied with faults disabled. If the source was
// taken away in between, nothing is copied and it is tried again.
//
// Only file systems whose pages have no other store are written so far (tmpfs):
// pages are not marked dirty.
//
// Locking: inode->lock during a write; readers take no lock, and may see part
// of a write under way, as on Linux.

#include <fs/vfs.h>

#include <kernel/task.h>
#include <linux/fs.h>
#include <mm/highmem.h>

// Without O_LARGEFILE positions stay below 2 GiB.
#define SMALL_FILE_MAX 0x7fffffffull
// With it: as far as a 32-bit page index reaches.
#define LARGE_FILE_MAX ((u64)0xffffffffu << PAGE_SHIFT)

ssize_t mapped_read(struct file *file, struct io_iter *it, u64 *pos)
{
    s64 rc;

    if (!it->left || *pos >= file->inode->mapping.size_bytes)
        return 0;
    inode_touch_accessed(file->inode);
    rc = mapping_read(&file->inode->mapping, *pos, it->left, io_put_page, it);
    if (rc > 0)
        *pos += (u64)rc;
    return (ssize_t)rc;
}

// Writes within one page. Return: bytes, 0: try again; -errno.
static ssize_t write_page(struct inode *inode, struct io_iter *it, u64 pos)
{
    u32 offset = (u32)pos & (PAGE_SIZE - 1);
    u32 bytes = min(it->left, PAGE_SIZE - offset), copied;
    struct page *page;
    u8 *window;
    int rc;

    rc = io_prefault(it, bytes);
    if (rc)
        return rc;
    rc = mapping_grab_page(&inode->mapping, (u32)(pos >> PAGE_SHIFT), &page);
    if (rc)
        return rc;
    window = kmap_atomic(page);
    copied = io_get_atomic(it, window + offset, bytes);
    kunmap_atomic(window);
    if (copied && pos + copied > inode->mapping.size_bytes)
        inode->mapping.size_bytes = pos + copied;
    page_unlock(page);
    page_put(page);
    return (ssize_t)copied;
}

// Whoever writes takes the rights of its owner off a program.
static void drop_set_ids(struct inode *inode)
{
    if (current->euid == 0)
        return;
    inode->mode &= ~(u32)S_ISUID;
    if (inode->mode & S_IXGRP)
        inode->mode &= ~(u32)S_ISGID;
}

static ssize_t write_locked(struct inode *inode, struct io_iter *it, u64 *pos)
{
    ssize_t total = 0, rc = 0;

    while (it->left) {
        rc = inode->ops->reserve ? inode->ops->reserve(inode, *pos) : 0;
        if (rc == 0)
            rc = write_page(inode, it, *pos);
        if (rc < 0)
            break;
        total += rc;
        *pos += (u64)rc;
        if (task_fatal_pending(current)) {
            rc = -EINTR;
            break;
        }
        cond_resched();
    }
    if (total) {
        drop_set_ids(inode);
        inode_touch(inode);
    }
    return total ? total : rc;
}

ssize_t mapped_write(struct file *file, struct io_iter *it, u64 *pos)
{
    u64 limit = (file->flags & O_LARGEFILE) ? LARGE_FILE_MAX : SMALL_FILE_MAX;
    struct inode *inode = file->inode;
    ssize_t rc = 0;

    if (!it->left)
        return 0;
    mutex_lock(&inode->lock);
    if (file->flags & O_APPEND)
        *pos = inode->mapping.size_bytes;
    if (*pos >= limit) {
        rc = -EFBIG;
        goto out_unlock;
    }
    if (it->left > limit - *pos)
        it->left = (u32)(limit - *pos);
    rc = write_locked(inode, it, pos);
out_unlock:
    mutex_unlock(&inode->lock);
    return rc;
}

static s64 seek(struct file *file, s64 offset, u32 whence, u64 size)
{
    s64 pos;

    switch (whence) {
    case SEEK_SET: pos = offset; break;
    case SEEK_CUR: pos = (s64)file->pos + offset; break;
    case SEEK_END: pos = (s64)size + offset; break;
    case SEEK_DATA: // no hole is told apart: all is data, the end is a hole
        if (offset < 0 || (u64)offset >= size)
            return -ENXIO;
        pos = offset;
        break;
    case SEEK_HOLE:
        if (offset < 0 || (u64)offset >= size)
            return -ENXIO;
        pos = (s64)size;
        break;
    default: return -EINVAL;
    }
    if (pos < 0)
        return -EINVAL;
    file->pos = (u64)pos;
    return pos;
}

s64 mapped_llseek(struct file *file, s64 offset, u32 whence)
{
    return seek(file, offset, whence, file->inode->mapping.size_bytes);
}

s64 dir_llseek(struct file *file, s64 offset, u32 whence)
{
    return whence == SEEK_SET || whence == SEEK_CUR
               ? seek(file, offset, whence, 0)
               : -EINVAL;
}

static void vma_open(struct vm_area *vma)
{
    file_get(vma->file);
}

static void vma_close(struct vm_area *vma)
{
    file_put(vma->file);
}

static const struct vm_operations mapped_vm_operations = {
    .open = vma_open,
    .close = vma_close,
    .nopage = pagecache_nopage,
};

int mapped_bind_vma(struct file *file, struct vm_area *vma)
{
    file_get(file);
    vma->file = file;
    vma->mapping = &file->inode->mapping;
    vma->ops = &mapped_vm_operations;
    inode_touch_accessed(file->inode);
    return 0;
}

const struct file_ops regular_file_ops = {
    .read = mapped_read,
    .llseek = mapped_llseek,
    .bind_vma = mapped_bind_vma,
};
