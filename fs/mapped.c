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
// A page is made ready (room on the store) before it is changed, and dirty with
// the change; the size grows with each page. So when the store is full half
// way, what was written before is there, and its length is the result.
//
// Locking: inode->lock during a write; readers take no lock, and may see part
// of a write under way, as on Linux.

#include <fs/vfs.h>

#include <fs/file.h>
#include <fs/permission.h>
#include <fs/sync.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <linux/fs.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <mm/highmem.h>
#include <mm/writeback.h>

// Without O_LARGEFILE positions stay below 2 GiB.
#define SMALL_FILE_MAX 0x7fffffffull
// With it: as far as a 32-bit page index reaches.
#define LARGE_FILE_MAX ((u64)0xffffffffu << PAGE_SHIFT)

ssize_t mapped_read(struct file *file, struct io_iter *it, u64 *pos)
{
    s64 rc;

    if (!it->left || *pos >= file->inode->mapping.size_bytes)
        return 0;
    file_touch_accessed(file);
    rc = mapping_read(&file->inode->mapping, *pos, it->left, &file->readahead,
                      io_put_page, it);
    if (rc > 0)
        *pos += (u64)rc;
    return (ssize_t)rc;
}

// @page is locked. Return: bytes; 0: the source had gone; -errno.
static ssize_t fill_page(struct mapping *mapping, struct page *page,
                         struct io_iter *it, u64 pos, u32 bytes)
{
    u32 offset = (u32)pos & (PAGE_SIZE - 1), copied;
    u8 *window;
    int rc;

    rc = mapping->ops->prepare_write
             ? mapping->ops->prepare_write(
                   mapping, page, max(mapping->size_bytes, pos + bytes))
             : 0;
    if (rc)
        return rc;
    window = kmap_atomic(page);
    copied = io_get_atomic(it, window + offset, bytes);
    kunmap_atomic(window);
    if (!copied)
        return 0;
    page_mark_dirty(page);
    if (pos > mapping->size_bytes)
        mapping_grow(mapping, pos); // the gap is zeros
    if (pos + copied > mapping->size_bytes)
        mapping->size_bytes = pos + copied;
    return (ssize_t)copied;
}

// Writes within one page. Return: bytes, 0: try again; -errno.
static ssize_t write_page(struct mapping *mapping, struct io_iter *it, u64 pos)
{
    u32 offset = (u32)pos & (PAGE_SIZE - 1);
    u32 bytes = min(it->left, PAGE_SIZE - offset);
    struct page *page;
    ssize_t rc;

    rc = io_prefault(it, bytes);
    if (rc)
        return rc;
    rc = mapping_grab_page(mapping, (u32)(pos >> PAGE_SHIFT), &page);
    if (rc)
        return rc;
    rc = fill_page(mapping, page, it, pos, bytes);
    if (rc <= 0 && page->index >= mapping_pages(mapping))
        (void)mapping_drop_page(page); // made for this write, beyond the end
    page_unlock(page);
    page_put(page);
    return rc;
}

ssize_t mapped_write_pages(struct mapping *mapping, write_page_fn write,
                           struct io_iter *it, u64 *pos)
{
    ssize_t total = 0, rc = 0;

    while (it->left) {
        rc = write(mapping, it, *pos);
        if (rc < 0)
            break;
        total += rc;
        *pos += (u64)rc;
        if (task_fatal_pending(current)) {
            rc = -EINTR;
            break;
        }
        writeback_throttle();
        cond_resched();
    }
    return total ? total : rc;
}

static ssize_t write_locked(struct inode *inode, struct io_iter *it, u64 *pos)
{
    ssize_t rc = mapped_write_pages(&inode->mapping, write_page, it, pos);

    if (rc > 0) {
        inode_drop_set_ids(inode);
        inode_touch(inode);
    }
    return rc;
}

// How much of a write at @pos the limits allow. Return: 0; -EFBIG: nothing.
static int check_limits(const struct file *file, struct io_iter *it, u64 pos)
{
    u64 most = (file->flags & O_LARGEFILE) ? LARGE_FILE_MAX : SMALL_FILE_MAX;
    u32 limit = current->process->limits[RLIMIT_FSIZE].soft;

    if (limit != TASK_LIMIT_INFINITY) {
        if (pos >= limit) {
            signal_send_simple(current, SIGXFSZ);
            return -EFBIG;
        }
        most = min(most, (u64)limit);
    }
    if (pos >= most)
        return -EFBIG;
    if (it->left > most - pos)
        it->left = (u32)(most - pos);
    return 0;
}

ssize_t mapped_write(struct file *file, struct io_iter *it, u64 *pos)
{
    struct inode *inode = file->inode;
    ssize_t rc;
    u64 start;
    int err;

    if (!it->left)
        return inode->swapfile ? -ETXTBSY : 0;
    mutex_lock(&inode->lock);
    if (file->flags & O_APPEND)
        *pos = inode->mapping.size_bytes;
    start = *pos;
    rc = inode->swapfile ? -ETXTBSY : check_limits(file, it, start);
    if (!rc)
        rc = write_locked(inode, it, pos);
    mutex_unlock(&inode->lock);
    if (rc <= 0 || !(file->flags & O_DSYNC))
        return rc;
    err = file_sync(file, start, *pos - 1,
                    file->flags & __O_SYNC ? FILE_SYNC_ALL : FILE_SYNC_DATA);
    return err ? err : rc;
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

static int mapped_page_mkwrite(struct vm_area *vma, struct page *page)
{
    if (vma->file->inode->swapfile)
        return -ETXTBSY;
    inode_touch(vma->file->inode);
    return mapping_make_writable(vma->mapping, page);
}

static const struct vm_operations mapped_vm_operations = {
    .open = vma_open,
    .close = vma_close,
    .nopage = pagecache_nopage,
    .page_mkwrite = mapped_page_mkwrite,
    .is_ours = file_vma_is_ours,
};

int mapped_bind_vma(struct file *file, struct vm_area *vma)
{
    if (file->inode->swapfile && (vma->flags & VM_SHARED) &&
        (vma->flags & VM_WRITE))
        return -ETXTBSY;
    file_get(file);
    vma->file = file;
    vma->mapping = &file->inode->mapping;
    vma->readahead = &file->readahead;
    vma->ops = &mapped_vm_operations;
    file_touch_accessed(file);
    return 0;
}
