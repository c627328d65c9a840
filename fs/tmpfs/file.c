// fs/tmpfs/file.c - content of files and links of tmpfs
// SPDX-License-Identifier: MIT
//
// The pages are shmem's (mm/shmem.c), which also counts them: each against the
// size limit before it is made. Here are the calls, and what seals forbid
// (seals.c says who sets them).
//
// A write asks for the seals twice: before it begins, and, with the inode
// locked, for each page, since a seal may have been set in between. The first
// time alone would be too early; the second alone would leave pages behind that
// were made in vain.

#include <fs/file.h>
#include <fs/shmem.h>
#include <lib/string.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <mm/shmem.h>

#include "tmpfs.h"

#define WRITE_SEALS (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

static u32 seals_of(const struct inode *inode)
{
    return tmpfs_node_of(inode)->seals;
}

static int tmpfs_truncate(struct inode *inode, u64 size)
{
    u64 old = inode->mapping.size_bytes;

    if (size > (u64)0xffffffffu << PAGE_SHIFT)
        return -EFBIG;
    if ((size < old && (seals_of(inode) & F_SEAL_SHRINK)) ||
        (size > old && (seals_of(inode) & F_SEAL_GROW)))
        return -EPERM;
    return shmem_truncate(&inode->mapping, size);
}

static int tmpfs_readlink(struct inode *inode, char *buf, u32 size)
{
    const char *target = tmpfs_node_of(inode)->target;
    u32 length = min(size, (u32)strlen(target));

    memcpy(buf, target, length);
    return (int)length;
}

static int tmpfs_may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

const struct inode_ops tmpfs_file_inode_ops = {
    .readlink = tmpfs_readlink,
    .truncate = tmpfs_truncate,
    .may_set_attributes = tmpfs_may_set_attributes,
};

// ---- write -----------------------------------------------------------------

static int tmpfs_prepare_write(struct mapping *mapping, struct page *page,
                               u64 end_bytes)
{
    const struct inode *inode = mapping->host;
    u32 seals = seals_of(inode);

    (void)page;
    if ((seals & WRITE_SEALS) ||
        ((seals & F_SEAL_GROW) && end_bytes > mapping->size_bytes))
        return -EPERM;
    return 0;
}

const struct mapping_ops tmpfs_mapping_ops = {
    .get_page = shmem_get_page,
    .prepare_write = tmpfs_prepare_write,
};

static ssize_t tmpfs_write(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct inode *inode = file->inode;
    u64 at = *pos, size = inode->mapping.size_bytes;

    if (seals_of(inode) & WRITE_SEALS)
        return it->left ? -EPERM : 0;
    if (file->flags & O_APPEND)
        at = size;
    if ((seals_of(inode) & F_SEAL_GROW) && at + it->left > size) {
        // What lies in whole pages below the end can be written.
        size &= ~(u64)(PAGE_SIZE - 1);
        if (at >= size)
            return -EPERM;
        it->left = (u32)(size - at);
    }
    return mapped_write(file, it, pos);
}

// ---- positions -------------------------------------------------------------

static s64 tmpfs_llseek(struct file *file, s64 offset, u32 whence)
{
    const struct mapping *mapping = &file->inode->mapping;
    u64 pos = (u64)offset;
    u32 index, found;

    if (whence != SEEK_DATA && whence != SEEK_HOLE)
        return mapped_llseek(file, offset, whence);
    if (offset < 0 || pos >= mapping->size_bytes)
        return -ENXIO;
    index = (u32)(pos >> PAGE_SHIFT);
    found = shmem_seek(mapping, index, whence == SEEK_DATA);
    if (found != index)
        pos = (u64)found << PAGE_SHIFT;
    if (pos >= mapping->size_bytes) {
        if (whence == SEEK_DATA)
            return -ENXIO;
        pos = mapping->size_bytes;
    }
    file->pos = pos;
    return (s64)pos;
}

// ---- fallocate -------------------------------------------------------------

// Zero the parts of the first and the last page, drop those between.
static int punch(struct mapping *mapping, u64 start, u64 end)
{
    u64 first = ALIGN_UP(start, (u64)PAGE_SIZE);
    u64 last = ALIGN_DOWN(end, (u64)PAGE_SIZE);
    int err = 0;

    if (first > last) // within one page
        return shmem_zero(mapping, start, (u32)(end - start));
    if (start < first)
        err = shmem_zero(mapping, start, (u32)(first - start));
    if (!err && last < end)
        err = shmem_zero(mapping, last, (u32)(end - last));
    if (!err && first < last)
        shmem_punch(mapping, (u32)(first >> PAGE_SHIFT),
                    (u32)(last >> PAGE_SHIFT) - 1);
    return err;
}

static int reserve(struct inode *inode, u32 mode, u64 start, u64 end)
{
    struct mapping *mapping = &inode->mapping;
    int err;

    if ((seals_of(inode) & F_SEAL_GROW) && end > mapping->size_bytes)
        return -EPERM;
    err = shmem_reserve(mapping, (u32)(start >> PAGE_SHIFT),
                        (u32)((end - 1) >> PAGE_SHIFT));
    if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > mapping->size_bytes)
        mapping->size_bytes = end;
    return err;
}

static int tmpfs_fallocate(struct file *file, u32 mode, u64 pos, u64 bytes)
{
    struct inode *inode = file->inode;
    int err;

    if (mode & ~(u32)(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
        return -EOPNOTSUPP;
    mutex_lock(&inode->lock);
    if (!(mode & FALLOC_FL_PUNCH_HOLE))
        err = reserve(inode, mode, pos, pos + bytes);
    else if (seals_of(inode) & WRITE_SEALS)
        err = -EPERM;
    else
        err = punch(&inode->mapping, pos, pos + bytes);
    if (!err)
        inode_touch(inode);
    mutex_unlock(&inode->lock);
    return err;
}

// ---- mmap ------------------------------------------------------------------

static void vma_open(struct vm_area *vma)
{
    file_get(vma->file);
}

static void vma_close(struct vm_area *vma)
{
    file_put(vma->file);
}

static const struct vm_operations tmpfs_vm_operations = {
    .open = vma_open,
    .close = vma_close,
    .nopage = shmem_nopage,
    .is_ours = file_vma_is_ours,
};

static int tmpfs_bind_vma(struct file *file, struct vm_area *vma)
{
    u32 seals = seals_of(file->inode);

    if (vma->flags & VM_SHARED) {
        if ((seals & F_SEAL_WRITE) && (vma->flags & VM_MAYWRITE))
            return -EPERM;
        if (seals & F_SEAL_FUTURE_WRITE) {
            if (vma->flags & VM_WRITE)
                return -EPERM;
            vma->flags &= ~(u32)VM_MAYWRITE;
        }
    }
    file_get(file);
    vma->file = file;
    vma->mapping = &file->inode->mapping;
    vma->ops = &tmpfs_vm_operations;
    file_touch_accessed(file);
    return 0;
}

const struct file_ops tmpfs_file_ops = {
    .read = mapped_read,
    .write = tmpfs_write,
    .llseek = tmpfs_llseek,
    .fallocate = tmpfs_fallocate,
    .bind_vma = tmpfs_bind_vma,
};
