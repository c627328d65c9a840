// kernel/sys_sync.c - bringing data to its store; advice on reading it
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>
#include <kernel/sys_proc.h>

#include <asm/mman.h>
#include <base/bits.h>
#include <fs/bdev.h>
#include <fs/files.h>
#include <fs/sync.h>
#include <fs/vfs.h>
#include <kernel/task.h>
#include <linux/fadvise.h>
#include <linux/fs.h>
#include <mm/mm.h>

#include "sys_path.h"

#define NO_END (~0ull)

static u64 join(u32 low, u32 high)
{
    return (u64)high << 32 | low;
}

s32 sys_sync(void)
{
    fs_sync_all();
    return 0;
}

static s32 sync_file(s32 fd, enum file_sync_kind kind)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = file_sync(file, 0, NO_END, kind);
    file_put(file);
    return rc;
}

s32 sys_fsync(s32 fd)
{
    return sync_file(fd, FILE_SYNC_ALL);
}

s32 sys_fdatasync(s32 fd)
{
    return sync_file(fd, FILE_SYNC_DATA);
}

s32 sys_syncfs(s32 fd)
{
    struct path path;
    int rc = path_from_fd(fd, &path);

    if (rc)
        return rc;
    rc = fs_sync(path.mount->super);
    path_put(&path);
    return rc;
}

// ---- ranges ----------------------------------------------------------------

// The content of an open file that has pages, or NULL.
static struct mapping *mapping_of(const struct file *file)
{
    const struct inode *inode = file->inode;

    if (S_ISREG(inode->mode))
        return &((struct inode *)inode)->mapping;
    return S_ISBLK(inode->mode) ? bdev_mapping(file->private) : NULL;
}

// Page number of a byte; the last there is for all beyond.
static u32 page_of(u64 pos)
{
    return (u32)min(pos >> PAGE_SHIFT, 0xffffffffull);
}

static s32 sync_range(struct file *file, u64 pos, u64 bytes, u32 flags)
{
    struct mapping *mapping = mapping_of(file);
    u32 first = page_of(pos);
    u32 last = bytes ? page_of(pos + bytes - 1) : page_of(NO_END);

    if (!mapping)
        return S_ISDIR(file->inode->mode) || S_ISLNK(file->inode->mode)
                   ? 0
                   : -ESPIPE;
    if (flags & SYNC_FILE_RANGE_WAIT_BEFORE)
        mapping_wait_written(mapping, first, last);
    if (flags & SYNC_FILE_RANGE_WRITE)
        mapping_start_write(mapping, first, last);
    if (flags & SYNC_FILE_RANGE_WAIT_AFTER)
        mapping_wait_written(mapping, first, last);
    return flags & (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER)
               ? file_write_errors(file)
               : 0;
}

s32 sys_sync_file_range(s32 fd, u32 pos_low, u32 pos_high, u32 bytes_low,
                        u32 bytes_high, u32 flags)
{
    u64 pos = join(pos_low, pos_high), bytes = join(bytes_low, bytes_high);
    struct file *file;
    s32 rc;

    if (flags & ~(u32)(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                       SYNC_FILE_RANGE_WAIT_AFTER))
        return -EINVAL;
    if ((s64)pos < 0 || (s64)bytes < 0 || (s64)(pos + bytes) < 0)
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    rc = sync_range(file, pos, bytes, flags);
    file_put(file);
    return rc;
}

// ---- msync -----------------------------------------------------------------

// What of [at, end) lies in the shared mapping of a file that begins there.
struct sync_part {
    struct file *file; // held, or NULL: nothing to write
    u64 start, last;   // bytes of the file
    user_addr_t next;  // where the rest of the range begins
};

// Return: 0; 1: the range is through; -EBUSY. mm->lock is held. *@hole: some of
// what was passed over is not mapped.
static int next_part(struct mm *mm, user_addr_t at, user_addr_t end, u32 flags,
                     bool *hole, struct sync_part *part)
{
    struct vm_area *vma = vma_find(&mm->areas, at);

    if (!vma || user_before(at, vma->start)) {
        *hole = true;
        if (!vma || flags == MS_ASYNC || !user_before(vma->start, end))
            return 1;
        at = vma->start;
    }
    if ((flags & MS_INVALIDATE) && (vma->flags & VM_LOCKED))
        return -EBUSY;
    part->file = NULL;
    part->next = user_before(vma->end, end) ? vma->end : end;
    if ((flags & MS_SYNC) && vma->file && (vma->flags & VM_SHARED)) {
        part->file = vma->file;
        file_get(part->file);
        part->start = (u64)vma_pgoff_of(vma, at) << PAGE_SHIFT;
        part->last = part->start + user_bytes(at, part->next) - 1;
    }
    return 0;
}

// Pages of shared mappings are known to be dirty from the first write on, so
// there is nothing to find in page tables: MS_ASYNC only looks for holes. Files
// are written without mm->lock, which others' faults need.
static int sync_areas(struct mm *mm, user_addr_t at, user_addr_t end, u32 flags)
{
    struct sync_part part;
    bool hole = false;
    int rc;

    while (user_before(at, end)) {
        mutex_lock(&mm->lock);
        rc = next_part(mm, at, end, flags, &hole, &part);
        mutex_unlock(&mm->lock);
        if (rc)
            return rc < 0 ? rc : -ENOMEM;
        if (part.file) {
            rc = file_sync(part.file, part.start, part.last, FILE_SYNC_ALL);
            file_put(part.file);
            if (rc && rc != -EINVAL) // -EINVAL: it has no store
                return rc;
        }
        at = part.next;
    }
    return hole ? -ENOMEM : 0;
}

s32 sys_msync(u32 address, u32 bytes, u32 flags)
{
    u32 rounded = ALIGN_UP(bytes, PAGE_SIZE);

    if ((flags & ~(u32)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
        ((flags & MS_ASYNC) && (flags & MS_SYNC)) || (address & ~PAGE_MASK))
        return -EINVAL;
    // A length that is rounded up to 2^32 is 0, as on Linux.
    if (address + rounded < address)
        return -ENOMEM;
    if (rounded && address >= TASK_SIZE)
        return -ENOMEM;
    return sync_areas(current->mm, user_addr(address),
                      user_addr(address + rounded), flags);
}

// ---- advice ----------------------------------------------------------------

// Whole pages only: what lies in part of one may be wanted.
static void drop_range(struct mapping *mapping, u64 pos, u64 bytes)
{
    u64 first = (pos + PAGE_SIZE - 1) >> PAGE_SHIFT;
    u64 end = bytes ? (pos + bytes) >> PAGE_SHIFT : NO_END >> PAGE_SHIFT;

    // The last page, when the range goes to the end of the file or beyond.
    if (bytes && pos + bytes >= mapping->size_bytes)
        end = mapping_pages(mapping);
    mapping_start_write(mapping, page_of(pos), page_of(NO_END));
    if (first < end)
        mapping_drop_clean(mapping, (u32)first,
                           (u32)min(end - 1, 0xffffffffull));
}

static void need_range(struct mapping *mapping, u64 pos, u64 bytes)
{
    u64 size = mapping->size_bytes;

    if (pos >= size)
        return;
    if (!bytes || bytes > size - pos)
        bytes = size - pos;
    mapping_will_need(mapping, page_of(pos), page_of(pos + bytes - 1));
}

static s32 advise_file(struct file *file, u64 pos, u64 bytes, u32 advice)
{
    struct mapping *mapping = mapping_of(file);

    if (S_ISFIFO(file->inode->mode))
        return -ESPIPE;
    if ((s64)bytes < 0)
        return -EINVAL;
    switch (advice) {
    case POSIX_FADV_NORMAL: file->readahead.hint = READAHEAD_NORMAL; break;
    case POSIX_FADV_RANDOM: file->readahead.hint = READAHEAD_RANDOM; break;
    case POSIX_FADV_SEQUENTIAL:
        file->readahead.hint = READAHEAD_SEQUENTIAL;
        break;
    case POSIX_FADV_WILLNEED:
        if (mapping)
            need_range(mapping, pos, bytes);
        break;
    case POSIX_FADV_DONTNEED:
        if (mapping)
            drop_range(mapping, pos, bytes);
        break;
    case POSIX_FADV_NOREUSE: break;
    default: return -EINVAL;
    }
    return 0;
}

static s32 advise(s32 fd, u64 pos, u64 bytes, u32 advice)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = advise_file(file, pos, bytes, advice);
    file_put(file);
    return rc;
}

s32 sys_fadvise64(s32 fd, u32 pos_low, u32 pos_high, u32 bytes, u32 advice)
{
    return advise(fd, join(pos_low, pos_high), bytes, advice);
}

s32 sys_fadvise64_64(s32 fd, u32 pos_low, u32 pos_high, u32 bytes_low,
                     u32 bytes_high, u32 advice)
{
    return advise(fd, join(pos_low, pos_high), join(bytes_low, bytes_high),
                  advice);
}
